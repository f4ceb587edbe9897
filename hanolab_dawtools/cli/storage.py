"""`hanolab storage`: the place of yours that HanoLab fetches audio from."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.asking import ask, ask_secret, choose
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import NoKeychain, UsageError

app = typer.Typer(help="The place of yours that HanoLab fetches audio from.", no_args_is_help=True)


@dataclass(frozen=True)
class _Question:
    field: str
    text: str
    is_needed: bool = True


@dataclass(frozen=True)
class _Kind:
    """What a kind of storage is asked for; `secret` is empty when it has none of its own."""

    explanation: str
    questions: tuple[_Question, ...] = ()
    secret: str = ""
    more: tuple[str, ...] = ()  # fields that are options only, never asked for


KINDS = {
    "s3": _Kind(
        "a bucket at Amazon S3, Cloudflare R2, Backblaze B2, MinIO, Wasabi …",
        (
            _Question("endpoint", "Endpoint URL (leave empty for Amazon)", is_needed=False),
            _Question("bucket", "Bucket"),
            _Question("region", "Region (leave empty if the service names none)", is_needed=False),
            _Question(
                "access_key_id",
                "Access key id (leave empty to use the AWS_ variables)",
                is_needed=False,
            ),
        ),
        "Secret access key",
        ("prefix", "path_style"),
    ),
    "gcs": _Kind(
        "a bucket at Google Cloud Storage",
        (
            _Question("bucket", "Bucket"),
            _Question(
                "credentials_file",
                "The service account's JSON file (leave empty for GOOGLE_APPLICATION_CREDENTIALS)",
                is_needed=False,
            ),
        ),
        more=("prefix",),
    ),
    "azure": _Kind(
        "a container at Azure Blob Storage",
        (_Question("account", "Storage account"), _Question("bucket", "Container")),
        "Access key",
        ("prefix",),
    ),
    "http": _Kind(
        "a web server of yours that takes HTTP PUT or WebDAV",
        (
            _Question("url", "URL of the folder that files are PUT into"),
            _Question("public_url", "URL it is read from (leave empty if the same)", False),
            _Question("user", "User name (leave empty for a bearer token, or none)", False),
        ),
        "Password or token (empty for none)",
    ),
    "sandbox": _Kind("the upload area of `hanolab sandbox`, to try things"),
}
GUIDE = (
    "HanoLab has no upload: it fetches the audio from a URL. So the audio goes to a place of yours "
    "first, is fetched from there through a link that expires, and is deleted afterwards."
)
SECRET_VARIABLE = "HANOLAB_STORAGE_SECRET"  # noqa: S105 - a variable's name

Text = str | None


def _option(name: str, text: str) -> Any:
    return typer.Option(name, help=text, rich_help_panel="Of the storage")


@app.command()
def setup(
    kind: Annotated[
        str | None, typer.Option(metavar="s3|gcs|azure|http|sandbox", help="What kind it is.")
    ] = None,
    bucket: Annotated[Text, _option("--bucket", "Bucket; azure: container.")] = None,
    prefix: Annotated[Text, _option("--prefix", "Put before every name.")] = None,
    endpoint: Annotated[Text, _option("--endpoint", "s3: URL, if not Amazon's.")] = None,
    region: Annotated[Text, _option("--region", "s3: the bucket's region.")] = None,
    path_style: Annotated[
        bool | None,
        _option("--path-style/--host-style", "s3: the bucket in the path, or in the host's name."),
    ] = None,
    access_key_id: Annotated[Text, _option("--access-key-id", "s3: the key's id.")] = None,
    account: Annotated[Text, _option("--account", "azure: the storage account.")] = None,
    credentials_file: Annotated[
        Text, _option("--credentials-file", "gcs: the service account's JSON file.")
    ] = None,
    url: Annotated[Text, _option("--url", "http: the folder that files are PUT into.")] = None,
    public_url: Annotated[Text, _option("--public-url", "http: where it is read from.")] = None,
    user: Annotated[Text, _option("--user", "http: the user name.")] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Set up the storage: guided, or by options; then check it.

    The secret is asked for, piped in, or in the variable HANOLAB_STORAGE_SECRET; it is kept in the
    system's keychain and in no file.
    """
    given = {
        "bucket": bucket,
        "prefix": prefix,
        "endpoint": endpoint,
        "region": region,
        "path_style": path_style,
        "access_key_id": access_key_id,
        "account": account,
        "credentials_file": credentials_file,
        "url": url,
        "public_url": public_url,
        "user": user,
    }
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        name = _kind(session, kind)
        values = _values(session, name, {k: v for k, v in given.items() if v is not None})
        _keep(session, name, values)
        screen = session.screen
    with open_session(screen) as session:  # which reads the new settings
        _check(session)


@app.command()
def check(as_json: options.Json = False, quiet: options.Quiet = False) -> None:
    """Prove the storage: put a small file, fetch it through its link, delete it."""
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        _check(session)


def _kind(session: Session, given: str | None) -> str:
    if given is not None:
        if given not in KINDS:
            raise UsageError(
                f"--kind {given!r}: there is no such kind of storage",
                hint=f"Kinds: {', '.join(KINDS)}.",
            )
        return given
    if not session.screen.can_ask:
        raise UsageError(
            "the kind of storage is not given, and there is nobody to ask",
            hint=f"Add --kind ({', '.join(KINDS)}) and the options of that kind.",
        )
    session.screen.notice(GUIDE)
    choices = [(name, kind.explanation) for name, kind in KINDS.items()]
    return choose(session.screen, "Which kind of place", choices)


def _values(session: Session, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """All fields of a kind: what was given as options, and the rest asked for."""
    for field in given:
        if field not in {
            *(question.field for question in KINDS[kind].questions),
            *KINDS[kind].more,
        }:
            option = _option_of(field)
            raise UsageError(
                f"{option} means nothing to a storage of kind {kind}", hint=f"Leave {option} out."
            )
    for question in KINDS[kind].questions:
        if question.field in given:
            continue
        if session.screen.can_ask:
            answer = ask(question.text)
            while question.is_needed and not answer:
                answer = ask(f"{question.text} (needed)")
            given[question.field] = answer
        elif question.is_needed:
            option = _option_of(question.field)
            raise UsageError(f"a storage of kind {kind} needs {option}", hint=f"Add {option}.")
    values = {field: value for field, value in given.items() if value != ""}
    _check_values(values)
    return values


def _check_values(values: dict[str, Any]) -> None:
    """Refuse what no setting may hold, before the settings file is touched."""
    from hanolab_dawtools.settings_fields import wrong_storage_field

    wrong = wrong_storage_field(values)
    if wrong is not None:
        field, allowed = wrong
        option = _option_of(field)
        allowed = allowed.removesuffix(", or be left out")
        raise UsageError(
            f"{option} {values[field]!r} cannot be: it must be {allowed}", hint=f"Correct {option}."
        )


def _option_of(field: str) -> str:
    return f"--{field.replace('_', '-')}"


def _keep(session: Session, kind: str, values: dict[str, Any]) -> None:
    """Write the settings, whatever stood there before, and put the secret into the keychain."""
    from hanolab_dawtools.cloud.credentials import check_keychain, store_storage_secret
    from hanolab_dawtools.cloud.storage import StorageSettings
    from hanolab_dawtools.settings_fields import StorageSettings as Fields
    from hanolab_dawtools.settings_writer import update_settings

    secret = _secret(session, kind, values)
    if secret:
        try:
            check_keychain()  # before anything is written
        except NoKeychain as error:
            error.hint = f"Set the variable {SECRET_VARIABLE} to the secret, and run it again."
            raise
    everything = dict.fromkeys(Fields.model_fields) | {"kind": kind} | values
    path = update_settings({"storage": everything})
    if secret:
        fields: dict[str, Any] = {"kind": kind} | values
        store_storage_secret(StorageSettings(**fields).secret_name, secret)
    session.screen.say(f"storage    {kind}, set in {path}")
    if secret:
        session.screen.say("secret     kept in the keychain")


def _secret(session: Session, kind: str, values: dict[str, Any]) -> str:
    """The secret to keep; empty when there is none, or when a variable holds it."""
    import os

    words = KINDS[kind].secret
    if not words or os.environ.get(SECRET_VARIABLE):
        return ""
    if kind == "s3" and not values.get("access_key_id"):
        return ""  # the usual variables of Amazon's tools hold both
    if session.screen.can_ask:
        return ask_secret(f"{words} (not shown)")
    return sys.stdin.readline().strip() if sys.stdin is not None else ""


def _check(session: Session) -> None:
    storage, screen = session.services.storage(), session.screen
    with screen.progress() as progress:
        found = storage.check(stop=session.stop, progress=progress)
    screen.say(f"works      {storage.place}: put, fetched through its link, deleted")
    if found.warning and session.services.settings.storage.kind != "sandbox":
        screen.warn(found.warning)
    screen.document({"place": storage.place, "works": True, "warning": found.warning})
