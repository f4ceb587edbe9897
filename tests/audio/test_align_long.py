"""An hour is aligned and nulled in the memory that a minute takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes.delays import pink_noise

from hanolab_dawtools.audio.files import AudioWriter

SAMPLE_RATE = 48_000
LIMIT_MB = 300

# Run in a process of its own, so that the peak is that of the work alone.
WORK = """
import json, sys
from pathlib import Path
from fakes.memory import peak_mb
from hanolab_dawtools.audio.align import measure_alignment
from hanolab_dawtools.audio.null import null_db
reference, stem = Path(sys.argv[1]), Path(sys.argv[2])
found = measure_alignment(reference, [stem])
level = null_db(reference, [stem], lag_frames=round(found.lag_frames), overlap_only=True)
print(json.dumps([found.lag_frames, found.confidence, level, peak_mb()]))
"""


def write_long(path: Path, minutes: int, lag: int) -> Path:
    """Stereo that repeats every 37 s, `lag` frames late."""
    loop = pink_noise(37 * SAMPLE_RATE, n_channels=2)
    with AudioWriter(path, SAMPLE_RATE, 2, n_frames=minutes * 60 * SAMPLE_RATE) as writer:
        writer.write(np.zeros((2, lag), dtype=np.float32))
        left = minutes * 60 * SAMPLE_RATE - lag
        while left > 0:
            writer.write(loop[:, :left])
            left -= loop.shape[1]
    return path


@pytest.mark.soak
def test_an_hour_takes_bounded_memory(tmp_path):
    reference = write_long(tmp_path / "mix.wav", 60, 0)
    stem = write_long(tmp_path / "stem.wav", 60, 4321)
    output = subprocess.check_output(
        [sys.executable, "-c", WORK, str(reference), str(stem)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    lag, confidence, level, peak_mb = json.loads(output)
    assert (lag, level) == (4321.0, -300.0)
    assert confidence > 0.9
    assert peak_mb < LIMIT_MB
