"""What every presenter of the panel is made of: a frozen view that observers are told about.

A presenter holds a view, a frozen dataclass of plain values, and replaces it whole. Observers are
told only when the new view differs from the old one. Everything here runs on the GUI thread; other
threads hand over what they have through a `Dispatcher`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

View = TypeVar("View")


class Dispatcher(Protocol):
    """The one door to the GUI thread."""

    def post(self, act: Callable[[], None]) -> None:
        """Run `act` on the GUI thread, soon and in the order of the calls; from any thread."""
        ...


class Event:
    """Something that observers can be told about, in the order in which they asked for it."""

    def __init__(self) -> None:
        self._observers: list[Callable[[], None]] = []

    def connect(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Tell `observer` from now on; what is returned ends that."""
        self._observers.append(observer)

        def disconnect() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return disconnect

    def emit(self) -> None:
        """Tell everybody; who joins or leaves meanwhile counts from the next time on."""
        for observer in tuple(self._observers):
            observer()


class Presenter(Generic[View]):
    """Holds a view and tells of changes; what the user may do are methods of its subclasses."""

    def __init__(self, view: View) -> None:
        self.changed = Event()
        self._view = view

    @property
    def view(self) -> View:
        """What is to be shown now."""
        return self._view

    def _show(self, view: View) -> None:
        """Replace the view; nobody is told when nothing is different."""
        if view != self._view:
            self._view = view
            self.changed.emit()
