"""What a scene network minimises: the cross-entropy of mixed batches and, as a choice, a centre loss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tagasc.config import Training
from tagasc.frontend.batches import Batch, mix
from tagasc.frontend.corpus import Corpus
from tagasc.frontend.network import SceneNetwork


class CentreLoss(nn.Module):
    """Mean squared distance of codes from their scenes' centres, times a weight (Wen et al., ECCV 2016).

    As in the released code of reference [22] the centres are drawn once from N(0, 1) and stay: they are not among the
    parameters that its optimizer updates.
    """

    def __init__(self, weight: float, classes: int, code: int) -> None:
        super().__init__()
        self.weight = weight
        self.centres = nn.Buffer(torch.randn(classes, code))

    def forward(self, code: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of codes (batch, code) with labels (batch,)."""
        return self.weight * (code - self.centres[labels]).square().sum(dim=1).mean()


def batch_loss(
    network: SceneNetwork,
    corpus: Corpus,
    batch: Batch,
    crop: int | None,
    training: Training,
    centre_loss: CentreLoss | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the mixed loss of a batch and the number of clips whose larger share is classified right."""
    waveform, tags, labels = corpus.batch(batch.rows, batch.starts, crop)
    code, scores = network(mix(waveform, batch), mix(tags, batch) if training.mix_tags else tags)

    def loss_of(truth: Tensor) -> Tensor:
        loss = F.cross_entropy(scores, truth)
        return loss if centre_loss is None else loss + centre_loss(code, truth)

    loss, larger = loss_of(labels), labels
    if batch.share is not None:
        others = labels[batch.partners]
        loss = torch.lerp(loss_of(others), loss, batch.share)
        larger = torch.where(batch.share >= 0.5, labels, others)
    return loss, (scores.detach().argmax(dim=1) == larger).sum()
