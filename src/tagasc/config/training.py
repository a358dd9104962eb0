"""Section ``frontend.training``: the training of a scene network."""

from typing import Annotated

from pydantic import Field

from tagasc.config.paths import UserPath
from tagasc.config.section import (
    NUMBER,
    Alpha,
    Count,
    Crop,
    Epochs,
    Fraction,
    LearningRate,
    Milestones,
    NotNegative,
    Positive,
    Section,
)
from tagasc.runtime.errors import InputError

_SHIFT = 0.01
"""By how much the windows of ``crop: auto`` are shorter than a clip, in s: 480 samples at 48 kHz."""


class Training(Section):
    """How a scene network is trained. The paper prints none of it; this is the recipe of Jung et al. (2019) [22]."""

    epochs: Epochs = 90
    """Passes over the training clips. A small corpus needs more of them or a higher learning rate: 90 epochs are 34,380
    steps on TAU 2019, but 1,080 steps on 300 clips."""
    batch_size: Annotated[int, Field(ge=2, le=1_000_000), NUMBER] = 24
    """Clips in a batch. The last incomplete batch of an epoch is dropped."""
    learning_rate: LearningRate = 1e-4
    """Adam's learning rate at the start."""
    milestones: Milestones = []
    """Epochs after which the learning rate is multiplied by `decay`. [] keeps it constant, as in [22]."""
    decay: Fraction = 0.2
    """Factor on the learning rate at each milestone."""
    amsgrad: bool = True
    """Use the AMSGrad variant of Adam."""
    weight_decay: NotNegative = 1e-3
    """L2 penalty, added to the gradient."""
    preemphasis: Fraction = 0.97
    """Coefficient c of y[t] = x[t] - c·x[t-1]; the first sample is dropped."""
    gain: Positive = 32000.0
    """Factor on the pre-emphasised waveform. It only decides how much the epsilon of the first batch norm, 1e-5,
    matters."""
    crop: Crop = "auto"
    """Length in s of the random window of each training clip that the network sees, another one in each epoch. auto is
    10 ms less than a clip, 9.99 s on TAU 2019: the paper's accuracy fits it better than whole clips, see
    docs/faithfulness.md. 5.0 is what the released script of [22] sets, and half the work. null trains on whole clips.
    Codes are computed from whole clips in any case."""
    mixup_alpha: Alpha = 0.1
    """One mix-up share per batch is drawn from Beta(alpha, alpha)."""
    mixup_from_epoch: Count = 7
    """First epoch with mix-up, counted from 1. A number above `epochs` turns it off."""
    mixup_tags: bool = True
    """Mix tag vectors with the same share as their waveforms. The paper does not mention it."""
    start: UserPath | None = None
    """Folder of a bundle, which `tagasc bundle` writes: trainings begin from its scene network. The trunk must have the
    same sizes; layers for other tags or scenes are new. Choose it for few recordings, which rarely suffice to train a
    trunk. null begins from random weights, as in [22]."""
    centre_loss_weight: NotNegative = 0.0
    """Weight of a centre loss on the codes. The paper does not mention one; [22] used 5e-5."""

    def learning_rate_at(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 1.

        >>> Training(learning_rate=1.0, milestones=[2], decay=0.5).learning_rate_at(3)
        0.5
        """
        return self.learning_rate * self.decay ** sum(epoch > milestone for milestone in self.milestones)

    def crop_samples(self, samples: int, sample_rate: int, key: str = "frontend.training.crop") -> int | None:
        """Return the length of the random windows in samples; None for whole clips.

        Parameters
        ----------
        samples
            Length of a clip in samples. Pre-emphasis drops the first one.
        sample_rate
            In Hz.
        key
            The key that a user changes to change the windows.

        Raises
        ------
        InputError
            If the windows are longer than a clip.

        Examples
        --------
        >>> Training().crop_samples(480_000, 48_000)
        479520
        """
        if self.crop is None:
            return None
        if self.crop == "auto":
            return samples - round(_SHIFT * sample_rate)
        length = round(self.crop * sample_rate)
        if length > samples:
            raise InputError(
                f"{key}: {self.crop:g} s is longer than the clips, {samples / sample_rate:g} s; "
                f"choose a shorter one, auto for 10 ms less than a clip, or null for whole clips"
            )
        return length if length < samples - 1 else None

    def require_clips(self, count: int) -> None:
        """Check that the training clips fill a batch.

        Raises
        ------
        InputError
            If they do not.

        Examples
        --------
        >>> Training(batch_size=24).require_clips(9185)
        """
        if count < self.batch_size:
            raise InputError(
                f"frontend.training.batch_size: {self.batch_size} is more than the {count} training clips; choose a "
                f"smaller one"
            )
