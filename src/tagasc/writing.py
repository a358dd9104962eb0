"""Files appear under their final name only when they are complete."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def partial_path(path: Path) -> Path:
    """Return the name that a file has, in the same folder, until it is complete; the suffix is the same."""
    return path.with_name(f".partial-{path.name}")


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, renamed to ``path`` when the block ends without an exception.

    A job that is killed while it writes leaves the temporary file, never a half-written one that a later job
    would take for whole. The temporary name keeps the suffix, because writers choose their format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_path(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
