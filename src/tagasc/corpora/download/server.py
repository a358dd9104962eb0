"""Requests to the data sets' server, with retries while it is busy and errors of one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.util import Retry

from tagasc.runtime.errors import InputError

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection."""
READ_TIMEOUT = 60.0
"""Seconds without data after which a connection counts as broken."""
BUSY_RETRIES = 6
"""Further requests to a busy server, after pauses of 0, 2, 4, 8, 16 and 32 times `BACKOFF`."""
BACKOFF = 1.0
"""Seconds."""
MAX_WAIT = 600
"""Longest pause in seconds, even if the server requests a longer one (Retry-After)."""


def open_session() -> requests.Session:
    """Return a session that retries a request while the server is busy, after the delay that the server names.

    Proxies are taken from the environment variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
    """
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"  # sizes and ranges are those of the file itself
    retry = Retry(
        total=None,
        connect=0,  # where there is no route to the server, another attempt finds none either
        read=0,  # the caller continues a broken transfer
        status=BUSY_RETRIES,
        status_forcelist=[429, 500, 502, 503, 504],
        backoff_factor=BACKOFF,
        retry_after_max=MAX_WAIT,
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def is_unreachable(error: requests.RequestException) -> bool:
    """Return whether no connection could be made: unknown host, refused connection, or a proxy's or TLS error."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | requests.exceptions.SSLError):
        return True
    return isinstance(_reason(error), NewConnectionError)


@contextmanager
def transfer_errors(url: str) -> Iterator[None]:
    """Turn network errors into an `InputError` of one line that names the address."""
    try:
        yield
    except requests.RequestException as error:
        if is_unreachable(error):
            raise InputError(
                f"{url}: {urlsplit(url).hostname} cannot be reached from here ({_message(error)}); go online, set "
                f"HTTPS_PROXY if a proxy leads to the network, name another download.mirror, or fetch the archives "
                f"elsewhere and put them into the folder download.archives"
            ) from None
        problem = f"HTTP status {error.response.status_code}" if error.response is not None else _message(error)
        raise InputError(
            f"{url}: {problem}; check whether this address opens elsewhere and run again, name another "
            f"download.mirror, or unpack the data set yourself and set its source: copy"
        ) from None


def _reason(error: requests.RequestException) -> object:
    """Return the cause of an exception of requests: urllib3's exception, or the exception itself."""
    inner = error.args[0] if error.args else error
    return getattr(inner, "reason", None) or inner


def _message(error: requests.RequestException) -> str:
    """Return an exception as one line, without the connection object that urllib3 puts in front."""
    return " ".join(str(_reason(error)).rpartition("): ")[-1].split()) or type(error).__name__
