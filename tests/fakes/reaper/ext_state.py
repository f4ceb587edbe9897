"""ExtState: texts that all scripts of one REAPER share; the persistent ones lie in a file.

Section and key know no case. A persistent value is one line of an ini file: what comes after a
line end is lost, and so is what is not ASCII here, since nothing promises that it is kept.
"""

from __future__ import annotations

from pathlib import Path


class ExtState:
    """The texts by section and key; `path` is read once, and written at each persistent change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[tuple[str, str], str] = {}
        self._persistent: set[tuple[str, str]] = set()
        section = ""
        for line in path.read_text("ascii").splitlines() if path.exists() else ():
            if line.startswith("["):
                section = line.strip("[]")
            elif "=" in line:
                key, _, value = line.partition("=")
                self._values[section, key] = value
                self._persistent.add((section, key))

    def get(self, section: str, key: str) -> str:
        return self._values.get((section.lower(), key.lower()), "")

    def has(self, section: str, key: str) -> bool:
        return (section.lower(), key.lower()) in self._values

    def set(self, section: str, key: str, value: str, is_persistent: bool) -> None:
        where = section.lower(), key.lower()
        self._values[where] = value
        if is_persistent:
            self._values[where] = value.encode("ascii", "replace").decode().split("\n")[0]
            self._persistent.add(where)
            self._write()

    def delete(self, section: str, key: str, is_persistent: bool) -> None:
        where = section.lower(), key.lower()
        self._values.pop(where, None)
        if is_persistent and where in self._persistent:
            self._persistent.remove(where)
            self._write()

    def as_json(self) -> dict[str, str]:
        return {f"{section}/{key}": value for (section, key), value in self._values.items()}

    def _write(self) -> None:
        lines: list[str] = []
        section = ""
        for where in sorted(self._persistent):
            if where[0] != section:
                section = where[0]
                lines.append(f"[{section}]")
            lines.append(f"{where[1]}={self._values[where]}")
        self._path.write_text("".join(f"{line}\n" for line in lines), "ascii")
