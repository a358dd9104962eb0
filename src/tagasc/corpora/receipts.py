"""What rules have written into the folders of raw recordings, and the receipts that say so.

No file in such a folder is an output of a rule, because Snakemake deletes outputs before a job, and the folder may be a
user's. A marker in the folder says what it holds; the receipt in the results tree is a copy of it.
"""

import json
from pathlib import Path

from tagasc.artifacts.receipt import RECEIPT, write_receipt
from tagasc.config import READ_ONLY_SOURCES, Audio, DemoEvents, DemoScenes, Events, Scenes
from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write

SYNTHESISED = "synthesised.txt"
"""File that marks a folder as the demo's."""
UNPACKED = "unpacked.txt"
"""File that marks a folder as one into which archives were unpacked."""


def scenes_statement(scenes: Scenes) -> str:
    r"""Return what the marker of a folder of scenes says.

    >>> scenes_statement(Scenes())
    'Unpacked by tagasc from 23 archives of Zenodo record 2589280.\n'
    """
    if scenes.source == "demo":
        return synthesised(scenes.audio, scenes.demo)
    return _unpacked(len(tau2019.ARCHIVES), tau2019.RECORD)


def events_statement(events: Events) -> str:
    r"""Return what the marker of a folder of events says.

    >>> events_statement(Events())
    'Unpacked by tagasc from 11 archives of Zenodo record 3612637.\n'
    """
    if events.source == "demo":
        return synthesised(events.mel.sample_rate, events.demo)
    return _unpacked(len(fsdkaggle2019.ARCHIVES), fsdkaggle2019.RECORD)


def synthesised(audio: Audio | int, demo: DemoScenes | DemoEvents) -> str:
    """Return what the marker of a synthesised folder says: from which format (or sample rate) and settings."""
    settings = [audio if isinstance(audio, int) else audio.model_dump(), demo.model_dump()]
    return f"Synthesised by tagasc, which may replace these recordings: {json.dumps(settings)}\n"


def claim(folder: Path, statement: str) -> None:
    """Mark a folder as one into which archives are unpacked.

    Raises
    ------
    InputError
        If it holds files, and no marker says that they may be overwritten.
    """
    check_claim(folder)
    with atomic_write(folder / UNPACKED) as partial:
        partial.write_text(statement)


def check_claim(folder: Path) -> None:
    """Check that a folder is missing, empty, or marked as one into which archives were unpacked.

    Raises
    ------
    InputError
        If it is not.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / UNPACKED).is_file():
        raise InputError(
            f"{folder}: holds files that were not unpacked by tagasc, and unpacking would overwrite them; set the data "
            f"set's key 'source' to copy or folder to use them, or its key 'folder' to a new folder"
        )


def update_receipt(section: Scenes | Events, folder: Path, receipt: Path) -> None:
    """Delete a damaged receipt or that of a folder whose lists are gone, and restore that of a complete folder.

    So whatever needs a lost data set writes it again, and a data set that was moved is not fetched again. The last
    files that unpacking writes are the lists.
    """
    if section.source in READ_ONLY_SOURCES:
        return
    if isinstance(section, Scenes):
        statement, lists = scenes_statement(section), tau2019.list_paths(folder)
    else:
        statement, lists = events_statement(section), fsdkaggle2019.list_paths(folder)
    complete = all(path.is_file() for path in lists)
    if receipt.exists() and not (complete and _is_unchanged(receipt)):
        receipt.unlink()
    if complete and not receipt.exists() and _marker(section, folder) == statement:
        write_receipt(receipt, statement)


def is_current(section: Scenes | Events, receipt: Path) -> bool:
    """Return whether the folder's recordings are those that this configuration wants, so that no rule rewrites them."""
    if section.source in READ_ONLY_SOURCES:
        return True
    statement = scenes_statement(section) if isinstance(section, Scenes) else events_statement(section)
    return receipt.exists() and _read(receipt) == statement


def _is_unchanged(receipt: Path) -> bool:
    try:
        RECEIPT.check(receipt)
    except InputError:
        return False
    return True


def _marker(section: Scenes | Events, folder: Path) -> str | None:
    path = folder / (SYNTHESISED if section.source == "demo" else UNPACKED)
    return _read(path) if path.is_file() else None


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _unpacked(archives: int, record: int) -> str:
    return f"Unpacked by tagasc from {archives} archives of Zenodo record {record}.\n"
