"""Digests of large files: rules depend on them, so that equal content repeats nothing, whatever the time of a file."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tagasc.artifacts.artifact import Artifact
from tagasc.runtime.files import atomic_write

CORPUS_DIGEST = Artifact(
    path="corpora/<corpus>/digest.txt",
    rule="pack_scenes or pack_events",
    meaning="SHA-256 of the corpus: of its settings, its clips.csv and its recordings. Trainings depend on it.",
)
TAGS_DIGEST = Artifact(
    path="tags/<tagger>/<scenes>.sha256",
    rule="tag_scenes or import_tags",
    meaning="SHA-256 of the tag vectors. Trainings depend on it.",
)


def short_digest(data: bytes) -> str:
    """Return the first 128 bits of the SHA-256 of some bytes, in hexadecimal digits.

    >>> short_digest(b"tagasc")
    'e5e13a228bafe98c25fe425168a01612'
    """
    return hashlib.sha256(data).hexdigest()[:32]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    >>> _ = (folder / "tags.csv").write_bytes(b"")
    >>> file_digest(folder / "tags.csv")[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_digest(path: Path, parts: Iterable[bytes]) -> None:
    """Write the SHA-256 of some parts; where one ends and the next one begins counts.

    >>> write_digest(folder / "digest.txt", [b"settings", b"clips"])
    >>> len((folder / "digest.txt").read_text())
    65
    """
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(hashlib.sha256(part).digest())
    with atomic_write(path) as partial:
        partial.write_text(f"{hashed.hexdigest()}\n")
