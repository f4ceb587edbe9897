"""HTTP: one exchange at a time, bounded in size and time, that knows whether anything was sent.

The only place that knows requests and urllib3. Each exchange runs in a thread of its own
(`exchange`), so the caller's stop flag and deadlines count whatever the network does.

Proxies and certificates are taken from the environment, as requests does; this machine's own
addresses are reached without a proxy. `.netrc` is never read: it would replace our key. Cookies
are not kept. Redirects are followed for GET within the same origin only, so the key stays there.
"""

from hanolab_dawtools.cloud.http.address import DEFAULT_PORTS, is_loopback
from hanolab_dawtools.cloud.http.exchange import NoAnswer, Stopped
from hanolab_dawtools.cloud.http.sender import Http, HttpAnswer, HttpRequest

__all__ = [
    "DEFAULT_PORTS",
    "Http",
    "HttpAnswer",
    "HttpRequest",
    "NoAnswer",
    "Stopped",
    "is_loopback",
]
