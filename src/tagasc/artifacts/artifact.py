"""A file of the results tree: where it stands, which rule writes it, what is in it, and whether it is unchanged."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

from tagasc.artifacts.record import Part, Record, changed_parts, read_record, record_path, whole, write_record
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write, rename_durably
from tagasc.runtime.system_errors import as_input_error

_SMALL = 1 << 28
"""Bytes up to which a file is compared as a whole on reading. It takes less than 0.3 s."""
_SAMPLE = 16
"""Number of parts of a large file to compare on reading: the first one, the last one, and others between them."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A file of the results tree.

    A record of its digest is written next to it. Whoever reads it compares both.

    Parameters
    ----------
    path
        Where it stands below ``results/``, with placeholders in angle brackets.
    rule
        The rule that writes it.
    meaning
        What is in it, for ``results/README.md``.
    """

    path: str
    rule: str
    meaning: str

    @contextmanager
    def atomic_write(self, path: str | Path) -> Iterator[Path]:
        """Yield a temporary path next to ``path``; after the block, it gets the name ``path``, and a record.

        >>> file = Artifact(path="corpora/<corpus>/x.txt", rule="make_x", meaning="")
        >>> with file.atomic_write(folder / "x.txt") as partial:
        ...     _ = partial.write_text("42")
        >>> file.check(folder / "x.txt")
        """
        path = Path(path)
        with atomic_write(path) as partial:
            yield partial
            parts = whole(partial)
            # Without a record, a file counts as unchanged: a kill between here and the new one raises no false alarm.
            record_path(path).unlink(missing_ok=True)
        write_record(path, Record(self.place(path), parts))

    def write_text(self, path: str | Path, text: str) -> None:
        """Write a text file in UTF-8."""
        with self.atomic_write(path) as partial:
            partial.write_text(text, encoding="utf-8")

    def finish(self, partial: Path, path: Path, parts: Sequence[Part]) -> None:
        """Rename a large file that was written part by part, and record the digests of its parts."""
        record_path(path).unlink(missing_ok=True)
        rename_durably(partial, path)
        write_record(path, Record(self.place(path), parts))

    def place(self, path: Path) -> str:
        """Return the part of a path that follows the name of its corpus, tagger or experiment.

        >>> file = Artifact(path="experiments/<name>/cells/<cell>/seed<k>/x.csv", rule="make_x", meaning="")
        >>> file.place(Path("results/experiments/paper/cells/codecat/seed0/x.csv"))
        'cells/codecat/seed0/x.csv'
        """
        return "/".join(path.parts[2 - len(PurePath(self.path).parts) :])

    def check(
        self, path: str | Path, *, every_part: bool = False, progress: Callable[[int], object] | None = None
    ) -> None:
        """Check that a file has not changed since it was written.

        A file without a record passes: one that was written by an earlier version, for instance.

        Parameters
        ----------
        path
            The file.
        every_part
            Compare all parts of a large file, and not a sample of them.
        progress
            Called with the number of bytes after each part.

        Raises
        ------
        InputError
            If the file is missing, is no file, has changed, or was copied from another place of the results tree.
        """
        path = Path(path)
        try:
            if path.is_dir():
                raise self.error(path, "is a folder, not a file")
            size = path.stat().st_size
            record = read_record(path)
            if record is None:
                return
            last = len(record.parts) - 1
            sample = {round(step * last / (_SAMPLE - 1)) for step in range(_SAMPLE)}
            chosen = range(last + 1) if every_part or size <= _SMALL else sorted(sample)
            changed = size != record.parts[-1].end or any(changed_parts(path, record.parts, chosen, progress))
        except FileNotFoundError:
            raise self.error(path, "does not exist") from None
        except OSError as error:  # writing it again is no remedy for missing permission, for example
            raise as_input_error(error, path) or self.error(path, f"cannot be read ({error.strerror})") from None
        except ValueError:
            raise self.error(path, f"its record {record_path(path).name} is damaged") from None
        if changed:
            raise self.error(path, "has changed since it was written")
        if record.place != self.place(path):
            raise self.error(path, f"is a copy of {record.place}")

    def check_run(self, path: Path, cell: str, seed: int) -> None:
        """Check that a file in a folder ``<cell>/seed<k>`` is of this cell and seed.

        Raises
        ------
        InputError
            If it is of another run.
        """
        folder = path.parent
        if re.fullmatch(r"seed\d+", folder.name) and (folder.parent.name, folder.name) != (cell, f"seed{seed}"):
            raise self.error(path, f"is of {cell} with seed {seed}")

    def read_bytes(self, path: str | Path) -> bytes:
        """Return the content of a file after `check`."""
        self.check(path)
        return Path(path).read_bytes()

    def error(self, path: str | Path, problem: str) -> InputError:
        """Return the error for a file that is missing, damaged or foreign, with the remedy.

        >>> Artifact(path="x.csv", rule="make_x", meaning="").error("results/x.csv", "is cut short")
        InputError('results/x.csv: is cut short; delete it, and rule make_x writes it again')
        """
        return InputError(f"{path}: {problem}; delete it, and rule {self.rule} writes it again")
