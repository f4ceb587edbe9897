"""How HanoLab stands inside each REAPER of this machine: what to see, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanolab_dawtools import __version__
from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.hosts.reaper.install_reports import Status
from hanolab_dawtools.presenters.checks import Check, Health, failed

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

INSTALL = "hanolab reaper install"
NO_REAPER = "Start REAPER once; a portable one is named by --resource-path."


def reaper_checks(services: Services) -> Iterator[Check]:
    """All that can be checked, REAPER by REAPER; nothing is changed."""
    setup = services.reaper_setup
    try:
        folders = setup.find()
    except HanolabError as error:
        yield failed("REAPER", error)
        return
    if not folders:
        yield Check("REAPER", Health.NOTE, "no resource folder was found", NO_REAPER)
    for folder in folders:
        try:
            yield from status_checks(setup.status(folder))
        except HanolabError as error:
            yield failed(f"REAPER {folder.path}", error)


def status_checks(status: Status) -> Iterator[Check]:
    """What was found in one resource folder, and what to do about it."""
    kind = "portable, " if status.folder.is_portable else ""
    state = "it runs" if status.n_running else "it does not run"
    yield Check("REAPER", Health.GOOD, f"{status.folder.path} ({kind}{state})")
    if status.record is None:
        again = f"Run: {INSTALL}{_where(status)}"
        found = "not installed"
        if status.place.by_reapack:
            found = "installed by ReaPack, but not told how to start the program"
        yield Check("  HanoLab in it", Health.NOTE, found, again)
        return
    yield _scripts(status)
    yield _program(status)
    yield _actions(status)
    yield _python(status)
    yield _bridge(status)


def status_document(status: Status) -> dict[str, Any]:
    """The same as JSON values."""
    record, bridge, python = status.record, status.bridge, status.python
    return {
        "resource_path": str(status.folder.path),
        "is_portable": status.folder.is_portable,
        "n_running": status.n_running,
        "scripts": str(status.place.folder),
        "by_reapack": status.place.by_reapack,
        "installed_version": record.launch.version if record else None,
        "missing_scripts": list(status.scripts.missing),
        "changed_scripts": list(status.scripts.changed),
        "unregistered": list(status.unregistered),
        "python": {
            "enabled": python.keys.is_enabled,
            "library": str(python.keys.library) if python.keys.library else None,
            "version": python.loaded.version if python.loaded else None,
            "problem": python.loaded.problem if python.loaded else None,
        },
        "bridge": bridge
        and {
            "pid": bridge.pid,
            "port": bridge.port,
            "reaper": bridge.reaper,
            "version": bridge.bridge,
            "protocol": bridge.protocol,
        },
        "checks": [
            {
                "name": check.name.strip(),
                "health": check.health.value,
                "found": check.found,
                "hint": check.hint,
            }
            for check in status_checks(status)
        ],
    }


def _scripts(status: Status) -> Check:
    assert status.record
    name, version = "  scripts", status.record.launch.version
    who = "by ReaPack, " if status.place.by_reapack else ""
    again = "Update them in ReaPack." if status.place.by_reapack else f"Run: {INSTALL}"
    if status.is_double:
        hint = f"Run: hanolab reaper uninstall{_where(status)}, then {INSTALL}"
        return Check(name, Health.NOTE, "there twice, from ReaPack and from us", hint)
    if status.scripts.is_whole and version == __version__:
        return Check(name, Health.GOOD, f"{who}{version}, in {status.place.folder}")
    if status.scripts.missing:
        found = f"{_count(status.scripts.missing, 'file')} missing"
        return Check(name, Health.BAD, f"{found} in {status.place.folder}", again)
    if version != __version__:
        return Check(name, Health.NOTE, f"of version {version}, this is {__version__}", again)
    found = f"{_count(status.scripts.changed, 'file')} not as shipped: "
    return Check(name, Health.NOTE, found + ", ".join(status.scripts.changed), again)


def _program(status: Status) -> Check:
    """Whether what an action starts is there."""
    assert status.record
    python = status.record.launch.python
    if Path(python).is_file():
        return Check("  what they start", Health.GOOD, f"{python} -m hanolab_dawtools")
    hint = f"Run, from the installation you use now: {INSTALL}{_where(status)}"
    return Check("  what they start", Health.BAD, f"{python} is gone", hint)


def _actions(status: Status) -> Check:
    name = "  actions"
    if not status.unregistered:
        return Check(name, Health.GOOD, "all in the action list")
    found = f"{_count(status.unregistered, 'action')} not in the action list: "
    hint = f"Close REAPER, then run: {INSTALL}{_where(status)}"
    if status.place.by_reapack:
        hint = "Install the package again in ReaPack."
    return Check(name, Health.BAD, found + ", ".join(status.unregistered), hint)


def _python(status: Status) -> Check:
    name, python = "  its Python", status.python
    hint = f"Close REAPER, then run: {INSTALL} --set-python{_where(status)}"
    if python.keys.is_enabled is False:
        return Check(name, Health.BAD, "Python is switched off for ReaScript", hint)
    if python.loaded is None:
        found = "reaper.ini names none; REAPER looks for one by itself"
        return Check(name, Health.NOTE, found, f"If no action does anything: {hint}")
    if not python.loaded.works:
        return Check(name, Health.BAD, f"{python.loaded.path}: {python.loaded.problem}", hint)
    found = f"{python.loaded.version}, {python.loaded.path}"
    if python.keys.is_enabled is None:
        return Check(name, Health.NOTE, f"{found}; reaper.ini does not say it is on", hint)
    return Check(name, Health.GOOD, found)


def _bridge(status: Status) -> Check:
    name, bridge = "  bridge", status.bridge
    if bridge is None:
        found = "none answers; every action starts it" if status.n_running else "not running"
        return Check(name, Health.GOOD, found)
    found = f"REAPER {bridge.reaper}, process {bridge.pid}, port {bridge.port}"
    if not status.is_understood:
        found = f"{found}: it speaks another version of the protocol ({bridge.protocol})"
        hint = f"Run: {INSTALL}{_where(status)}, then restart REAPER."
        return Check(name, Health.BAD, found, hint)
    return Check(name, Health.GOOD, found)


def _where(status: Status) -> str:
    """How a command is told about a folder that it may not find, or not alone."""
    return f' --resource-path "{status.folder.path}"' if status.folder.is_portable else ""


def _count(names: tuple[str, ...], noun: str) -> str:
    return f"{len(names)} {noun}{'' if len(names) == 1 else 's'}"
