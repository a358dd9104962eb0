"""What the sections are given: sizes of networks and batches, and the table of results."""

from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.record import record_result

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Sizes:
    """Sizes of everything that is measured.

    Parameters
    ----------
    threads
        CPU threads.
    filters, blocks, precision
        Of the scene networks.
    batch, steps
        Clips in a batch of the scene networks; steps of an epoch.
    crop
        Length in s of the windows with which trainings are checked.
    rounds
        Epochs of which the fastest counts.
    layers
        Residual blocks in the four stages of the tagger's network.
    slices, slice_frames, tagger_steps
        Clips of each kind in a batch of the tagger; their length in frames; steps of an epoch.
    clips
        Clips that are tagged.
    """

    threads: int
    filters: int = 128
    blocks: int = 7
    precision: Precision = "bfloat16"
    batch: int = 24
    steps: int = 20
    crop: float = 1.0
    rounds: int = 5
    layers: tuple[int, int, int, int] = (3, 4, 6, 3)
    slices: int = 64
    slice_frames: int = 512
    tagger_steps: int = 10
    clips: int = 200

    @classmethod
    def miniature(cls, threads: int) -> "Sizes":
        """Return sizes with which each section takes a second on a CPU."""
        scenes = cls(threads, filters=8, blocks=4, precision="float32", batch=2, steps=2, crop=0.25, rounds=1)
        return replace(scenes, layers=(1, 1, 1, 1), slices=2, slice_frames=64, tagger_steps=1, clips=1)

    @property
    def of_paper(self) -> bool:
        """Whether the sizes are those of the paper."""
        return (self.filters, self.blocks) == (128, 7)


class Table:
    """Rows of results of one section, printed and recorded as soon as they are known.

    Parameters
    ----------
    section
        Name of the section.
    record
        Append the rows to RECORD.md.

    Attributes
    ----------
    failed : bool
        Whether a check has failed.
    """

    def __init__(self, section: str, *, record: bool) -> None:
        self.section, self.record, self.failed = section, record, False

    def row(self, what: str, result: str) -> None:
        """Add a row."""
        self.print(what, result)
        if self.record:
            record_result(f"gpu {self.section}", f"{what}: {result}")

    def print(self, what: str, result: str) -> None:
        """Print a row that is no result, and do not record it."""
        cells = (cell.replace("|", "/") for cell in (self.section, what, result))
        print(f"| {' | '.join(cells)} |", flush=True)

    def check(self, what: str, result: str, *, passed: bool) -> None:
        """Add the row of a check."""
        self.failed |= not passed
        self.row(what, f"{'passed' if passed else 'FAILED'}: {result}")
