"""Digests of large files: rules depend on them, so that equal content repeats nothing, whatever the time of a file."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import xxhash

from tagasc.artifacts.artifact import Artifact

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
    """Return XXH3's digest of some bytes, 128 bits in hexadecimal digits.

    It takes 0.1 ms for a clip that is decoded in 6 ms; SHA-256 takes 1 ms (one core of an AMD EPYC). It is for
    differences that nobody made on purpose.

    >>> short_digest(b"tagasc")
    '4bffcb2d76ea58f12d7f6c4fa78c9a4f'
    """
    return xxhash.xxh3_128_hexdigest(data)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    >>> _ = (folder / "tags.csv").write_bytes(b"")
    >>> file_digest(folder / "tags.csv")[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_digest(artifact: Artifact, path: Path, parts: Iterable[bytes]) -> None:
    """Write the SHA-256 of some parts; where one ends and the next one begins counts.

    >>> write_digest(CORPUS_DIGEST, folder / "digest.txt", [b"settings", b"clips"])
    >>> len((folder / "digest.txt").read_text())
    65
    """
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(hashlib.sha256(part).digest())
    artifact.write_text(path, f"{hashed.hexdigest()}\n")
