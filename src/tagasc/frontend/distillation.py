"""Specialists and students of Jung et al. (2019) [22], with which Table 6 compares.

A specialist continues the training of a cell on batches, half of which come from two scenes that the cell confuses. A
student learns from the outputs of the cell and its specialists.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from tagasc.config import Training
from tagasc.frontend.batches import Batch, Batches
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.loss import CentreLoss
from tagasc.frontend.network import SceneNetwork
from tagasc.runtime.errors import InputError


class SpecialistBatches(Batches):
    """Batches of which one half is of two scenes, and the other half of all others.

    An epoch passes the clips of the two scenes once, or those of the others if they are fewer. Incomplete batches are
    dropped.

    Parameters
    ----------
    dataset, training, crop, random
        See `Batches`.
    scenes
        Names of the two scenes.

    Raises
    ------
    InputError
        If one of the halves is not filled by the training clips, or if a scene is unknown.
    """

    def __init__(
        self,
        dataset: SceneDataset,
        training: Training,
        crop: int | None,
        random: Generator,
        scenes: tuple[str, str],
    ) -> None:
        super().__init__(dataset, training, crop, random)
        classes = [dataset.scenes.index(scene) for scene in scenes]
        of_pair = np.isin(dataset.labels[dataset.train].cpu().numpy(), classes)
        self.pair, self.others = self.clips[of_pair], self.clips[~of_pair]
        self.half = self.batch_size // 2
        for clips, what in ((self.pair, f"of {' and '.join(scenes)}"), (self.others, "of other scenes")):
            if len(clips) < self.batch_size - self.half:
                raise InputError(
                    f"frontend.training.batch_size: half of a specialist's batch of {self.batch_size} is more than the "
                    f"{len(clips)} training clips {what}; choose a smaller one"
                )

    def _draw_rows(self) -> NDArray[np.int64]:
        rest = self.batch_size - self.half
        steps = min(len(self.pair) // self.half, len(self.others) // rest)
        pair = self.random.permutation(self.pair)[: steps * self.half].reshape(steps, self.half)
        others = self.random.permutation(self.others)[: steps * rest].reshape(steps, rest)
        return np.concatenate([pair, others], axis=1)


@dataclass(frozen=True)
class JoinedBatch(Batch):
    """A batch, and what teachers hear in its place.

    Parameters
    ----------
    joined_waveform
        (batch, channel, time), each whole clip followed by another whole clip of its scene.
    joined_tags
        (batch, tags), mean of the tag vectors of both clips.
    """

    joined_waveform: Tensor
    joined_tags: Tensor


class StudentBatches(Batches):
    """Batches for a student, with the clips joined in pairs for its teachers.

    In each epoch, the clips of a scene are permuted to find their partners, so that a clip can be its own partner, as
    in the released code of [22].
    """

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, counted from 1: a `JoinedBatch` each."""
        labels = self.dataset.labels.cpu().numpy()
        partners = np.arange(len(labels))
        for scene in np.unique(labels[self.clips]):
            clips = self.clips[labels[self.clips] == scene]
            partners[clips] = self.random.permutation(clips)
        self.partners = partners
        yield from super().epoch(number)

    def _unmixed(self, rows: NDArray[np.int64], starts: NDArray[np.int64] | None) -> Iterator[Batch]:
        clips, others = (self.dataset.training_batches(of) for of in (rows, self.partners[rows]))
        for batch, clip, other in zip(super()._unmixed(rows, starts), clips, others, strict=True):
            joined = torch.cat([clip[0], other[0]], dim=2)
            yield JoinedBatch(**vars(batch), joined_waveform=joined, joined_tags=(clip[1] + other[1]) / 2)


class DistillationLoss(nn.Module):
    """Loss of a student: KL divergences from its teachers' softened outputs, and a centre loss with learned centres.

    Each divergence is summed over the scenes and averaged over the batch. As in the released code of [22], there is no
    factor for the temperature and no hard label.

    Parameters
    ----------
    teachers
        Trained networks. They are frozen and put into evaluation mode.
    temperature
        Divides the scores of student and teachers before the softmax.
    centre_loss
        The centre loss; None for none.
    """

    def __init__(self, teachers: Sequence[SceneNetwork], temperature: float, centre_loss: CentreLoss | None) -> None:
        super().__init__()
        # A tuple and no module list: they are not trained, and no checkpoint needs them.
        self.teachers = tuple(teacher.eval().requires_grad_(requires_grad=False) for teacher in teachers)
        self.temperature, self.centre_loss = temperature, centre_loss

    def forward(self, code: Tensor, scores: Tensor, batch: JoinedBatch) -> tuple[Tensor, Tensor]:
        """Return the loss () and the number () of correct clips; see `tagasc.frontend.loss.MixupLoss`."""
        student = (scores / self.temperature).log_softmax(dim=1)
        loss = torch.zeros((), device=scores.device)
        for teacher in self.teachers:
            with torch.no_grad():
                target = (teacher(batch.joined_waveform, batch.joined_tags)[1] / self.temperature).softmax(dim=1)
            loss = loss + F.kl_div(student, target, reduction="batchmean")
        if self.centre_loss is not None:
            loss = loss + self.centre_loss(code, batch.labels)
        return loss, (scores.detach().argmax(dim=1) == batch.labels).sum()
