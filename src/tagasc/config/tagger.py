"""Section ``tagger``: the audio tagger of section 2.2.

It is the multi-task ResNet of Akiyama and Sato (2019) [14]. Defaults follow their released code.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tagasc.config.paths import UserPath
from tagasc.config.section import (
    NUMBER,
    Alpha,
    Count,
    Fraction,
    LearningRate,
    Name,
    NotNegative,
    Positive,
    Section,
    Seed,
    SmallCount,
    Splits,
    Width,
)
from tagasc.runtime.errors import InputError
from tagasc.runtime.precision import Precision

Padding = Annotated[int, Field(ge=0, le=100_000), NUMBER]
"""Frames on either side of a clip."""


class TaggerNetwork(Section):
    """Sizes of the tagger's network: a residual trunk with one head for curated and one for noisy labels."""

    layers: Annotated[list[SmallCount], Field(min_length=4, max_length=4)] = [3, 4, 6, 3]
    """Residual blocks in the four stages of the trunk. [3, 4, 6, 3] is ResNet-34, [2, 2, 2, 2] is ResNet-18."""
    head_width: Width = 1024
    """Width of the two hidden layers of each head."""
    head_dropout: Annotated[list[Fraction], Field(min_length=2, max_length=2)] = [0.2, 0.1]
    """Dropout after the first and after the second hidden layer."""
    precision: Precision = "auto"
    """Precision of the activations, as `frontend.network.precision` explains it."""


class Features(Section):
    """From mel power to the log-mel spectrogram that the network sees. Keys are named as in torchaudio."""

    amin: Annotated[float, Field(ge=1e-20, le=1), NUMBER] = 1e-10
    """Mel power is raised to at least this value, so that silence has a level; 1e-10 is -100 dB."""
    top_db: Positive = 80.0
    """Dynamic range in dB below the maximum of the clip; everything lower is raised to its edge."""


class Folds(Section):
    """Cross-validation folds of the curated clips: one network per fold, and their tags are averaged.

    Keys are named as in scikit-learn's KFold.
    """

    n_splits: Splits = 5
    """Number of folds. Fewer train faster; each network then learns from a smaller share of the curated clips."""
    random_state: Seed = 42
    """Seed of the shuffle before the folds are cut."""

    def require(self, curated: int) -> None:
        """Check that there are at least as many curated clips as folds.

        Raises
        ------
        InputError
            If there are fewer.

        Examples
        --------
        >>> Folds(n_splits=5).require(4970)
        """
        if curated < self.n_splits:
            raise InputError(
                f"tagger.folds.n_splits: {self.n_splits} folds need at least as many curated clips, and there are "
                f"{curated}; choose fewer folds or add curated clips"
            )


class TaggerTraining(Section):
    """How the tagger is trained, in both stages."""

    seed: Seed = 0
    """Seed of weights, batches and augmentation. One tagger serves all seeds of the scene networks."""
    batch_size: Count = 64
    """Clips of each kind in a batch: curated, noisy and, in stage 2, soft-labelled. The last batch of a pass over the
    clips may have fewer."""
    separate_batches: bool = True
    """true: the batch of each kind passes the trunk by itself and has batch-norm statistics of its own, as in the
    released code. false: all kinds pass together and share the statistics. This is faster with small batches."""
    slice_frames: Count = 512
    """Frames of a training slice. Shorter clips are placed at a random offset in silence."""
    learning_rate: LearningRate = 1e-3
    """Adam's learning rate at the start of each cosine cycle."""
    min_learning_rate: NotNegative = 1e-6
    """Learning rate in the last step of a cycle."""
    cycle_epochs: Count = 64
    """Epochs per cycle. A snapshot of the weights is kept at the end of each cycle."""
    mixup_probability: Fraction = 0.5
    """Probability that a clip is mixed with another clip of its subset, in mel power."""
    mixup_alpha: Alpha = 1.0
    """Mix-up shares are drawn from Beta(alpha, alpha)."""
    mask_probability: Fraction = 0.5
    """Probability that a band of frequencies is masked."""
    mask_half_width: Annotated[list[NotNegative], Field(min_length=2, max_length=2)] = [8, 31]
    """Smallest and largest half-width of the mask in mel bands. Scale them with `events.mel.n_mels`."""
    noisy_double_sigmoid: bool = False
    """Apply the sigmoid twice on the noisy side. This is a mistake in the released code that is not repeated by
    default."""

    @property
    def batch_frames(self) -> int:
        """Frames of a batch of slices. If a training fits in memory, as many can be tagged at the same time."""
        return self.batch_size * self.slice_frames

    @model_validator(mode="after")
    def _check(self) -> Self:
        low, high = self.mask_half_width
        if low > high:
            raise ValueError(f"mask_half_width: {low:g} is above {high:g}; give the smaller value first")
        return self


class SoftLabels(Section):
    """Soft pseudo-labels of the noisy clips, predicted by the networks of stage 1."""

    power: Annotated[float, Field(ge=0.01, le=10), NUMBER] = 2.0
    """Exponent that sharpens the predictions before each row is normalised to sum 1; 1 leaves them as they are."""
    padding: Padding = 0
    """Frames of silence that are added on both sides of a noisy clip when it is tagged. The released code adds none
    here; it pads test clips only."""


class Stage2(Section):
    """How stage 2 learns from soft pseudo-labels: curated clips with their own labels, and noisy clips."""

    soft_label_weight: NotNegative = 20.0
    """Weight of the mean squared error against the soft labels."""
    curated_share: Fraction = 0.5
    """Share of curated clips, with their own labels, among the soft-labelled clips; the others are noisy clips."""
    noisy_by_fold: bool = True
    """true: leave a part of the noisy clips out of each fold's soft-labelled clips, as a fold leaves out curated clips.
    Networks of different folds then differ more. false: every fold uses all of them."""
    mixup_partners: Literal["uniform", "balanced"] = "uniform"
    """Which soft-labelled clips are mixed into others. uniform: all clips alike, as in the released code; most are then
    noisy clips. balanced: curated clips with the probability `curated_share`."""
    crop: Literal["all", "soft"] = "all"
    """all: crop slices of curated, noisy and soft-labelled clips, as in the released code. soft: crop only those of
    soft-labelled clips."""
    crop_probability: Fraction = 0.5
    """Probability that a slice is cropped in time."""
    min_crop: Fraction = 0.25
    """Shortest crop, as a share of what the slice shows of the clip: of the clip if it is shorter than a slice."""


class Tagging(Section):
    """How whole test clips and scenes are tagged."""

    padding: Padding = 8
    """Frames of silence that are added on both sides. They are at the edge of the dynamic range or at the level of
    `tagger.features.amin`, whichever is higher."""
    batch_frames: Count = 32768
    """Frames that are tagged at the same time, one clip at least. 32768 is a training batch of 64 slices of 512
    frames; lower it if memory runs out. On a CPU, scenes are tagged one by one."""


class Tagger(Section):
    """The audio tagger of section 2.2: the multi-task ResNet of Akiyama and Sato (2019) [14]."""

    name: Name = "multitask"
    """Folder of the trained tagger under results/taggers, and of its tag vectors under results/tags. Give another name
    to keep two taggers side by side."""
    kind: Literal["multitask", "file"] = "multitask"
    """multitask: train the tagger that this section describes. file: import the tag vectors of any other tagger from
    `path`."""
    path: UserPath | None = None
    """For `kind: file`: a csv or parquet file with one row per scene clip, a column filename as in meta.csv and one
    column per tag with values in [0, 1]; or an npz file with the arrays tags (clips, tags), labels and filenames."""
    stage1_cycles: SmallCount = 8
    """Cycles of stage 1, multi-task training: 8 cycles of 64 epochs are 512 epochs."""
    stage2_cycles: SmallCount = 7
    """Cycles of stage 2, training with soft pseudo-labels: 7 cycles of 64 epochs are 448 epochs."""
    tag_with: Literal["stage1", "stage2"] = "stage2"
    """Stage whose last snapshots compute the tag vectors. The paper does not say which it used."""
    network: TaggerNetwork = TaggerNetwork()
    features: Features = Features()
    folds: Folds = Folds()
    training: TaggerTraining = TaggerTraining()
    soft_labels: SoftLabels = SoftLabels()
    stage2: Stage2 = Stage2()
    tagging: Tagging = Tagging()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kind == "file" and self.path is None:
            raise ValueError("path: kind: file needs the path of a csv, parquet or npz file with tag vectors")
        return self
