"""What is to be fetched: the archives of TAU Urban Acoustic Scenes 2019 and of FSDKaggle2019, both on Zenodo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tagasc.errors import InputError, nearest

ZENODO = "https://zenodo.org"
TIMEOUT = (30.0, 120.0)
"""Seconds to wait for a connection, and for the next bytes."""
TAU_RECORD, FSD_RECORD = 2589280, 3612637
TAU_FOLDER = "TAU-urban-acoustic-scenes-2019-development"
"""Folder that each archive of the scenes has at its top."""


@dataclass(frozen=True)
class Archive:
    """A file to fetch: where it is, its size in bytes and its MD5."""

    name: str
    url: str
    size: int
    md5: str


# Published with Zenodo record 2589280; the licence allows non-commercial research.
_TAU = {
    f"{TAU_FOLDER}.{part}.zip": (size, md5)
    for part, size, md5 in (
        ("doc", 11299, "1f6879544e80da70099a191613e7e51f"),
        ("meta", 156863, "09782f2097e4735687af73c44919329c"),
        ("audio.1", 1657550587, "aca4ebfd9ed03d5f747d6ba8c24bc728"),
        ("audio.2", 1666219450, "c4f170408ce77c8c70c532bf268d7be0"),
        ("audio.3", 1817901591, "c7214a07211f10f3250290d05e72c37e"),
        ("audio.4", 1821710642, "a6a62110f6699cf4432072acb1dffda6"),
        ("audio.5", 1803118466, "091a0b6d3c84b8e60e46940aa7d4a8a0"),
        ("audio.6", 1789566029, "114f4ca13e074391b98a1cfd8140de65"),
        ("audio.7", 1747953866, "5951dd2968f7a514e2afbe279c4f060d"),
        ("audio.8", 1728724513, "b0b63dc95b327e1509857c8d8a663cc3"),
        ("audio.9", 1667106209, "3c32a693a6b111ffb957be3c1dd22e9b"),
        ("audio.10", 1632636175, "0ffbf60006da520cc761fb74c878b98b"),
        ("audio.11", 1671793546, "599055d93b4c11057c29be2df54538d4"),
        ("audio.12", 1672592150, "98b8d162ff3665695c4c910e6c372cc8"),
        ("audio.13", 1673481614, "a356c08b1a5a21d433eba37ef87587f4"),
        ("audio.14", 1666137450, "f8969771e7faf7dd471d1cf78b0cf011"),
        ("audio.15", 1675127004, "4758c4b0fb7484faa632266e78850820"),
        ("audio.16", 1648240966, "a18acad9ede8ea76574216feb887f0bc"),
        ("audio.17", 1698414214, "1af7703484632f340da5c33662dc9632"),
        ("audio.18", 1731093704, "b67402bf3e08f4da394a7c18756c0fd2"),
        ("audio.19", 1745153640, "035db315f19106eb848b6f9b32bcc47c"),
        ("audio.20", 1774038704, "9cb28c74911bf8a3eadcf53f50a5b5d6"),
        ("audio.21", 1333808800, "0e44ed85c88ec036a9725b4dd1dfaea0"),
    )
}
SCENE_ARCHIVES: tuple[str, ...] = tuple(_TAU)
"""Archives of the scenes, 35.6 GB in all; each holds the folder ``TAU_FOLDER``."""
EVENT_ARCHIVES: tuple[str, ...] = (
    "FSDKaggle2019.doc.zip",
    "FSDKaggle2019.meta.zip",
    "FSDKaggle2019.audio_train_curated.zip",
    *(f"FSDKaggle2019.audio_train_noisy.z{part:02d}" for part in range(1, 7)),
    "FSDKaggle2019.audio_train_noisy.zip",
    "FSDKaggle2019.audio_test.zip",
)
"""Archives of the events, about 25 GiB in all; each holds a folder of its own name, the noisy clips are split."""


def find(name: str, base: str = ZENODO) -> Archive:
    """Return what is known of an archive; for those of the events, from the record's own metadata, over the network.

    Raises
    ------
    InputError
        For an unknown name, or when the record's metadata cannot be had or does not list the archive.
    """
    if name in _TAU:
        size, md5 = _TAU[name]
        return Archive(name, f"{base}/record/{TAU_RECORD}/files/{name}?download=1", size, md5)
    if name not in EVENT_ARCHIVES:
        known = (*SCENE_ARCHIVES, *EVENT_ARCHIVES)
        raise InputError(f"{name}: no archive of TAU 2019 or FSDKaggle2019 is called so{nearest(name, known)}")
    record = f"{base}/api/records/{FSD_RECORD}"
    with session() as web, transfer_errors(record):
        answer = web.get(record, timeout=TIMEOUT)
        answer.raise_for_status()
        files = answer.json()
    try:
        entry = next(entry for entry in files["files"] if entry["key"] == name)
        return Archive(name, entry["links"]["self"], int(entry["size"]), entry["checksum"].removeprefix("md5:"))
    except (StopIteration, AttributeError, KeyError, TypeError, ValueError):
        raise InputError(
            f"{record}: does not give size, md5 and address of {name}; look at {base}/records/{FSD_RECORD}, unpack its "
            f"archives by hand and set events.source: folder"
        ) from None


def session() -> requests.Session:
    """Return a session that tries again when Zenodo is busy or limits the rate."""
    web = requests.Session()
    web.headers["Accept-Encoding"] = "identity"  # sizes and ranges are those of the file itself
    retry = Retry(total=5, backoff_factor=1, status_forcelist=[429, 500, 502, 503, 504], raise_on_status=False)
    for scheme in ("https://", "http://"):
        web.mount(scheme, HTTPAdapter(max_retries=retry))
    return web


@contextmanager
def transfer_errors(url: str) -> Iterator[None]:
    """Turn what goes wrong on the network into an `InputError` of one line that names the address."""
    try:
        yield
    except requests.RequestException as error:
        response = error.response
        what = f"HTTP status {response.status_code}" if response is not None else " ".join(str(error).split())
        raise InputError(
            f"{url}: {what}; see whether this address opens elsewhere and run again, or fetch and unpack the data set "
            f"by hand and set its source: folder"
        ) from None
