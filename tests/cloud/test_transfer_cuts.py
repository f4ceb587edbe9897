"""Whatever a line does to a download, the file is what the server holds, or there is none."""

import tempfile
import threading
from pathlib import Path

from fakes.file_server import file_server
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.cloud.transfer import Patience, download
from hanolab_dawtools.errors import TransferFailed
from hanolab_dawtools.events import ignore_progress

VERSIONS = [b"fLaC" + bytes([letter]) * 5000 for letter in b"ABC"]
TRIES = 6

# What one answer does: how many bytes come before the cut, which version of the file there is
# now, whether Range is honoured, and whether the version has a name.
ACTS = st.tuples(
    st.integers(0, 6000), st.integers(0, len(VERSIONS) - 1), st.booleans(), st.booleans()
)


@given(st.lists(ACTS, min_size=1, max_size=TRIES))
@settings(max_examples=60)
def test_a_file_is_one_version_and_whole(acts):
    with file_server() as server, tempfile.TemporaryDirectory() as folder:

        def answer(handler, request):
            n_bytes, version, honours, names = acts[min(len(server.requests), len(acts)) - 1]
            content = VERSIONS[version]
            etag = {"ETag": f'"{version}"'} if names else {}
            start = 0
            if honours and request.headers.get("if-range") == f'"{version}"':
                start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
                etag["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            handler.send_response(206 if start else 200)
            for name, value in {"Content-Length": str(len(content) - start), **etag}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content[start : start + n_bytes])
            if start + n_bytes < len(content):
                handler.hang_up()

        server.answer = answer
        path = Path(folder) / "stem.flac"
        try:
            download(
                f"{server.url}/file",
                path,
                base_url=server.url,
                stop=threading.Event(),
                progress=ignore_progress,
                patience=Patience(waits_seconds=(0.0,) * TRIES),
            )
        except TransferFailed:
            assert not list(Path(folder).iterdir())
        else:
            assert path.read_bytes() in VERSIONS
