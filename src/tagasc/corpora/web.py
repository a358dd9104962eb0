"""How the data sets' server is asked: patiently where it is busy, and not at all where there is no way to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.util import Retry

from tagasc.errors import InputError

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection."""
READ_TIMEOUT = 60.0
"""Seconds without a byte after which a connection counts as broken."""
BUSY_ATTEMPTS = 6
"""Further requests to a server that answers that it is busy, with pauses of 0, 2, 4, 8, 16 and 32 times `BACKOFF`."""
BACKOFF = 1.0
"""Seconds."""
LONGEST_WAIT = 600
"""Seconds; a server that wants to be left alone for longer (Retry-After) is asked again after so many."""


def session() -> requests.Session:
    """Return a session that asks again when a server is busy or limits the rate, after the time that it names.

    Proxies are those of the environment variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
    """
    web = requests.Session()
    web.headers["Accept-Encoding"] = "identity"  # sizes and ranges are those of the file itself
    retry = Retry(
        total=None,
        connect=0,  # without a way there, another attempt has none either
        read=0,  # whoever reads takes up what broke
        status=BUSY_ATTEMPTS,
        status_forcelist=[429, 500, 502, 503, 504],
        backoff_factor=BACKOFF,
        retry_after_max=LONGEST_WAIT,
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        web.mount(scheme, HTTPAdapter(max_retries=retry))
    return web


def has_no_way(error: requests.RequestException) -> bool:
    """Whether no connection could be made: no such host, nobody there, a proxy or certificate in between."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | requests.exceptions.SSLError):
        return True
    return isinstance(_reason(error), NewConnectionError)


@contextmanager
def transfer_errors(url: str) -> Iterator[None]:
    """Turn what goes wrong on the network into an `InputError` of one line that names the address."""
    try:
        yield
    except requests.RequestException as error:
        if has_no_way(error):
            raise InputError(
                f"{url}: {urlsplit(url).hostname} cannot be reached from here ({_said(error)}); go online, set "
                f"HTTPS_PROXY where the way out leads through a proxy, name another download.mirror, or fetch the "
                f"archives elsewhere and put them into the folder download.archives"
            ) from None
        what = f"HTTP status {error.response.status_code}" if error.response is not None else _said(error)
        raise InputError(
            f"{url}: {what}; see whether this address opens elsewhere and run again, name another download.mirror, or "
            f"unpack the data set by hand and set its source: copy"
        ) from None


def _reason(error: requests.RequestException) -> object:
    """Return what lies below an exception of requests: urllib3's, or the exception itself."""
    inner = error.args[0] if error.args else error
    return getattr(inner, "reason", None) or inner


def _said(error: requests.RequestException) -> str:
    """Return an exception in one line, without the connection object that urllib3 puts in front."""
    return " ".join(str(_reason(error)).rpartition("): ")[-1].split()) or type(error).__name__
