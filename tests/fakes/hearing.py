"""The presenters that hearing a chain takes, joined as in the panel, without a sound device."""

from fakes.acts import Acts
from fakes.chain_parts import AllowedPlugins, PresetInUse

from hanolab_dawtools.presenters.chain_preview import KEY, ChainPreviewPresenter
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.player import PlayLane
from hanolab_dawtools.presenters.working import Workers


class SilentSink:
    sample_rate = 8_000
    device = ""

    def devices(self):
        return []

    def start(self, pull):
        pass

    def choose(self, device):
        pass

    def close(self):
        pass


class HearingPanel:
    """The presenters that a preview works with, as the panel joins them."""

    def __init__(self, folder, seconds, **fields):
        self.seconds = seconds
        self.acts = Acts()
        self.workers = Workers(self.acts)
        self.messages = MessagesPresenter()
        self.holder = PresetInUse(**fields)
        home = AllowedPlugins()
        self.waveforms = WaveformPresenter(self.workers, folder / "peaks")
        self.listening = ListeningPresenter(self.workers, SilentSink())
        self.chains = ChainPresenter(self.workers, self.holder, home, self.messages)
        self.folder = folder / "preview"
        self.preview = ChainPreviewPresenter(
            self.workers,
            self.chains,
            waveforms=self.waveforms,
            listening=self.listening,
            home=home,
            messages=self.messages,
            folder=self.folder,
            delay_seconds=0.0,
        )

    def show(self, *sources, start_seconds=0.0):
        self.waveforms.set_lanes(sources, title="Song")
        lanes = [
            PlayLane(each.key, each.name, each.path, each.start_seconds, each.role is None)
            for each in sources
        ]
        self.listening.set_lanes(lanes, start_seconds + self.seconds)
        self.acts.run_until(
            lambda: all(lane.fraction == 1.0 or lane.problem for lane in self.waveforms.view.lanes)
        )

    def settle(self):
        """Until what was asked for is heard, and seen."""
        self.acts.run_until(lambda: not self.preview.view.is_rendering)
        if self.preview.view.is_on:
            lane = self.lane
            self.acts.run_until(lambda: lane() is not None and lane().fraction == 1.0)

    def lane(self):
        return next((each for each in self.waveforms.view.lanes if each.source.key == KEY), None)

    def close(self):
        self.workers.close()
        while not self.acts.is_empty:  # a file that was opened last is closed by then
            self.acts.run_next()
        self.listening.close()
        self.waveforms.close()
        self.preview.close()
