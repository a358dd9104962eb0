"""The archives of the two data sets on Zenodo."""

from dataclasses import dataclass
from typing import Any

from tagasc.corpora import fsdkaggle2019, tau2019


@dataclass(frozen=True)
class Archive:
    """An archive to download.

    Parameters
    ----------
    name
        File name.
    record
        Number of its Zenodo record.
    size
        Size in bytes.
    md5
        MD5 checksum.
    """

    name: str
    record: int
    size: int
    md5: str

    def url(self, mirror: str) -> str:
        """Return its address on Zenodo, or on another server with the same paths."""
        return f"{mirror.rstrip('/')}/record/{self.record}/files/{self.name}?download=1"


SCENE_ARCHIVES = {name: Archive(name, tau2019.RECORD, size, md5) for name, (size, md5) in tau2019.ARCHIVES.items()}
"""The archives of TAU Urban Acoustic Scenes 2019, by name."""


def event_archives(record: Any) -> dict[str, Archive]:
    """Return the archives of FSDKaggle2019, by name, as Zenodo's description of the record (parsed JSON) lists them.

    Raises
    ------
    ValueError
        If the description lacks an archive, or its size or MD5.
    """
    archives = {}
    for name in fsdkaggle2019.ARCHIVES:
        try:
            entry = next(entry for entry in record["files"] if entry["key"] == name)
            checksum, size = str(entry["checksum"]), int(entry["size"])
        except (StopIteration, KeyError, TypeError, ValueError):
            raise ValueError(f"does not give size and MD5 of {name}") from None
        if not checksum.startswith("md5:"):
            raise ValueError(f"does not give the MD5 of {name} but {checksum!r}")
        archives[name] = Archive(name, fsdkaggle2019.RECORD, size, checksum.removeprefix("md5:"))
    return archives
