"""Writing the folders of the demo's corpora."""

import io
import shutil
from pathlib import Path

import pandas as pd
import soundfile

from tagasc.corpora.receipts import SYNTHESISED
from tagasc.corpora.synthetic.sounds import LOWEST_RATE, Samples
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write


def require_rate(sample_rate: int, key: str) -> None:
    """Check that the sample rate in Hz, given by a configuration key, is high enough for the demo's sounds.

    Raises
    ------
    InputError
        If it is below `LOWEST_RATE`.
    """
    if sample_rate < LOWEST_RATE:
        raise InputError(f"{key}: {sample_rate} Hz is too low for the demo's sounds; use {LOWEST_RATE} Hz or more")


def clear_folder(folder: Path, names: list[str], section: str, statement: str) -> None:
    """Delete files and folders that an earlier demo has written, in this order, and mark the folder with a statement.

    Raises
    ------
    InputError
        If one of them exists and is not the demo's.
    """
    marker = folder / SYNTHESISED
    for path in (folder / name for name in names):
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            if not marker.exists():
                raise InputError(
                    f"{path}: was not synthesised, and the demo would overwrite it; name another {section}.folder, or "
                    f"set {section}.source: folder to use these recordings"
                )
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    with atomic_write(marker) as partial:
        partial.write_text(statement)


def write_audio(path: Path, samples: Samples, sample_rate: int, subtype: str) -> None:
    """Write samples (samples,) or (samples, channels) in [-1, 1] to a WAV file."""
    encoded = io.BytesIO()  # libsndfile does not say why it cannot write to a disk
    soundfile.write(encoded, samples, sample_rate, subtype=subtype, format="WAV")
    with atomic_write(path) as partial:
        partial.write_bytes(encoded.getbuffer())


def write_list(path: Path, table: pd.DataFrame, delimiter: str) -> None:
    """Write a list with a header."""
    with atomic_write(path) as partial:
        table.to_csv(partial, sep=delimiter, index=False, lineterminator="\n")
