"""Files with identical content: between training and evaluation, they would leak."""

from collections.abc import Callable, Collection, Hashable, Sequence
from pathlib import Path

from tqdm import tqdm

from tagasc.artifacts.digest import file_digest, short_digest
from tagasc.recordings.find import AudioFile
from tagasc.runtime.errors import InputError, likewise

_HEAD = 1 << 16  # bytes that are compared before whole files are read


def find_identical(paths: Sequence[Path]) -> list[list[Path]]:
    """Return groups of files with the same bytes, in the order of their first files.

    Sizes are compared first, then the first 64 kB of files of one size, and then the whole of those that are left.

    >>> for name, text in (("a", "x"), ("b", "y"), ("c", "x")):
    ...     _ = (folder / name).write_text(text)
    >>> [[path.name for path in group] for group in find_identical([folder / "a", folder / "b", folder / "c"])]
    [['a', 'c']]
    """
    groups = _divide([list(paths)], lambda path: path.stat().st_size)
    groups = _divide(groups, _head)
    count = sum(map(len, groups))
    with tqdm(
        desc="comparing files of one size", total=count, unit="file", mininterval=1, disable=not count
    ) as progress:

        def whole(path: Path) -> str:
            progress.update()
            return file_digest(path)

        return _divide(groups, whole)


def check_identical(files: Sequence[AudioFile], evaluation: Collection[str]) -> list[str]:
    """Return warnings about identical files on one side of the split.

    Parameters
    ----------
    files
        All recordings.
    evaluation
        Locations for evaluation.

    Raises
    ------
    InputError
        If identical files are on different sides.
    """
    by_path = {file.path: file for file in files}
    leaks, warnings = [], []
    for group in find_identical(list(by_path)):
        of_side: dict[bool, list[AudioFile]] = {}
        for path in group:
            of_side.setdefault(by_path[path].location in evaluation, []).append(by_path[path])
        if len(of_side) == 2:
            leaks.append((of_side[False][0], of_side[True][0]))
            continue
        first, second = by_path[group[0]], by_path[group[1]]
        scenes = "" if first.scene == second.scene else f", in the scenes '{first.scene}' and '{second.scene}'"
        warnings.append(f"{first.path} and {second.path} are the same recording{scenes}")
    for train, evaluate in leaks[:1]:
        raise InputError(
            f"{train.path} and {evaluate.path} are the same recording, one for training and one for evaluation; delete "
            f"one of them, or put both into one location folder{likewise(len(leaks) - 1, 'pair')}"
        )
    if warnings:
        return [f"{warnings[0]}; delete one of them{likewise(len(warnings) - 1, 'pair')}"]
    return []


def _divide(groups: Sequence[Sequence[Path]], key: Callable[[Path], Hashable]) -> list[list[Path]]:
    """Divide groups of files by a key, and return those parts that have two files or more."""
    parts: list[list[Path]] = []
    for group in groups:
        by_key: dict[Hashable, list[Path]] = {}
        for path in group:
            by_key.setdefault(key(path), []).append(path)
        parts += [part for part in by_key.values() if len(part) > 1]
    return parts


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return short_digest(file.read(_HEAD))
