import keyring
import pytest
from fakes.keychain import run_with_keychain
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoBackend
from keyring.backends.null import Keyring as NullBackend
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError, PasswordSetError

from hanolab_dawtools.cloud import credentials
from hanolab_dawtools.cloud.credentials import Key, delete_key, load_key, store_key
from hanolab_dawtools.errors import NoKeychain, UsageError

BASE_URL = "https://api.hanolab.example"
TEXT = "hl_live_0123456789abcdefWXYZ"


class MemoryKeychain(KeyringBackend):
    """A keychain that keeps what it is given, unless it is told to fail."""

    priority = 1

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.failure = failure

    def _fail(self) -> None:
        if self.failure:
            raise self.failure

    def get_password(self, service, username):
        self._fail()
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self._fail()
        self.kept[service, username] = password

    def delete_password(self, service, username):
        self._fail()
        del self.kept[service, username]


class PlaintextKeyring(MemoryKeychain):
    """As the class of this name that writes a readable file."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for variable in (credentials.KEY_VARIABLE, credentials.STORAGE_VARIABLE):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def use(monkeypatch):
    """Make a backend the one that keyring offers."""

    def make_default(backend):
        monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
        return backend

    return make_default


def test_a_key_that_was_stored_is_found_and_says_where(use):
    backend = use(MemoryKeychain())
    assert store_key(BASE_URL, TEXT) == load_key(BASE_URL) == Key(TEXT, "keychain")
    assert backend.kept == {("hanolab", BASE_URL): TEXT}


def test_each_base_url_has_its_own_key(use):
    use(MemoryKeychain())
    store_key(BASE_URL, TEXT)
    assert load_key("http://127.0.0.1:8800") is None


def test_the_variable_beats_the_keychain(use, monkeypatch):
    use(MemoryKeychain())
    store_key(BASE_URL, TEXT)
    monkeypatch.setenv("HANOLAB_API_KEY", "  hl_from_variable_123\n")
    assert load_key(BASE_URL) == Key("hl_from_variable_123", "HANOLAB_API_KEY")


def test_an_empty_variable_counts_as_none(use, monkeypatch):
    use(MemoryKeychain())
    monkeypatch.setenv("HANOLAB_API_KEY", " ")
    assert load_key(BASE_URL) is None


def test_a_key_is_forgotten_once(use):
    use(MemoryKeychain())
    store_key(BASE_URL, TEXT)
    assert delete_key(BASE_URL)
    assert not delete_key(BASE_URL)
    assert load_key(BASE_URL) is None


@pytest.mark.parametrize("backend", [NoBackend(), NullBackend(), PlaintextKeyring()])
def test_what_is_no_keychain_is_refused_and_the_variable_named(use, backend):
    use(backend)
    assert load_key(BASE_URL) is None
    assert not delete_key(BASE_URL)
    with pytest.raises(NoKeychain) as caught:
        store_key(BASE_URL, TEXT)
    assert "HANOLAB_API_KEY" in caught.value.hint
    assert TEXT not in f"{caught.value}{caught.value.hint}"
    assert not getattr(backend, "kept", None)
    with pytest.raises(NoKeychain):
        credentials.check_keychain()


def test_a_keychain_that_only_pretends_is_found_out(use, monkeypatch):
    monkeypatch.setattr(MemoryKeychain, "set_password", lambda *_: None)
    use(MemoryKeychain())
    with pytest.raises(NoKeychain, match="did not keep"):
        store_key(BASE_URL, TEXT)


@pytest.mark.parametrize(
    "failure",
    [KeyringLocked("x"), InitError("x"), PasswordSetError("x"), PasswordDeleteError("x")],
)
@pytest.mark.parametrize("act", [load_key, delete_key, lambda base_url: store_key(base_url, TEXT)])
def test_a_keychain_that_refuses_is_told_as_that(use, act, failure):
    use(MemoryKeychain(failure))
    with pytest.raises(NoKeychain) as caught:
        act(BASE_URL)
    assert "HANOLAB_API_KEY" in caught.value.hint


@pytest.mark.parametrize("text", ["", "  ", "two words", "line\nbreak", "schlüssel", "nul\0"])
def test_what_can_be_no_key_is_refused_before_it_is_kept(use, text):
    backend = use(MemoryKeychain())
    with pytest.raises(UsageError):
        store_key(BASE_URL, text)
    assert not backend.kept


def test_a_storages_secret_may_hold_spaces_and_is_kept_apart(use, monkeypatch):
    backend = use(MemoryKeychain())
    credentials.store_storage_secret("s3:me@bucket", " pass wörd \n")
    assert credentials.load_storage_secret("s3:me@bucket").text == " pass wörd "
    assert backend.kept == {("hanolab-storage", "s3:me@bucket"): " pass wörd "}
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", "other")
    assert credentials.load_storage_secret("s3:me@bucket").origin == "HANOLAB_STORAGE_SECRET"
    assert credentials.delete_storage_secret("s3:me@bucket")


@given(st.text("0123456789xzq", min_size=1, max_size=80))  # letters that no word around it has
def test_a_key_never_shows_more_than_its_last_four_letters(text):
    key = Key(text, "keychain")
    for shown in (key.shown, str(key), f"{key}", repr(key)):
        found = max((n for n in range(1, len(text) + 1) if text[-n:] in shown), default=0)
        assert found <= min(4, len(text) - 1)


def test_only_of_a_long_key_anything_is_shown():
    assert Key("12345678", "keychain").shown == "…"
    assert Key(TEXT, "keychain").shown == "…WXYZ"


def test_a_fingerprint_names_a_key_and_does_not_hold_it():
    key = Key(TEXT, "keychain")
    assert key.fingerprint == Key(TEXT, "HANOLAB_API_KEY").fingerprint
    assert key.fingerprint != Key(f"{TEXT}1", "keychain").fingerprint
    assert len(key.fingerprint) == 16
    assert int(key.fingerprint, 16)


STORE = f"""
from hanolab_dawtools.cloud.credentials import *
assert load_key({BASE_URL!r}) is None
store_key({BASE_URL!r}, {TEXT!r})
store_storage_secret("s3:me@bucket", "secret word")
print(check_keychain())
"""
FIND = f"""
from hanolab_dawtools.cloud.credentials import *
print(load_key({BASE_URL!r}), load_storage_secret("s3:me@bucket").text)
"""
FORGET = f"""
from hanolab_dawtools.cloud.credentials import *
print(delete_key({BASE_URL!r}), delete_key({BASE_URL!r}), load_key({BASE_URL!r}))
"""
REFUSED = f"""
from hanolab_dawtools.cloud.credentials import *
from hanolab_dawtools.errors import NoKeychain
for act in (lambda: store_key({BASE_URL!r}, {TEXT!r}),):
    try:
        act()
    except NoKeychain as error:
        print(error, "|", error.hint)
"""


def test_a_real_keychain_keeps_secrets_between_processes(tmp_path):
    out = run_with_keychain(tmp_path, STORE, FIND, FORGET).splitlines()
    assert out == ["SecretService Keyring", "…WXYZ secret word", "True False None"]


def test_a_real_keychain_that_is_locked_is_told_as_that(tmp_path):
    out = run_with_keychain(tmp_path, REFUSED, is_unlocked=False)
    assert "keychain SecretService Keyring is locked" in out
    assert "HANOLAB_API_KEY" in out
    assert TEXT not in out
