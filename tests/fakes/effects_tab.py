"""The tab of effects, shown, with the real presenters behind it."""

from fakes.chain_parts import AllowedPlugins, PresetInUse
from PyQt6.QtWidgets import QApplication

from hanolab_dawtools.presenters.chain_preview import ChainPreviewPresenter
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.schema import SeparateJob
from hanolab_dawtools.qt.audio_sink import QtAudioSink
from hanolab_dawtools.qt.chain_view import ChainEditor
from hanolab_dawtools.qt.dispatch import QtDispatcher


class EffectsTab:
    """Close it at the end."""

    def __init__(self, qtbot, folder, *folders, **fields):
        self.dispatcher = QtDispatcher()
        self.workers = Workers(self.dispatcher)
        messages, home = MessagesPresenter(), AllowedPlugins(*folders)
        self.holder = PresetInUse(job=SeparateJob(), **fields)
        self.waveforms = WaveformPresenter(self.workers, folder / "peaks")
        self.listening = ListeningPresenter(self.workers, QtAudioSink())
        self.chains = ChainPresenter(self.workers, self.holder, home, messages)
        self.preview = ChainPreviewPresenter(
            self.workers,
            self.chains,
            waveforms=self.waveforms,
            listening=self.listening,
            home=home,
            messages=messages,
            folder=folder / "preview",
        )
        self.view = ChainEditor(self.chains, self.preview)
        self.tree = self.view._tree
        qtbot.addWidget(self.view)
        self.view.resize(360, 640)
        self.view.show()
        self.view.activateWindow()
        qtbot.waitUntil(self.view.isActiveWindow)

    def names(self):
        return [entry["effect"] for entry in self.holder.current.before]

    def rows(self):
        return {row.knob.name: row for row in self.view._editor._rows}

    def close(self):
        self.workers.close()
        QApplication.processEvents()  # a file that was opened last is closed by then
        self.listening.close()
        self.waveforms.close()
        self.preview.close()
        self.dispatcher.close()
