"""The reference: the network in plain one-dimensional layers, and a plain loop in eager float32, one file per clip."""

import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from tagasc.config import Network
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.operations import block_widths
from tagasc.paper.grid import Cell


class PlainBlock(nn.Module):
    """The residual block of Table 1, written down plainly."""

    def __init__(self, inputs: int, middle: int, outputs: int, slope: float) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, middle, 3, padding=1)
        self.first_norm = nn.BatchNorm1d(middle)
        self.second = nn.Conv1d(middle, outputs, 3, padding=1)
        self.second_norm = nn.BatchNorm1d(outputs)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv1d(inputs, outputs, 3, padding=1)
        self.slope = slope

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, inputs, frames) to (batch, outputs, frames // 3)."""
        residual = F.leaky_relu(self.first_norm(self.first(features)), self.slope)
        residual = self.second_norm(self.second(residual))
        return F.max_pool1d(F.leaky_relu(residual + self.shortcut(features), self.slope), 3)


class PlainTrunk(nn.Module):
    """The trunk of `SceneNetwork` in one-dimensional layers."""

    def __init__(self, settings: Network, channels: int) -> None:
        super().__init__()
        filters, slope = settings.filters, settings.negative_slope
        self.first = nn.Sequential(
            nn.Conv1d(channels, filters, 12, stride=12), nn.BatchNorm1d(filters), nn.LeakyReLU(slope)
        )
        self.blocks = nn.Sequential(*(PlainBlock(*width, slope) for width in block_widths(settings)))
        self.last = nn.Sequential()
        if settings.architecture == "table6":
            self.last = nn.Sequential(
                nn.Conv1d(filters, filters, 1, padding=3), nn.BatchNorm1d(filters), nn.LeakyReLU(slope)
            )

    def forward(self, waveform: Tensor, attention_before_last: Tensor | None = None) -> Tensor:
        """Map (batch, channel, time) to (batch, filters, frames)."""
        features = self.blocks(self.first(waveform))
        if attention_before_last is not None:
            features = features * attention_before_last[:, :, None]
        return self.last(features)


def plain_network(cell: Cell, settings: Network, channels: int, tags: int, classes: int) -> SceneNetwork:
    """Return a cell's network in float32 with a plain trunk. The layers for tags and code stay the same."""
    settings = settings.model_copy(update={"precision": "float32"})
    network = SceneNetwork(cell, settings, channels, tags, classes)
    network.trunk = PlainTrunk(settings, channels)  # type: ignore[assignment]  # it has the same interface
    return network


def copy_weights(source: nn.Module, target: nn.Module) -> None:
    """Copy weights to a plain network or trunk, which has the same parameters in the same order."""
    for given, taken in zip(source.parameters(), target.parameters(), strict=True):
        taken.data.copy_(given.data.reshape(taken.shape))


class ClipFiles(Dataset[tuple[Tensor, Tensor, int]]):
    """One float32 array (channel, time) per clip, each in its own file."""

    def __init__(self, folder: Path, tags: Tensor, labels: Tensor) -> None:
        self.folder, self.tags, self.labels = folder, tags, labels.tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> tuple[Tensor, Tensor, int]:
        return torch.from_numpy(np.load(self.folder / f"{row}.npy")), self.tags[row], self.labels[row]


class Reference:
    """A plain loop in eager float32: loader workers, pre-emphasis and mix-up per batch, Adam with AMSGrad."""

    def __init__(self, cell: Cell, settings: Network, clips: ClipFiles, batch: int, workers: int, device: str) -> None:
        waveform, tag, _ = clips[0]
        self.device = torch.device(device)
        self.network = plain_network(cell, settings, len(waveform), len(tag), 10).to(self.device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), 1e-4, weight_decay=1e-3, amsgrad=True)
        self.loader = DataLoader(
            clips,
            batch,
            shuffle=True,
            drop_last=True,
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=self.device.type == "cuda",
        )
        self.random = np.random.default_rng(0)

    def epoch(self) -> float:
        """Train one epoch over the files, and return clips per second."""
        self.network.train()
        started, clips = self._clock(), 0
        for stored, tag, labels in self.loader:
            waveform, tag, labels = stored.to(self.device), tag.to(self.device), labels.to(self.device)  # noqa: PLW2901
            waveform = waveform[:, :, 1:] - 0.97 * waveform[:, :, :-1]
            share, order = self.random.beta(0.1, 0.1), torch.randperm(len(labels), device=self.device)
            mixed = share * waveform + (1 - share) * waveform[order], share * tag + (1 - share) * tag[order]
            scores = self.network(*mixed)[1]
            loss = share * F.cross_entropy(scores, labels) + (1 - share) * F.cross_entropy(scores, labels[order])
            self._update(loss)
            clips += len(labels)
        return clips / (self._clock() - started)

    def bare_epoch(self) -> float:
        """Train as many steps on one prepared batch, to time the network alone, and return clips per second."""
        self.network.train()
        waveform, tag, labels = (values.to(self.device) for values in next(iter(self.loader)))
        started = self._clock()
        for _ in range(len(self.loader)):
            self._update(F.cross_entropy(self.network(waveform, tag)[1], labels))
        return len(self.loader) * len(labels) / (self._clock() - started)

    def _update(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def _clock(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()
