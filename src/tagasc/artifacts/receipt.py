"""The receipt of a data set that a rule has written into the folder of the raw recordings."""

from pathlib import Path

from tagasc.artifacts.artifact import Artifact

RECEIPT = Artifact(
    path="corpora/<corpus>/unpacked.txt",
    rule="unpack_scenes, unpack_events, make_demo_scenes or make_demo_events",
    meaning="What was unpacked or synthesised in the data set's folder. It exists as long as the folder is complete.",
)


def write_receipt(path: Path, statement: str) -> None:
    r"""Write what is in the data set's folder.

    >>> write_receipt(folder / "unpacked.txt", "23 archives\n")
    """
    RECEIPT.write_text(path, statement)
