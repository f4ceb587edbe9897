"""Scripts put into the action list by REAPER itself, and taken out."""

import pytest
from fakes.live_captures import scripts
from fakes.reaper.in_process import here

scripts()

import hanolab_register  # noqa: E402 - the folder of the scripts must be known first
from hanolab_reascript import HostFault, Reascript  # noqa: E402

NAMES = ("HanoLab_open_panel.py", "HanoLab_show_status.py")


def put(host) -> list[str]:
    folder = host.resource_path / "Scripts" / "HanoLab"
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (folder / name).write_text("pass\n")
    return [str(folder / name) for name in NAMES]


def test_scripts_are_registered_once_and_taken_out_again():
    with here() as (module, host):
        face, paths = Reascript(module), put(host)
        first = hanolab_register.register(face, {"paths": paths})["actions"]
        again = hanolab_register.register(face, {"paths": paths})["actions"]
        assert [action["path"] for action in first] == paths
        assert again == first
        assert len({action["command_id"] for action in first}) == len(paths)
        name = face.api.ReverseNamedCommandLookup(first[0]["command_id"])
        assert face.api.NamedCommandLookup(f"_{name.lstrip('_')}") == first[0]["command_id"]
        assert hanolab_register.unregister(face, {"paths": paths}) == {"removed": paths}
        assert hanolab_register.unregister(face, {"paths": paths}) == {"removed": []}
        assert face.api.NamedCommandLookup(f"_{name.lstrip('_')}") == 0


def test_a_reaper_that_takes_none_is_told():
    with here(misbehaviours=["actions_not_registered"]) as (module, host):
        with pytest.raises(HostFault) as caught:
            hanolab_register.register(Reascript(module), {"paths": put(host)})
        assert caught.value.code == "refused"


@pytest.mark.parametrize("command", [hanolab_register.register, hanolab_register.unregister])
@pytest.mark.parametrize(
    "paths",
    [
        None,
        [],
        "HanoLab_open_panel.py",
        [5],
        ["/tmp/HanoLab_open_panel.py"],
        ["{scripts}/HanoLab/evil.py"],
        ["{scripts}/HanoLab/../../../HanoLab_open_panel.py"],
        ["{scripts}Else/HanoLab_open_panel.py"],
    ],
)
def test_no_other_file_can_be_registered(command, paths):
    with here() as (module, host):
        root = str(host.resource_path / "Scripts")
        if isinstance(paths, list):
            paths = [p.replace("{scripts}", root) if isinstance(p, str) else p for p in paths]
        with pytest.raises(HostFault) as caught:
            command(Reascript(module), {"paths": paths})
        assert caught.value.code == "bad_arguments"


def test_a_script_that_is_not_there_is_not_registered():
    with here() as (module, host):
        (path, *_) = put(host)
        with pytest.raises(HostFault) as caught:
            hanolab_register.register(Reascript(module), {"paths": [f"{path[:-3]}_x.py"]})
        assert caught.value.code == "gone"
