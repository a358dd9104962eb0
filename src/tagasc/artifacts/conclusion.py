"""What a run shows, in a few sentences."""

from collections.abc import Sequence
from pathlib import Path

from tagasc.artifacts.artifact import Artifact

CONCLUSION = Artifact(
    path="experiments/<name>/conclusion.md",
    rule="compare_cells",
    meaning="The best cell and the best control, their difference, and what follows from it, in a few sentences. They "
    "are about protocol last and the official test list.",
)


def write_conclusion(path: Path, paragraphs: Sequence[str]) -> None:
    r"""Write the conclusion.

    >>> write_conclusion(folder / "conclusion.md", ["There is a gain.", "The baseline reaches 31 %."])
    >>> (folder / "conclusion.md").read_text()
    'There is a gain.\n\nThe baseline reaches 31 %.\n'
    """
    CONCLUSION.write_text(path, "\n\n".join(paragraphs) + "\n")


def new_conclusion(path: str | Path, since: float) -> str:
    """Return the conclusion if it was written after ``since``, in seconds of `time.time`; otherwise an empty text.

    >>> new_conclusion(folder / "conclusion.md", 0)
    ''
    """
    path = Path(path)
    return (
        path.read_text(encoding="utf-8", errors="replace") if path.is_file() and path.stat().st_mtime >= since else ""
    )
