"""What a scene network minimises: cross-entropy of mixed batches and, optionally, a centre loss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tagasc.frontend.batches import Batch


class CentreLoss(nn.Module):
    """Mean squared distance of codes from the centres of their scenes, times a weight (Wen et al., ECCV 2016).

    The centres are drawn once from N(0, 1). As in the released code of Jung et al. (2019) [22], only those of a student
    are learned.

    Parameters
    ----------
    weight
        Weight of the loss.
    classes, code_size
        Number of scenes; length of a code.
    learned_at
        Learning rate of the optimizer that changes the centres; None keeps them as they are.
    """

    def __init__(self, weight: float, classes: int, code_size: int, *, learned_at: float | None = None) -> None:
        super().__init__()
        self.weight = weight
        centres = torch.randn(classes, code_size)
        self.centres = nn.Buffer(centres) if learned_at is None else nn.Parameter(centres)
        if learned_at is not None:
            # [22] scales the gradient like this, for a learning rate of 0.5 with gradient descent. Adam divides the
            # scale out again, so that it only makes the weight decay of the centres negligible.
            scale = 0.5 / (weight * learned_at)
            self.centres.register_hook(lambda gradient: scale * gradient)  # type: ignore[no-untyped-call]

    def forward(self, code: Tensor, labels: Tensor) -> Tensor:
        """Return the loss () of codes (batch, code) with labels (batch,)."""
        return self.weight * (code - self.centres[labels]).square().sum(dim=1).mean()


class MixupLoss(nn.Module):
    """The loss of a batch: the mean of the losses for both labels, weighted by the shares in the mixture.

    Parameters
    ----------
    centre_loss
        The centre loss; None for none.
    """

    def __init__(self, centre_loss: CentreLoss | None) -> None:
        super().__init__()
        self.centre_loss = centre_loss

    def forward(self, code: Tensor, scores: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the loss () and the number () of correct clips.

        A mixed clip is correct if the scene of its larger share is predicted.

        Parameters
        ----------
        code, scores
            (batch, code) and (batch, classes): the outputs of the network.
        batch
            Its inputs.
        """
        loss, truth = self._loss(code, scores, batch.labels), batch.labels
        if batch.share is not None:
            loss = torch.lerp(self._loss(code, scores, batch.partner_labels), loss, batch.share)
            truth = torch.where(batch.share >= 0.5, batch.labels, batch.partner_labels)
        return loss, (scores.detach().argmax(dim=1) == truth).sum()

    def _loss(self, code: Tensor, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the loss without mix-up."""
        loss = F.cross_entropy(scores, labels)
        return loss if self.centre_loss is None else loss + self.centre_loss(code, labels)
