"""Video and AAC files of known sound, made by PyAV itself."""

from pathlib import Path

import av
import numpy as np

VIDEO_SECONDS = 2
_FRAMES_PER_SECOND = 25


def write_container(
    path: Path,
    samples: np.ndarray,
    rate: int,
    *,
    codec: str = "aac",
    with_video: bool = False,
    first_frame: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """A container of one audio stream that begins at `first_frame`, and perhaps a video stream."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[0]]
    with av.open(str(path), "w", options=options or {}) as container:
        video = container.add_stream("mpeg4", rate=_FRAMES_PER_SECOND) if with_video else None
        audio = container.add_stream(codec, rate=rate)
        audio.layout = layout
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            _mux_pictures(container, video)
        converter = av.AudioResampler(format=audio.format, layout=layout, rate=rate)
        frames = []
        for start in range(0, samples.shape[1], 1024):
            part = np.ascontiguousarray(samples[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate, first_frame + start
            frames += converter.resample(frame)
        for frame in [*frames, *converter.resample(None), None]:
            container.mux(audio.encode(frame))
    return path


def _mux_pictures(container, stream):
    for number in range(VIDEO_SECONDS * _FRAMES_PER_SECOND):
        picture = np.full((48, 64, 3), number, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def write_silent_video(path: Path) -> Path:
    """A video without any sound."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=_FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        _mux_pictures(container, stream)
    return path
