"""The stand-in REAPER has the traps of REAPER's own `reaper_python`, so that tests meet them."""

import ctypes
import re
import runpy
import wave
from pathlib import Path

import pytest
from fakes.reaper import registry
from fakes.reaper.addresses import HostCrashed
from fakes.reaper.functions import Kind, all_functions, functions_of, parse
from fakes.reaper.in_process import here
from fakes.reaper.misbehaviours import MISBEHAVIOURS
from fakes.reaper.registry import FUNCTIONS, load

from hanolab_dawtools.package_data import host_bridge_folder

TRACKS = {
    "tracks": [{"name": "Lead", "items": [{"position": 1.0, "length": 2.0, "takes": [{}]}]}],
    "regions": [{"name": "Verse", "start": 1.0, "end": 3.0}],
}
ZEROS = "0" * 16


@pytest.fixture
def reaper():
    with here(projects=[TRACKS]) as (module, _host):
        yield module


def c_function(module, name, result, *arguments):
    return ctypes.CFUNCTYPE(result, *arguments)(module.rpr_getfp(name))


def count_items(module, address):
    return c_function(module, "CountTrackMediaItems", ctypes.c_int, ctypes.c_void_p)(address)


def address_of(pointer):
    return int(pointer.partition(")")[2], 16)


def test_a_null_is_a_text_and_so_true(reaper):
    assert reaper.RPR_GetTrack(0, 5) == f"(MediaTrack*)0x{ZEROS}"


def test_a_pointer_has_sixteen_capital_digits(reaper):
    digits = reaper.RPR_GetTrack(0, 0).removeprefix("(MediaTrack*)0x")
    assert (len(digits), digits) == (16, digits.upper())
    assert int(digits, 16)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pointer: pointer.replace("MediaTrack", "MediaItem"),
        lambda pointer: pointer[:-3] + "FFF",
        lambda pointer: pointer.lower(),
        address_of,
    ],
    ids=["other type", "no object", "small letters", "a number"],
)
def test_a_pointer_that_is_not_right_becomes_null_without_a_word(reaper, spoil):
    track = reaper.RPR_GetTrack(0, 0)
    assert reaper.RPR_CountTrackMediaItems(track) == 1
    assert reaper.RPR_CountTrackMediaItems(spoil(track)) == 0


def test_a_short_pointer_is_a_value_error(reaper):
    with pytest.raises(ValueError, match="16 digits"):
        reaper.RPR_CountTrackMediaItems("(MediaTrack*)0x55AB")


@pytest.mark.parametrize("project", [0, None, ""])
def test_no_project_is_the_one_that_is_shown(reaper, project):
    assert reaper.RPR_CountTracks(project) == 1


def test_validate_ptr_takes_a_number_and_the_second_one_is_always_false(reaper):
    track = reaper.RPR_GetTrack(0, 0)
    assert reaper.RPR_ValidatePtr(address_of(track), "MediaTrack*") == 1
    assert reaper.RPR_ValidatePtr2(0, track, "MediaTrack*") == 0
    validate = c_function(
        reaper, "ValidatePtr2", ctypes.c_bool, *[ctypes.c_void_p] * 2, ctypes.c_char_p
    )
    assert validate(None, address_of(track), b"MediaTrack*") is True


def test_a_source_that_no_take_has_is_null_for_the_wrapper_but_has_its_address(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(bytes(96000))
    with here(projects=[TRACKS]) as (module, host):
        take = module.RPR_GetActiveTake(module.RPR_GetMediaItem(0, 0))
        source = module.RPR_PCM_Source_CreateFromFile(str(tmp_path / "a.wav"))
        assert module.RPR_SetMediaItemTake_Source(take, source) == 0
        assert host.notes == ["SetMediaItemTake_Source was given NULL"]
        attach = c_function(
            module, "SetMediaItemTake_Source", ctypes.c_bool, *[ctypes.c_void_p] * 2
        )
        assert attach(address_of(take), address_of(source))
        assert module.RPR_GetMediaSourceLength(source, 0) == (1.0, source, 0)


def test_what_is_in_another_tab_becomes_null_but_has_its_address():
    with here(projects=[TRACKS, {}]) as (module, host):
        track = module.RPR_GetTrack(0, 0)
        host.active_project = host.projects[1]
        assert module.RPR_CountTrackMediaItems(track) == 0
        assert count_items(module, address_of(track)) == 1


def test_text_is_cut_at_the_size_given_also_within_a_letter():
    with here(projects=[{"tracks": [{"name": "Früh"}]}]) as (module, _host):
        track = module.RPR_GetTrack(0, 0)
        assert module.RPR_GetTrackName(track, "", 5)[2] == "Frü"
        with pytest.raises(UnicodeDecodeError):
            module.RPR_GetTrackName(track, "", 4)


def test_text_that_goes_in_ends_at_a_nul_and_has_a_limit(reaper):
    track = reaper.RPR_GetTrack(0, 0)
    named = reaper.RPR_GetSetMediaTrackInfo_String(track, "P_NAME", "Le\0ad", True)
    assert named == (1, track, "P_NAME", "Le", 1)
    with pytest.raises(ValueError, match="too long"):
        reaper.RPR_GetSetMediaTrackInfo_String(track, "P_NAME", "x" * 4194305, True)


def test_none_as_a_constant_text_is_the_word(reaper):
    reaper.RPR_SetExtState("section", "key", None, False)
    assert reaper.RPR_GetExtState("Section", "KEY") == "None"


def test_a_text_that_is_null_raises(reaper):
    with pytest.raises(AttributeError):
        reaper.RPR_ReverseNamedCommandLookup(40289)


def test_a_function_with_outputs_gives_every_argument_back(reaper):
    assert reaper.RPR_GetMousePosition(0, 0) == (640, 400)
    path = reaper.RPR_EnumProjects(-1, "", 512)
    assert (len(path), path[1:]) == (4, (-1, "", 512))


def test_a_whole_number_is_wanted_where_one_is(reaper):
    with pytest.raises(TypeError):
        reaper.RPR_GetTrack(0, 0.0)
    track = reaper.RPR_GetTrack(0, 0)
    assert reaper.RPR_SetMediaTrackInfo_Value(track, "D_VOL", 1) == 1


def test_the_names_of_regions_are_lost_but_are_there(reaper):
    assert reaper.RPR_EnumProjectMarkers3(0, 0, 0, 0, 0, "", 0, 0)[6] == ""
    enum = c_function(reaper, "EnumProjectMarkers3", ctypes.c_int, *[ctypes.c_void_p] * 8)
    name = ctypes.create_string_buffer(8)
    enum.argtypes = [ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 6]
    enum(None, 0, None, None, None, ctypes.addressof(name), None, None)
    assert ctypes.string_at(int.from_bytes(name.raw, "little")) == b"Verse"


def test_a_region_has_no_pointer_for_the_wrapper_where_that_type_is_not_known():
    with here(version="7.62", projects=[TRACKS]) as (module, host):
        region = module.RPR_GetRegionOrMarker(0, 0, "")
        assert module.RPR_ValidatePtr(address_of(region), "ProjectMarker*") == 1
        host.misbehaviours |= {"markers_not_valid_pointers"}
        assert module.RPR_ValidatePtr(address_of(region), "ProjectMarker*") == 0


@pytest.mark.parametrize(
    ("name", "version", "is_there"),
    [
        ("GetRegionOrMarker", "7.61", False),
        ("GetRegionOrMarker", "7.62", True),
        ("InsertTrackInProject", "6.78", False),
        ("InsertTrackInProject", "7.18", True),
    ],
)
def test_a_function_is_there_from_its_version_on(name, version, is_there):
    with here(version=version) as (module, _host):
        assert hasattr(module, f"RPR_{name}") is is_there
        assert module.RPR_APIExists(name) == is_there
        if not is_there:
            with pytest.raises(KeyError):
                module.rpr_getfp(name)


@pytest.fixture
def doomed():
    """The block that is left after a crash tells of it too."""
    with pytest.raises(HostCrashed), here(projects=[TRACKS]) as (module, host):
        yield module, host


def test_a_stale_address_in_a_c_function_is_a_crash(doomed):
    module, host = doomed
    track = address_of(module.RPR_GetTrack(0, 0))
    host.active_project.edit({"delete_tracks": [0]})
    with pytest.raises(HostCrashed, match="CountTrackMediaItems: no object"):
        count_items(module, track)


def test_the_address_of_something_else_in_a_c_function_is_a_crash(doomed):
    module, _host = doomed
    item = address_of(module.RPR_GetMediaItem(0, 0))
    with pytest.raises(HostCrashed, match=r"a MediaItem\*, not a MediaTrack"):
        count_items(module, item)


def test_null_does_nothing_and_is_noted():
    with here(projects=[TRACKS]) as (module, host):
        assert count_items(module, None) == 0
        assert host.notes == ["CountTrackMediaItems was given NULL"]


def test_an_address_is_never_used_again():
    with here(projects=[TRACKS]) as (module, host):
        before = module.RPR_GetTrack(0, 0)
        host.active_project.edit({"delete_tracks": [0]})
        host.active_project.edit({"add_tracks": [{"name": "New"}]})
        assert module.RPR_GetTrack(0, 0) != before


def test_every_declaration_of_the_scripts_is_as_in_the_data():
    declared = runpy.run_path(str(host_bridge_folder() / "reaper" / "hanolab_functions.py"))
    lines = declared["FUNCTIONS"].replace("\n    ", " ").strip().splitlines()
    facts = {function.name: shape(function) for function in all_functions().values()}
    ours = {function.name: shape(function) for function in map(parse, lines)}
    assert {name: facts.get(name) for name in ours} == ours


def shape(function):
    """Everything of a declaration but the names of parameters that say nothing."""
    sized = [
        first.kind is Kind.BUFFER and second.name == f"{first.name}_sz"
        for first, second in zip(function.parameters, function.parameters[1:], strict=False)
    ]
    return (function.returns, [parameter.c_type for parameter in function.parameters], sized)


def test_every_function_that_is_written_is_declared():
    load()
    assert set(FUNCTIONS) <= set(all_functions())


def test_older_versions_have_fewer_functions():
    assert set(functions_of((6, 78))) < set(functions_of((7, 62))) < set(functions_of((7, 78)))


def test_the_stand_in_has_every_function_that_a_script_calls():
    load()
    texts = [path.read_text("ascii") for path in (host_bridge_folder() / "reaper").glob("*.py")]
    called = {name for text in texts for name in re.findall(r"\bapi\.(\w*[a-z]\w*)\(", text)}
    called.discard("address")  # of the face, not of REAPER
    assert called - set(FUNCTIONS) == set()
    assert "GetTrack" in called


def test_no_misbehaviour_is_without_effect():
    folder = Path(registry.__file__).parent
    texts = [path.read_text("utf-8") for path in folder.glob("*.py")]
    told = {name for text in texts for name in re.findall(r'has\(\s*"(\w+)"', text)}
    assert told == set(MISBEHAVIOURS)
