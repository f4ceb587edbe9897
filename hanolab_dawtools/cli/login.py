"""`hanolab login` and `hanolab logout`: which HanoLab, with which key, and who works by default."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.asking import ask, ask_secret, read_piped_line
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import NoKeychain, UsageError
from hanolab_dawtools.presenters.account import sign_in

if TYPE_CHECKING:
    from hanolab_dawtools.cloud.credentials import Key

KEY_HINT = (
    "Pipe the key in (hanolab login --base-url URL < FILE), or set HANOLAB_API_KEY before it."
)
ENGINES = ("local", "hanolab")

BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="Where the API is, with or without /api/v1; without it you are asked.",
    ),
]
Default = Annotated[
    str | None,
    typer.Option(
        "--engine", metavar="local|hanolab", help="Who works when a command names nobody."
    ),
]


def login(
    base_url: BaseUrl = None,
    engine: Default = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Check a key of the HanoLab API, and keep it in the system's keychain.

    The key is asked for without being shown, or read from what is piped in. A key in the variable
    HANOLAB_API_KEY beats the keychain and is stored nowhere.
    """
    if engine is not None and engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}", hint="Engines: local, hanolab.")
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        url = _base_url(session, base_url)
        key = _key(session, url)
        session.screen.note(f"checking   {url}")
        account = sign_in(session.services, url, key, session.stop)
        key = account.key
        session.screen.say(f"logged in  {url}, with the key {key.shown} ({_kept(key)})")
        session.screen.say(f"voices     {account.n_voices} voice models in this account")
        default = _default_engine(session, engine)
        session.screen.document(
            {
                "base_url": url,
                "key": key.shown,
                "key_origin": key.origin,
                "voices": account.n_voices,
                "engine": default,
            }
        )


def logout(as_json: options.Json = False, quiet: options.Quiet = False) -> None:
    """Forget the key of the HanoLab API. The base URL stays in the settings."""
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        from hanolab_dawtools.cloud.credentials import KEY_VARIABLE, delete_key, load_key

        screen, settings = session.screen, session.services.settings
        was_there = settings.base_url is not None and delete_key(settings.base_url)
        screen.say(
            "The key was removed from the keychain."
            if was_there
            else "There was no key in the keychain."
        )
        left = load_key(settings.base_url) if settings.base_url else None
        if left is not None:
            screen.warn(f"{KEY_VARIABLE} still holds the key {left.shown}: unset it yourself")
        if settings.engine == "hanolab":
            screen.note("The engine in your settings is still hanolab; --engine local goes on.")
        screen.document({"removed": was_there, "left_in": left.origin if left else None})


def _base_url(session: Session, given: str | None) -> str:
    from hanolab_dawtools.cloud.client import normal_base_url

    known = session.services.settings.base_url or ""
    if given is not None:
        return normal_base_url(given)
    if session.screen.can_ask:
        question = "Base URL of the HanoLab API (your account's API page shows it)"
        return normal_base_url(ask(question, default=known))
    if known:
        return normal_base_url(known)
    raise UsageError("the address of the API is not known", hint="Add --base-url URL.")


def _key(session: Session, base_url: str) -> Key:
    """The variable's key, else one that is typed or piped in and can be kept."""
    from hanolab_dawtools.cloud.credentials import (
        KEY_VARIABLE,
        KEYCHAIN,
        Key,
        check_keychain,
        load_key,
    )

    known = load_key(base_url)
    if known is not None and known.origin == KEY_VARIABLE:
        return known
    try:
        check_keychain()  # before anybody types a key that could not be kept
    except NoKeychain as error:
        error.hint = f"Set the variable {KEY_VARIABLE} to the key, and run it again."
        raise
    if session.screen.can_ask:
        return Key(ask_secret("API key (not shown)"), KEYCHAIN)
    if sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("the key cannot be asked for here", hint=KEY_HINT)
    return Key(read_piped_line("the key", hint=KEY_HINT), KEYCHAIN)


def _kept(key: Key) -> str:
    from hanolab_dawtools.cloud.credentials import KEYCHAIN

    if key.origin == KEYCHAIN:
        return "kept in the keychain"
    return f"from the variable {key.origin}; nothing was stored"


def _default_engine(session: Session, asked: str | None) -> str:
    """Say who works by default, and change it if that is wanted; the engine's name."""
    from hanolab_dawtools.settings_writer import update_settings

    screen, name = session.screen, session.services.settings.engine
    wanted: Any = asked
    if wanted is None and name == "local" and screen.can_ask:
        screen.notice(
            "Commands that name no engine work on this machine (local, free).\n"
            "HanoLab is used with --engine hanolab, and costs credits."
        )
        question = "Use HanoLab whenever no engine is named?"
        if screen.confirm(question, yes=False):
            wanted = "hanolab"
    if wanted is not None and wanted != name:
        update_settings({"engine": wanted})
        name = wanted
    screen.say(f"engine     {name}, unless a command says --engine")
    return name
