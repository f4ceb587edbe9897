from pathlib import Path

import pytest

from hanolab_dawtools.cloud.credentials import Key
from hanolab_dawtools.cloud.storage import StorageSettings as CloudStorageSettings
from hanolab_dawtools.engines.hanolab.engine import Cloud, HanoLabEngine
from hanolab_dawtools.engines.hanolab.pricing import Price, Pricing
from hanolab_dawtools.errors import EngineCannot, InputError, NotLoggedIn, UsageError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.model import Cap, Request, RequestKind
from hanolab_dawtools.settings_fields import PriceSettings, StorageSettings

RATE = 44_100
SONG = {"tier": "studio", "prompt": "rain", "duration": 30.2}


def nobody(*_: object):
    raise NotLoggedIn("no key")


def engine(**prices: Price) -> HanoLabEngine:
    learnt = {"separate/4stem": {60: 10.0}, "generate/studio": {31: 7.0}}
    cloud = Cloud("https://api.test", nobody, nobody, lambda: Key("k" * 20, "test").fingerprint)
    return HanoLabEngine(cloud, Pricing(prices, lambda action: learnt.get(action, {})))


def request(kind=RequestKind.SEPARATE, seconds=59.5, **parameters) -> Request:
    return Request(kind, Path("x.wav"), RATE, 2, round(seconds * RATE), parameters)


def test_nothing_is_asked_of_anybody_for_a_quote():
    found = engine(**{"separate/2stem": Price(per_call=2, per_minute=3, per_second=0.1)}).quote(
        request(stems=2)
    )
    assert found.credits == pytest.approx(2 + 3 + 6)
    assert (found.billed_seconds, found.action) == (60.0, "separate/2stem")


@pytest.mark.parametrize(
    ("seconds", "billed"),
    [(0.1, 1), (0.999, 1), (1.0, 1), (1 + 1 / RATE, 2), (59.0, 59), (59.5, 60)],
)
def test_seconds_are_billed_whole_and_rounded_up(seconds, billed):
    assert engine().quote(request(seconds=seconds, stems=2)).billed_seconds == billed


@pytest.mark.parametrize("seconds", [0.0, 1 / RATE, 0.099])
@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (RequestKind.SEPARATE, {"stems": 2}),
        (RequestKind.CONVERT, {"voice": "v"}),
        (RequestKind.CONVERT_FLASH, {"voice": "v"}),
    ],
)
def test_audio_that_is_too_short_for_any_result_is_refused(kind, parameters, seconds):
    with pytest.raises(InputError, match="too short for the cloud: it needs 100 ms"):
        engine().quote(request(kind, seconds, **parameters))


def test_what_the_server_said_for_this_length_is_the_price():
    assert engine().quote(request(stems=4)).credits == 10.0
    assert engine().quote(request(RequestKind.GENERATE, **SONG)).credits == 7.0


def test_a_price_of_the_settings_beats_what_was_learnt():
    price = Price(per_call=3)
    assert engine(**{"separate/4stem": price}).quote(request(stems=4)).credits == 3.0


def test_what_nobody_knows_is_unknown_and_says_why():
    found = engine().quote(request(seconds=30, stems=4))
    assert found.credits is None
    assert found.reason.startswith("unknown: the price of separate/4stem is not known")
    assert "for 60 s the server said 10 credits" in found.reason


@pytest.mark.parametrize(
    ("kind", "parameters", "action"),
    [
        (RequestKind.SEPARATE, {}, "separate/2stem"),
        (RequestKind.SEPARATE, {"stems": 6}, "separate/6stem"),
        (RequestKind.CONVERT, {"voice": "vm"}, "convert"),
        (RequestKind.CONVERT, {"voice": "vm", "full_song": True}, "convert/full_song"),
        (RequestKind.CONVERT_FLASH, {"voice": "vm"}, "convert-flash"),
        (RequestKind.GENERATE, SONG, "generate/studio"),
    ],
)
def test_every_action_has_its_name_in_the_price_list(kind, parameters, action):
    assert engine().quote(request(kind, **parameters)).action == action


@pytest.mark.parametrize(
    ("kind", "parameters", "error"),
    [
        (RequestKind.SEPARATE, {"stems": 3}, EngineCannot),
        (RequestKind.SEPARATE, {"stems": 4, "only": ["vocals"]}, UsageError),
        (RequestKind.SEPARATE, {"voice": "vm"}, UsageError),
        (RequestKind.CONVERT, {}, UsageError),
        (RequestKind.CONVERT, {"voice": "vm", "protect": 0.7}, UsageError),
        (RequestKind.CONVERT_FLASH, {"voice": "vm", "pitch_shift": 1}, UsageError),
        (RequestKind.GENERATE, {**SONG, "tier": "gold"}, UsageError),
        (RequestKind.GENERATE, {**SONG, "prompt": " "}, UsageError),
    ],
)
def test_what_the_api_lacks_is_refused_before_any_work(kind, parameters, error):
    with pytest.raises(error):
        engine().quote(request(kind, **parameters))


def test_only_generation_is_capped():
    cloud = engine()
    assert cloud.cap(request(stems=2)) is None
    cap = cloud.cap(request(RequestKind.GENERATE, **SONG))
    assert cap == Cap(Key("k" * 20, "test").fingerprint, n_in_flight=1, n_per_hour=10)
    assert "kkk" not in cap.scope


def test_without_a_key_nothing_is_uploaded():
    with pytest.raises(NotLoggedIn):
        engine().prepare(request(stems=2), NeverStop(), ignore_progress)


def test_the_settings_speak_of_prices_and_storages_as_the_engine_does():
    assert PriceSettings(per_call=1).model_dump() == vars(Price(per_call=1))
    ours = StorageSettings(kind="s3").model_dump()
    assert ours == vars(CloudStorageSettings("s3"))
