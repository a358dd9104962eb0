"""Section ``frontend``: the scene network and its training."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tagasc.config.section import (
    NUMBER,
    Alpha,
    Count,
    Fraction,
    LearningRate,
    NotNegative,
    Positive,
    Seconds,
    Section,
    Width,
)
from tagasc.paper.grid import Cell
from tagasc.runtime.errors import InputError

Architecture = Literal["table1", "table6"]


class Network(Section):
    """The scene network of section 2.1 and how tag vectors enter it (section 3)."""

    architecture: Architecture = "table1"
    """table1: the network as Table 1 prints it (714,058 parameters). table6: the network of Jung et al. (2019) [22],
    with which the full system has the 676k parameters of Table 6."""
    filters: Annotated[int, Field(ge=2, le=4096), NUMBER] = 128
    """Filters of the widest layers; a multiple of every number of heads."""
    blocks: Annotated[int, Field(ge=3, le=20), NUMBER] = 7
    """Residual blocks. Each divides the number of frames by three, and at least one frame must remain: use fewer for
    shorter clips or lower sample rates."""
    code_size: Width | None = None
    """Dimensions of the code. null is the architecture's own size: 64 (table1) or 128 (table6)."""
    negative_slope: Fraction = 0.3
    """Slope of LeakyReLU below zero, in the trunk and in the layers that transform tags. The latter is our choice."""
    attention_site: Literal["before_pooling", "before_last_conv"] = "before_pooling"
    """Feature map that attention multiplies; the paper does not say which. before_pooling: the last map.
    before_last_conv: the map before the last convolution (table6 only)."""
    attention_rescale: bool = False
    """Multiply the attention map by the number of filters per head, so that it averages 1 instead of heads / filters.
    Try it if a cell with attention does not learn."""
    standardise_tags: bool = False
    """Standardise each tag with its mean and standard deviation over the training clips, and clip the result to ±10: a
    tag that is rare in training could be hundreds of deviations away in a test clip. The paper does not mention it.
    Switch it on for short trainings: the network needs many steps to notice probabilities near zero next to pooled
    activations of a larger scale."""
    concat_after_code: bool = False
    """Read "transform after concat" without layers as FC([code, tag]) instead of FC([pooled, tag])."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision of the activations; weights, batch-norm statistics and the loss stay in float32. bfloat16 halves the
    memory and is several times faster where the processor supports it."""
    compile: bool = False
    """Compile the network with torch.compile before the first epoch. This takes about a minute, so it is for long
    trainings on a GPU. On a CPU it gained nothing, and it needs a C++ compiler."""

    @property
    def code_dimensions(self) -> int:
        """Dimensions of the code, with the architecture's own size where ``code_size`` is null.

        >>> Network().code_dimensions, Network(architecture="table6").code_dimensions
        (64, 128)
        """
        return self.code_size or {"table1": 64, "table6": 128}[self.architecture]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.architecture == "table1" and self.attention_site == "before_last_conv":
            raise ValueError(
                "attention_site: before_last_conv needs architecture: table6; table1 has no convolution after its "
                "blocks"
            )
        if self.architecture == "table6" and self.filters % 2:
            raise ValueError(f"filters: table6 halves them, and {self.filters} is odd; choose an even number")
        return self


class Training(Section):
    """How a scene network is trained. The paper prints none of it; this is the recipe of Jung et al. (2019) [22]."""

    epochs: Annotated[int, Field(ge=1, le=100_000), NUMBER] = 90
    """Passes over the training clips. A small corpus needs more of them or a higher learning rate: 90 epochs are 34,380
    steps on TAU 2019, but 1,080 steps on 300 clips."""
    batch_size: Annotated[int, Field(ge=2, le=1_000_000), NUMBER] = 24
    """Clips in a batch. The last incomplete batch of an epoch is dropped."""
    learning_rate: LearningRate = 1e-4
    """Adam's constant learning rate."""
    amsgrad: bool = True
    """Use the AMSGrad variant of Adam."""
    weight_decay: NotNegative = 1e-3
    """L2 penalty, added to the gradient."""
    preemphasis: Fraction = 0.97
    """Coefficient c of y[t] = x[t] - c·x[t-1]; the first sample is dropped."""
    gain: Positive = 32000.0
    """Factor on the pre-emphasised waveform. It only decides how much the epsilon of the first batch norm, 1e-5,
    matters."""
    crop: Seconds | None = None
    """Length in s of a random crop of each training clip. null trains on whole clips, as the paper's input shape
    suggests; [22] used 5 s."""
    mixup_alpha: Alpha = 0.1
    """One mix-up share per batch is drawn from Beta(alpha, alpha)."""
    mixup_from_epoch: Count = 7
    """First epoch with mix-up, counted from 1. A number above `epochs` turns it off."""
    mixup_tags: bool = True
    """Mix tag vectors with the same share as their waveforms. The paper does not mention it."""
    centre_loss_weight: NotNegative = 0.0
    """Weight of a centre loss on the codes. The paper does not mention one; [22] used 5e-5."""

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


class Frontend(Section):
    """The front-end: a network that turns a waveform and a tag vector into a code."""

    network: Network = Network()
    training: Training = Training()

    def used_by(self, cell: Cell) -> Self:
        """Return the section with every key that a cell does not use at its default.

        A rule's parameters are these keys, so that a changed key repeats the trainings of the cells that use it.

        >>> Frontend(network=Network(attention_rescale=True)).used_by(Cell("codecat")) == Frontend()
        True
        """
        network, training = Network.model_fields, Training.model_fields
        unused = []
        if not cell.uses_tags:
            unused += ["standardise_tags", "mixup_tags"]
        if cell.heads is None:
            unused += ["attention_site", "attention_rescale"]
        if (cell.variant, cell.concat_layers) != ("before_code", 0):
            unused.append("concat_after_code")
        return self.model_copy(
            update={
                "network": self.network.model_copy(
                    update={key: network[key].default for key in unused if key in network}
                ),
                "training": self.training.model_copy(
                    update={key: training[key].default for key in unused if key in training}
                ),
            }
        )

    def require_frames(self, samples: int, sample_rate: int) -> None:
        """Check that the blocks leave a frame of what the network is trained on: whole clips or crops.

        Parameters
        ----------
        samples
            Length of a clip in samples.
        sample_rate
            In Hz.

        Raises
        ------
        InputError
            If they leave none.

        Examples
        --------
        >>> Frontend().require_frames(480_000, 48_000)
        """
        crop, blocks = self.training.crop, self.network.blocks
        length, key = samples, "scenes.audio.duration"
        if crop is not None and round(crop * sample_rate) < samples:
            length, key = round(crop * sample_rate), "frontend.training.crop"
        if (length - 1) // 12 // 3**blocks < 1:
            raise InputError(
                f"frontend.network.blocks: {blocks} blocks leave no frame of {length / sample_rate:g} s at "
                f"{sample_rate} Hz; choose fewer blocks, or a longer {key}"
            )
