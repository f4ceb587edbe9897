"""What a chain presenter needs beside itself: a preset in use, and allowed folders of plug-ins."""

from pathlib import Path

from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.presenters.observing import Event
from hanolab_dawtools.presets.schema import Preset
from hanolab_dawtools.settings import load_settings


class PresetInUse:
    """Implements `presenters.chains.PresetHolder`."""

    def __init__(self, **fields):
        self.current = Preset(name="Test", **fields)
        self.current_changed = Event()
        self.n_changes = 0

    def put(self, preset):
        self.n_changes += 1
        self.current = Preset.model_validate(preset.model_dump(by_alias=True))  # as a file would be
        self.current_changed.emit()


class AllowedPlugins:
    """Implements `presenters.plugin_shelf.PluginHome`: the folders come from the settings file."""

    def __init__(self, *folders: Path):
        self.plugins = PluginRack(folders)

    def read_settings_again(self):
        self.plugins = PluginRack(load_settings().plugin_folders)
