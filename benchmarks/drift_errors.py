"""How far repaired voice conversions are off, on voices that no threshold was chosen on.

    python benchmarks/drift_errors.py [--full]

Singers of new seeds, articulated and legato, and speakers of espeak-ng in other languages, with
another pitch and other formants through WORLD, their features held for 20 ms or gliding, cut as
RVC cuts long audio, and 0 to 26 ms late. Printed for each group: the error of the lag, the errors
at the onsets after repair (median, 95 %, worst, in ms), the share of onsets that are 3 ms or more
off, and the steps that were missed or made up.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.drift import measure_drift
from hanolab_dawtools.audio.drift_repair import repair_drift
from hanolab_dawtools.audio.files import probe

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fakes import singers
from fakes.conversions import Conversion, convert, errors_at_onsets, found_steps

VOICES = (
    {"semitones": 12.0, "formants": 1.2},
    {"semitones": 4.0, "formants": 1.08, "breath": 0.3},
    {"semitones": -5.0, "formants": 0.9, "breath": 0.1},
    {"semitones": -12.0, "formants": 0.8, "breath": 0.5},
)
LATE_SECONDS = (0.0, 0.004, 0.0065, 0.0126, 0.0261)
FIRST_SEED = 300
SECONDS = 68
TEXTS = {
    "en-us+f3": "The north wind and the sun were disputing which was the stronger, when a "
    "traveller came along wrapped in a warm cloak. They agreed that the one who first "
    "succeeded in making him take his cloak off should be considered stronger than the other. ",
    "it+f2": "Si bisticciavano un giorno il vento di tramontana e il sole, quando videro un "
    "viaggiatore, che veniva innanzi avvolto nel mantello. I due litiganti convennero allora. ",
    "sv+f4": "Nordanvinden och solen tvistade en gång om vem av dem som var starkast. Just då kom "
    "en vandrare vägen fram, insvept i en varm kappa. De kom då överens. ",
    "pl+f1": "Pewnego razu północny wiatr i słońce sprzeczali się, kto z nich jest silniejszy. "
    "Właśnie przechodził drogą jakiś człowiek owinięty w ciepły płaszcz. ",
}


def sources(folder: Path, n_seeds: int) -> Iterator[tuple[str, np.ndarray, singers.Take]]:
    for seed in range(FIRST_SEED, FIRST_SEED + n_seeds):
        for kind in ("articulated", "legato"):
            take = singers.sung(SECONDS, seed, legato=kind == "legato")
            yield kind, take.played(), take
    for voice, text in TEXTS.items():
        yield ("spoken", *singers.spoken(text * 3, folder, voice))


def conversions(folder: Path, n_seeds: int) -> Iterator[tuple[str, float, Conversion]]:
    number = 0
    for kind, source, take in sources(folder, n_seeds):
        for voice in VOICES:
            for features in ("held", "gliding"):
                late = LATE_SECONDS[number % len(LATE_SECONDS)]
                number += 1
                wave = take.played(**voice, features=features)
                by_sum = number % 2 == 0
                made = convert(folder, source, wave, late_seconds=late, by_sum=by_sum)
                yield f"{kind}, {features}", late, made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="eight singers instead of one")
    n_seeds = 8 if parser.parse_args().full else 1
    lags: dict[str, list[float]] = {}
    errors: dict[str, list[float]] = {}
    steps: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, late, made in conversions(folder, n_seeds):
            drift = measure_drift(made.reference, made.converted)
            n_frames = probe(made.reference).n_frames
            repair_drift(made.converted, drift, folder / "out.wav", n_frames=n_frames)
            off = np.abs(errors_at_onsets(made, folder / "out.wav")[1]) * 1e3
            lags.setdefault(kind, []).append(abs(drift.lag_frames / drift.sample_rate - late) * 1e3)
            errors.setdefault(kind, []).extend(off)
            lost, found = len(made.true_steps), len(found_steps(drift))
            steps.setdefault(kind, Counter()).update(
                true=lost, missed=max(lost - found, 0), false=max(found - lost, 0)
            )
    for kind, off in errors.items():
        told = ", ".join(f"{count} {what}" for what, count in steps[kind].items())
        print(
            f"{kind:22} lag {spread(lags[kind])}   onsets {spread(off)}   "
            f"{np.mean(np.array(off) >= 3.0):6.2%} of {len(off)} off   steps: {told}"
        )


def spread(values: list[float]) -> str:
    median, high, worst = np.percentile(values, (50, 95, 100))
    return f"{median:4.2f} {high:4.2f} {worst:5.2f}"


if __name__ == "__main__":
    main()
