"""What is selected in the waveforms of a source is what is meant of it, and the other way round."""

from __future__ import annotations

from collections.abc import Callable

from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_view import SourceKind


class SelectionBond:
    """Joins a source and the waveforms while `is_shown` says that these are of the source.

    For REAPER a selection in the waveforms is only listened to: what is meant is selected there.
    """

    def __init__(
        self, source: SourcePresenter, waveforms: WaveformPresenter, is_shown: Callable[[], bool]
    ) -> None:
        self._source = source
        self._waveforms = waveforms
        self._is_shown = is_shown
        self._is_telling = False
        self._axis = (0.0, 0.0)
        waveforms.selected.connect(self._choose)
        waveforms.changed.connect(self._follow_axis)
        source.changed.connect(self._select)

    def _is_joined(self) -> bool:
        is_file = self._source.view.kind in (SourceKind.FILE, SourceKind.PROJECT)
        return is_file and not self._is_telling and self._is_shown()

    def _choose(self) -> None:
        """The user has dragged, or clicked a selection away."""
        if not self._is_joined():
            return
        selection = self._waveforms.view.selection
        if selection is None:
            self._source.clear_range()
        else:
            self._source.choose_range(*selection)

    def _select(self) -> None:
        """Something else is meant: it is marked where more than that is seen."""
        if not self._is_joined():
            return
        view, preview = self._source.view, self._source.preview
        if view.range_seconds is None or preview is None:
            return
        start, end = view.range_seconds
        half_frame = 0.5 / preview.sample_rate
        starts_later = start > preview.start_seconds + half_frame
        ends_earlier = end < preview.end_seconds - half_frame
        wanted = (start, end) if starts_later or ends_earlier else None
        if wanted != self._waveforms.view.selection:
            self._is_telling = True
            self._waveforms.select(*(wanted or (None,)))
            self._is_telling = False

    def _follow_axis(self) -> None:
        """The lanes are others: what was marked is marked in them."""
        view = self._waveforms.view
        axis = (view.origin_seconds, view.total_seconds)
        if axis != self._axis:
            self._axis = axis
            self._select()
