"""What a scene network minimises: cross-entropy of mixed batches and, optionally, a centre loss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tagasc.frontend.batches import Batch


class CentreLoss(nn.Module):
    """Mean squared distance of codes from the centres of their scenes, times a weight (Wen et al., ECCV 2016).

    As in the released code of Jung et al. (2019) [22], the centres are drawn once from N(0, 1) and never learned.
    """

    def __init__(self, weight: float, classes: int, code_size: int) -> None:
        super().__init__()
        self.weight = weight
        self.centres = nn.Buffer(torch.randn(classes, code_size))

    def forward(self, code: Tensor, labels: Tensor) -> Tensor:
        """Return the loss () of codes (batch, code) with labels (batch,)."""
        return self.weight * (code - self.centres[labels]).square().sum(dim=1).mean()


class MixupLoss(nn.Module):
    """The loss of a batch: the mean of the losses for both labels, weighted by the shares in the mixture.

    Parameters
    ----------
    centre_loss_weight
        Weight of the centre loss; 0 for none.
    classes, code_size
        Number of scenes; length of a code.
    """

    def __init__(self, centre_loss_weight: float, classes: int, code_size: int) -> None:
        super().__init__()
        self.centre_loss = CentreLoss(centre_loss_weight, classes, code_size) if centre_loss_weight else None

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
