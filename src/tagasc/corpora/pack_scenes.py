"""Rule pack_scenes: decode the scenes once, in parallel, into one array that training reads in sequence."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tagasc.artifacts.resumable_array import PackedClip, open_resumable
from tagasc.artifacts.scenes import CLIPS, WAVEFORMS
from tagasc.config import Audio, OnMismatch
from tagasc.corpora.decoding import decode_scene
from tagasc.corpora.tau2019 import read_scenes, scene_paths
from tagasc.runtime.allocator import keep_freed_memory
from tagasc.runtime.parallel import map_chunks, worker_processes


def pack_scenes(
    audio: Audio, on_mismatch: OnMismatch, folder: Path, clips_path: Path, waveforms_path: Path, workers: int
) -> list[str]:
    """Pack a folder of scenes into a table of clips and an array of waveforms.

    Row i of ``waveforms_path``, times the scale in row i of ``clips_path``, is the recording. The scale puts the
    greatest sample of the clip at 32,767, so that quiet 24-bit recordings keep their precision. An interrupted call is
    continued by the next one.

    Parameters
    ----------
    audio
        Format of a packed clip. The duration auto is the most frequent length of the recordings.
    on_mismatch
        ``"error"`` or ``"convert"``, for clips of another format.
    folder
        The recordings, in the layout of TAU 2019.
    clips_path, waveforms_path
        Files to write: `CLIPS` and `WAVEFORMS`.
    workers
        Number of processes.

    Returns
    -------
    list of str
        The digest of each packed clip, as `decode_scene` gives it.

    Raises
    ------
    InputError
        As `read_scenes`. Also if a clip cannot be decoded, or if the disk is full.
    """
    clips, audio = read_scenes(folder, audio, on_mismatch)
    paths = scene_paths(folder, clips)
    shape = (len(clips), audio.channels, audio.samples)
    settings = audio.model_dump_json() + on_mismatch
    with (
        open_resumable(WAVEFORMS, waveforms_path, shape, settings, paths) as array,
        worker_processes(),
    ):
        clip_bytes = 2 * audio.channels * audio.samples
        positions = [array.offset + row * clip_bytes for row in range(len(clips))]
        work = partial(_pack, audio, on_mismatch, array.path)
        for packed in map_chunks(work, paths, positions, workers=workers, description="packing", done=len(array.clips)):
            array.add(packed)
        CLIPS.write(clips_path, clips.assign(scale=array.scales))
        return array.digests


def _pack(
    audio: Audio, on_mismatch: OnMismatch, waveforms: Path, paths: Sequence[Path], positions: Sequence[int]
) -> list[PackedClip]:
    """Write clips to their positions in bytes.

    Workers write their clips themselves, so that no audio passes between processes. They write instead of mapping the
    file into memory, because a full disk is then an error and not a crash.
    """
    keep_freed_memory()
    clips = []
    with waveforms.open("r+b") as file:
        for path, position in zip(paths, positions, strict=True):
            packed, scale, digest, source = decode_scene(audio, on_mismatch, path)
            file.seek(position)
            file.write(packed)
            clips.append(PackedClip(scale, len(packed), digest, source))
    return clips
