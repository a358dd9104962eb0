"""A trained system: from the waveform of a window to its tags, its code and its scene."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from tagasc.artifacts.bundle import NETWORK, SVM, Manifest, bundled, read_manifest, snapshot
from tagasc.artifacts.weights import read_weights
from tagasc.audio.conversion import convert
from tagasc.audio.file import check_samples
from tagasc.audio.packing import pack_audio
from tagasc.audio.windows import MAX_CHANNELS, Window, WindowFormat, check_rate, cut_windows, read_windows
from tagasc.backend.fitted_machine import FittedMachine
from tagasc.bundle.prediction import Heard, Prediction
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.preemphasis import network_input
from tagasc.paper.grid import Cell, parse
from tagasc.runtime.errors import InputError
from tagasc.runtime.precision import allow_tf32
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.scene_tagger import SceneTagger

_GPU_BATCH = 24
"""Windows at the same time on a GPU. On a CPU, it is one."""


@dataclass(frozen=True)
class System:
    """A trained system.

    Parameters
    ----------
    manifest
        Its description.
    network
        The scene network, on some device and in evaluation mode.
    tagger
        The tagger, on the same device; None if tag vectors were imported from a file.
    machine
        The support vector machine.
    """

    manifest: Manifest
    network: SceneNetwork
    tagger: SceneTagger | None
    machine: FittedMachine

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> Self:
        """Return the system of a bundle.

        Its networks compute in the precisions that its run recorded. On a GPU, torch's settings for TF32 change for the
        whole process.

        Raises
        ------
        InputError
            As `read_manifest`. Also if a file cannot be read.
        """
        manifest = read_manifest(folder)
        if device.type == "cuda":
            precisions = {manifest.network.precision}
            if manifest.tagger is not None:
                precisions.add(manifest.tagger.network.precision)
            allow_tf32(allowed=precisions == {"tf32"})  # torch has one setting for both networks
        return cls(manifest, _network(folder, manifest, device), _tagger(folder, manifest, device), _machine(folder))

    @property
    def cell(self) -> Cell:
        """How tags enter the network."""
        return parse(self.manifest.cell)

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.network.parameters()).device

    @property
    def batch_size(self) -> int:
        """Windows to hear at the same time."""
        return 1 if self.device.type == "cpu" else _GPU_BATCH

    def window_format(self, hop: float | None = None) -> WindowFormat:
        """Return the windows in which recordings are heard.

        Parameters
        ----------
        hop
            Seconds from the start of a window to that of the next one. None is the length of a window.

        Raises
        ------
        InputError
            If the hop is not positive.
        """
        audio = self.manifest.audio
        samples = audio.samples if hop is None else round(hop * audio.sample_rate)
        if samples < 1:
            raise InputError(f"hop: {hop:g} s is too short; give a positive number of seconds")
        return WindowFormat(audio.sample_rate, audio.channels, audio.samples, samples)

    def predict(self, waveform: NDArray[np.floating], sample_rate: int, hop: float | None = None) -> Prediction:
        """Return the prediction for a recording in memory.

        Parameters
        ----------
        waveform
            (channels, samples) or (samples,), within -1 and 1. Channels and rate are converted as for files.
        sample_rate
            In Hz.
        hop
            As in `window_format`.

        Raises
        ------
        InputError
            If there are no samples, if a sample is not finite, or if the rate cannot be converted.
        """
        wanted, given = self.window_format(hop), np.atleast_2d(waveform).astype(np.float32)
        name = Path("waveform")  # in messages, where a file would have its path
        if given.ndim != 2 or given.shape[0] > MAX_CHANNELS or not given.shape[1]:
            raise InputError(f"{name}: has the shape {np.shape(waveform)}, expected (channels, samples) or (samples,)")
        check_samples(name, given)
        check_rate(name, sample_rate, wanted.sample_rate)
        return self.predict_windows(
            cut_windows(convert(given, sample_rate, wanted.sample_rate, wanted.channels), wanted)
        )

    def predict_file(self, path: Path, hop: float | None = None) -> Prediction:
        """Return the prediction for an audio file; memory does not grow with its length.

        Parameters
        ----------
        path
            In any format, rate and number of channels that libsndfile reads.
        hop
            As in `window_format`.

        Raises
        ------
        InputError
            As `read_windows`.
        """
        return self.predict_windows(read_windows(path, self.window_format(hop)))

    def predict_windows(self, windows: Iterable[Window], tags: NDArray[np.float32] | None = None) -> Prediction:
        """Return the prediction for the windows of a recording.

        Parameters
        ----------
        windows
            The windows, at least one.
        tags
            A tag vector (tags,) from elsewhere for all of them.

        Raises
        ------
        InputError
            As `hear`.
        """
        starts, ends, heard = [], [], []
        for batch in self._batches(windows):
            vectors = None if tags is None else np.repeat(tags[None], len(batch), axis=0)
            heard.append(self.hear(np.stack([window.waveform for window in batch]), vectors))
            starts += [window.start for window in batch]
            ends += [window.end for window in batch]
        manifest = self.manifest
        return Prediction(manifest.scenes, manifest.tags, np.array(starts), np.array(ends), Heard.joined(heard))

    def tag_windows(self, windows: Iterable[Window]) -> NDArray[np.float32]:
        """Return the tag vectors (windows, tags) of windows; the system must have a tagger."""
        assert self.tagger is not None
        packed = (_packed([window.waveform for window in batch]) for batch in self._batches(windows))
        return np.concatenate([self.tagger.tag(*each) for each in packed])

    def _batches(self, windows: Iterable[Window]) -> Iterator[list[Window]]:
        remaining = iter(windows)
        while batch := list(islice(remaining, self.batch_size)):
            yield batch

    @torch.no_grad()
    def hear(self, waveforms: NDArray[np.float32], tags: NDArray[np.float32] | None = None) -> Heard:
        """Return what the system hears in windows.

        A window is treated as a training clip is: packed into 16 bits, tagged, and turned into a code of 16 bits. On a
        CPU, the windows are computed one by one, and the result is that of the workflow, bit for bit.

        Parameters
        ----------
        waveforms
            (windows, channels, samples), at the sample rate, with the channels and the length of the manifest.
        tags
            Tag vectors (windows, tags) from elsewhere. A system whose tagger is not in the bundle needs them if its
            cell uses tags.

        Raises
        ------
        InputError
            If tag vectors are needed and not given.
        """
        integers, scale = _packed(waveforms)
        found = [
            self._hear(integers[rows], scale[rows], None if tags is None else tags[rows])
            for rows in (slice(first, first + self.batch_size) for first in range(0, len(scale), self.batch_size))
        ]
        vectors, codes = (np.concatenate(part) for part in zip(*found, strict=True))
        decisions = self.machine.decide(codes.astype(np.float16).astype(np.float64))
        return Heard(vectors, codes, self.machine.margins(decisions), self.machine.predict(decisions))

    def _hear(
        self, integers: NDArray[np.int16], scale: NDArray[np.float32], tags: NDArray[np.float32] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return tag vectors and codes of a batch."""
        if tags is None and self.tagger is not None:
            tags = self.tagger.tag(integers, scale)
        uses_tags = self.cell.uses_tags
        if tags is None:
            if uses_tags:
                raise InputError(
                    f"{self.manifest.cell}: needs tag vectors, and its tagger, {self.manifest.tagger_name}, is not in "
                    f"the bundle; give its tag vectors with --tags"
                )
            tags = np.zeros((len(scale), 0), np.float32)
        given = torch.from_numpy(tags if uses_tags else tags[:, :0]).to(self.device)
        factors = torch.from_numpy(scale).to(self.device)
        inputs = network_input(torch.from_numpy(integers), factors, self.manifest.preemphasis, self.manifest.gain)
        return tags, self.network(inputs, given)[0].float().cpu().numpy()


def _packed(waveforms: Iterable[NDArray[np.float32]]) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """Return the packed form of windows: (windows, channels, samples) and their scales (windows,)."""
    packed = [pack_audio(waveform) for waveform in waveforms]
    return np.stack([each.integers for each in packed]), np.array([each.scale for each in packed], np.float32)


def _network(folder: Path, manifest: Manifest, device: torch.device) -> SceneNetwork:
    cell = parse(manifest.cell)
    tags = len(manifest.tags) if cell.uses_tags else 0
    network = SceneNetwork(cell, manifest.network, manifest.audio.channels, tags, len(manifest.scenes)).to(device)
    read_weights(bundled(NETWORK), folder / NETWORK, network)
    return network.eval()


def _tagger(folder: Path, manifest: Manifest, device: torch.device) -> SceneTagger | None:
    tagger = manifest.tagger
    if tagger is None:
        return None
    networks = [TwoHeadedResNet(tagger.network, len(manifest.tags)).to(device) for _ in range(tagger.folds)]
    for fold, network in enumerate(networks):
        read_weights(bundled(snapshot(fold)), folder / snapshot(fold), network)
    return SceneTagger(networks, tagger.features, tagger.tagging, tagger.mel, manifest.audio.sample_rate)


def _machine(folder: Path) -> FittedMachine:
    try:
        return FittedMachine.read(folder / SVM)
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / SVM}: cannot be read ({error}); write the bundle again") from None
