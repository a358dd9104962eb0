"""What is to be fetched: the archives of TAU Urban Acoustic Scenes 2019 and of FSDKaggle2019, both on Zenodo."""

from dataclasses import dataclass
from typing import Any

from tagasc.errors import InputError, nearest

TAU_RECORD, FSD_RECORD = 2589280, 3612637
TAU_FOLDER = "TAU-urban-acoustic-scenes-2019-development"
"""Folder that each archive of the scenes has at its top."""
RECORD_FILE = "FSDKaggle2019.record.json"
"""Zenodo's description of the events' record, as it is kept beside the archives: it has their sizes and checksums."""


@dataclass(frozen=True)
class Archive:
    """A file to fetch: the Zenodo record that has it, its size in bytes and its MD5."""

    name: str
    record: int
    size: int
    md5: str

    def url(self, mirror: str) -> str:
        """Return its address at Zenodo, or at whatever answers under the same paths."""
        return f"{mirror.rstrip('/')}/record/{self.record}/files/{self.name}?download=1"


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


def scene_archive(name: str) -> Archive:
    """Return what is known of an archive of the scenes, one of `SCENE_ARCHIVES`."""
    size, md5 = _TAU[name]
    return Archive(name, TAU_RECORD, size, md5)


def event_archive(name: str, record: Any) -> Archive:
    """Return what the events' record says of an archive, one of `EVENT_ARCHIVES`; ``record`` is Zenodo's JSON, parsed.

    Raises
    ------
    ValueError
        When the record does not list the archive with size and MD5.
    """
    try:
        entry = next(entry for entry in record["files"] if entry["key"] == name)
        checksum = str(entry["checksum"])
        size = int(entry["size"])
    except (StopIteration, KeyError, TypeError, ValueError):
        raise ValueError(f"does not give size and md5 of {name}") from None
    if not checksum.startswith("md5:"):
        raise ValueError(f"gives no md5 of {name} but {checksum!r}")
    return Archive(name, FSD_RECORD, size, checksum.removeprefix("md5:"))


def require_known(name: str) -> None:
    """Raise InputError, with the nearest name, if neither data set has such an archive."""
    known = (*SCENE_ARCHIVES, *EVENT_ARCHIVES)
    if name not in known:
        raise InputError(f"{name}: no archive of TAU 2019 or FSDKaggle2019 is called so{nearest(name, known)}")
