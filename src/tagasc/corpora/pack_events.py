"""Rule pack_events: compute the mel power of the events once, into one array that the tagger's training reads."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import torch

from tagasc.artifacts.digest import short_digest
from tagasc.artifacts.events import CLIPS, LABELS, MEL_POWER
from tagasc.artifacts.resumable_array import PackedClip, open_resumable
from tagasc.audio.mel_power import MelPower
from tagasc.config import Mel, OnMismatch
from tagasc.corpora.decoding import decode_event
from tagasc.corpora.fsdkaggle2019 import event_paths, read_events, vocabulary
from tagasc.runtime.device import choose_device
from tagasc.runtime.errors import InputError
from tagasc.runtime.parallel import map_chunks


def pack_events(
    mel: Mel,
    on_mismatch: OnMismatch,
    drop: Collection[str],
    folder: Path,
    clips_path: Path,
    labels_path: Path,
    mel_power_path: Path,
    workers: int,
) -> list[str]:
    """Pack a folder of events into a table of clips, their vocabulary, and an array of mel power.

    The mel power of a clip is its rows of ``mel_power_path``, times its scale in ``clips_path``. The scale puts the
    maximum of the clip at 32,768, so that everything down to 87 dB below it keeps 11 bits. Mel power is computed on a
    GPU if there is one. An interrupted call is continued by the next one.

    Parameters
    ----------
    mel
        Settings of the spectrogram.
    on_mismatch
        ``"error"`` or ``"convert"``, for clips of another format.
    drop
        Names of curated clips to leave out.
    folder
        The recordings, in the layout of FSDKaggle2019.
    clips_path, labels_path, mel_power_path
        Files to write: `CLIPS`, `LABELS` and `MEL_POWER`.
    workers
        Number of threads.

    Returns
    -------
    list of str
        The digest of each packed clip, as `decode_event` gives it.

    Raises
    ------
    InputError
        As `read_events`. Also if a clip cannot be decoded, or if the disk is full.
    """
    device = choose_device(workers)
    torch.set_num_threads(1)  # in each of the workers
    mel_power = MelPower(mel).to(device)
    clips = read_events(folder, drop, mel.sample_rate, on_mismatch)
    paths = event_paths(folder, clips)
    clips["frames"] = [mel_power.frames(samples) for samples in clips["samples"]]
    clips["start"] = clips["frames"].cumsum() - clips["frames"]
    frames = clips["frames"].tolist()
    shape = (sum(frames), mel.n_mels)
    settings = mel.model_dump_json() + on_mismatch
    # Threads, not processes: reading and transforming release Python's lock, and only one process can hold the GPU.
    with (
        open_resumable(MEL_POWER, mel_power_path, shape, settings, paths) as array,
        joblib.parallel_config("threading"),
    ):
        positions = [array.offset + start * 2 * mel.n_mels for start in clips["start"]]
        work = partial(_pack, mel, on_mismatch, mel_power, device, array.path)
        for packed in map_chunks(
            work, paths, positions, frames, workers=workers, description="packing", done=len(array.clips)
        ):
            array.add(packed)
        LABELS.write(labels_path, pd.DataFrame({"label": vocabulary(clips)}))
        CLIPS.write(clips_path, clips.assign(scale=array.scales))
        return array.digests


def _pack(
    mel: Mel,
    on_mismatch: OnMismatch,
    mel_power: MelPower,
    device: torch.device,
    mel_power_path: Path,
    paths: Sequence[Path],
    positions: Sequence[int],
    frames: Sequence[int],
) -> list[PackedClip]:
    """Write the mel power of clips as float16 to their positions in bytes."""
    clips, sources = zip(*(decode_event(mel, on_mismatch, path) for path in paths), strict=True)
    with torch.inference_mode():
        powers = mel_power.of_clips([torch.from_numpy(clip).to(device) for clip in clips])
    packed = []
    with mel_power_path.open("r+b") as file:
        for path, position, count, power, source in zip(paths, positions, frames, powers, sources, strict=True):
            if len(power) != count:
                raise InputError(f"{path}: has changed while it was packed; run again")
            values = power.cpu().numpy()
            scale = (float(values.max()) or 1.0) / 32768
            file.seek(position)
            data = (values / np.float64(scale)).astype(np.float16).tobytes()
            file.write(data)
            packed.append(PackedClip(scale, len(data), short_digest(data), source))
    return packed
