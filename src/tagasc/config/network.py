"""Section ``frontend.network``: the scene network."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tagasc.config.section import NUMBER, Fraction, Section, Width
from tagasc.runtime.precision import Precision

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
    precision: Precision = "auto"
    """Precision of the activations; weights, batch-norm statistics and the loss stay in float32. auto: bfloat16 where
    the GPU (compute capability 8.0 or above) or the processor (AVX-512 BF16 or AMX-BF16) multiplies in it, otherwise
    float32. bfloat16 halves the memory and is several times faster there. float32: for numbers that are to be compared
    between machines. tf32: float32 whose products a GPU computes faster and rounds to 10 bits."""
    compile: Literal["auto"] | bool = "auto"
    """Compile the network with torch.compile, which takes about a minute. auto does so on a GPU after the first epoch,
    if the others would take ten minutes or more, and goes on without it if it fails. true compiles before the first
    epoch. On a CPU it gained nothing, and it needs a C++ compiler. Codes come from the network as it is in any case."""

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
