"""The corpora packed: decoded once, in parallel, into arrays that training reads in one sequence.

Workers write their rows into the file themselves, each to its own place, so that no audio goes from process to process
and memory stays at a few clips a worker. They write rather than map: a full disk is an error then, and not a crash.
A job that ends early leaves its rows to the next one, under another name than the corpus has.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tagasc.config import Events, Scenes
from tagasc.corpora.audio import read_audio
from tagasc.corpora.events import event_paths, read_events, vocabulary
from tagasc.corpora.filling import filled
from tagasc.corpora.memory import keep_freed_memory
from tagasc.corpora.parallel import in_chunks
from tagasc.corpora.scenes import read_scenes
from tagasc.errors import InputError
from tagasc.writing import written_whole

if TYPE_CHECKING:
    import torch

    from tagasc.corpora.mel import MelPower

_PIECE = 1 << 14  # samples of a clip: 128 KiB in two channels
_ELSEWHERE = {"name", "source", "folder", "verify"}
"""Keys of a corpus that do not change how its clips are packed."""


def pack_scenes(settings: Scenes, folder: Path, clips_path: Path, waveforms_path: Path, workers: int) -> None:
    """Pack a folder that `read_scenes` reads.

    ``waveforms_path`` becomes int16 (clips, channels, samples) and ``clips_path`` the table of `read_scenes` with a
    column ``scale``: row i × scale of row i is the recording. The scale puts a clip's greatest sample at 32,767, so
    that quiet recordings of 24 bits keep their precision.

    Raises
    ------
    InputError
        As `read_scenes`, for a clip that cannot be decoded, and if the disk has no room.
    """
    clips = read_scenes(settings, folder)
    paths = [folder / name for name in clips["filename"]]
    shape = (len(clips), settings.channels, settings.samples)
    made = settings.model_dump_json(exclude=_ELSEWHERE)
    # loky's fresh processes, since a fork would inherit the locks of threads that it does not have
    with (
        filled(waveforms_path, np.int16, shape, made, paths) as array,
        joblib.parallel_config("loky", inner_max_num_threads=1),
    ):
        row_size = 2 * settings.channels * settings.samples
        places = [array.offset + row * row_size for row in range(len(clips))]
        work = partial(_pack_waveforms, settings, array.path)
        for scales in in_chunks(work, paths, places, workers=workers, what="packing", done=len(array.scales)):
            array.add(scales)
        clips["scale"] = array.scales
        _write_table(clips, clips_path)


def pack_events(
    settings: Events, folder: Path, clips_path: Path, labels_path: Path, mel_path: Path, workers: int
) -> None:
    """Pack a folder that `read_events` reads, as mel power, computed on the GPU where there is one.

    ``mel_path`` becomes float16 (frames of all clips, bands), ``labels_path`` the vocabulary in one column ``label``,
    and ``clips_path`` a table with filename, subset, labels, start, frames and scale: the rows from start to start +
    frames, × scale, are a clip's mel power. The scale puts its maximum at 32,768, so that whatever lies less than 87 dB
    below it keeps 11 bits.

    Raises
    ------
    InputError
        As `read_events`, for a clip that cannot be decoded, and if the disk has no room.
    """
    # Whoever packs scenes does not pay for torch.
    import torch  # noqa: PLC0415

    from tagasc.corpora.device import choose_device  # noqa: PLC0415
    from tagasc.corpora.mel import MelPower  # noqa: PLC0415

    device = choose_device(workers)
    torch.set_num_threads(1)  # in each of the workers
    mel = MelPower(settings.mel, settings.sample_rate).to(device)
    clips = read_events(settings, folder)
    paths = event_paths(folder, clips)
    clips["frames"] = [mel.frames(samples) for samples in clips.pop("samples")]
    clips.insert(3, "start", clips["frames"].cumsum() - clips["frames"])
    shape = (int(clips["frames"].sum()), settings.mel.bands)
    made = settings.model_dump_json(exclude=_ELSEWHERE)
    # Threads, not processes: reading and transforming let go of Python's lock, and one process holds the GPU.
    with filled(mel_path, np.float16, shape, made, paths) as array, joblib.parallel_config("threading"):
        places = [
            (array.offset + start * 2 * settings.mel.bands, frames)
            for start, frames in zip(clips["start"], clips["frames"], strict=True)
        ]
        work = partial(_pack_mel, settings, mel, device, array.path)
        for scales in in_chunks(work, paths, places, workers=workers, what="packing", done=len(array.scales)):
            array.add(scales)
        clips["scale"] = array.scales
        _write_table(pd.DataFrame({"label": vocabulary(clips)}), labels_path)
        _write_table(clips, clips_path)


def _pack_waveforms(settings: Scenes, waveforms: Path, paths: Sequence[Path], places: Sequence[int]) -> list[float]:
    """Write clips as int16 to their places in bytes; return their scales."""
    keep_freed_memory()
    scales = []
    packed = np.empty((settings.channels, settings.samples), np.int16)
    with waveforms.open("r+b") as file:
        for path, place in zip(paths, places, strict=True):
            clip = read_audio(path, settings.sample_rate, settings.channels, settings.samples, settings.on_mismatch)
            scale = (max(float(clip.max()), -float(clip.min())) or 1.0) / 32767
            _quantise(clip, scale, packed)
            file.seek(place)
            file.write(packed.data)
            scales.append(scale)
    return scales


def _quantise(clip: NDArray[np.float32], scale: float, packed: NDArray[np.int16]) -> None:
    """Fill ``packed`` with clip / scale, rounded, in pieces that the processor's cache holds.

    Arrays of a whole clip in between would each cost as much as decoding it, since they come from the system anew. The
    product of 32-bit numbers is off by at most 0.003, so that rounding stays within 0.503 of a step.
    """
    factor = np.float32(1 / scale)
    for start in range(0, packed.shape[1], _PIECE):
        piece = clip[:, start : start + _PIECE] * factor
        packed[:, start : start + _PIECE] = np.rint(piece, out=piece)


def _pack_mel(
    settings: Events,
    mel: "MelPower",
    device: "torch.device",
    mel_path: Path,
    paths: Sequence[Path],
    places: Sequence[tuple[int, int]],
) -> list[float]:
    """Write the mel power of clips as float16 to their places, each a position in bytes and frames; return scales."""
    import torch  # noqa: PLC0415

    clips = [read_audio(path, settings.sample_rate, 1, None, settings.on_mismatch)[0] for path in paths]
    with torch.inference_mode():
        powers = mel.of_clips([torch.from_numpy(clip).to(device) for clip in clips])
    scales = []
    with mel_path.open("r+b") as file:
        for path, power, (place, frames) in zip(paths, (each.cpu().numpy() for each in powers), places, strict=True):
            if len(power) != frames:
                raise InputError(f"{path}: has changed while it was packed; run again")
            scale = (float(power.max()) or 1.0) / 32768
            file.seek(place)
            file.write((power / np.float64(scale)).astype(np.float16).tobytes())
            scales.append(scale)
    return scales


def _write_table(table: pd.DataFrame, path: Path) -> None:
    with written_whole(path) as file:
        table.to_csv(file, index=False)
