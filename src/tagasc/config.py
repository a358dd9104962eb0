"""The configuration's one definition: typed, validated, and the source of ``config.yaml`` and of the editors' schema.

A key's docstring says how to choose its value; ``tagasc config`` prints it as the comment of the key. Defaults are the
paper's experiment; what the paper leaves open follows the released code of its reference [22] (the scene network) and
[14] (the tagger), or is a choice of ours that the docstring calls so.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tagasc.cells import CELLS, Cell, parse

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Source = Literal["download", "copy", "folder", "demo"]
Verify = Literal["quick", "full"]
OnMismatch = Literal["error", "convert"]


class Section(BaseModel):
    """A group of keys; unknown ones are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Scenes(Section):
    """The scene recordings, in the layout of TAU Urban Acoustic Scenes 2019."""

    name: Name = "tau2019"
    """Folder of the packed corpus under results/corpora; experiments that name the same corpus share it."""
    source: Source = "download"
    """download: fetched from Zenodo; copy: the data set itself, which you have unpacked in `folder`; folder: recordings
    of your own there, in its layout; demo: synthesised. The first two are held against the published counts."""
    folder: str = "TAU-urban-acoustic-scenes-2019-development"
    """Folder with audio/, meta.csv and evaluation_setup/, below `data` unless it is an absolute path."""
    verify: Verify = "quick"
    """What is looked at before packing, which stops at the first clip that it cannot decode. quick: every clip is
    there, and the counts are right; full: every clip also decodes, and all that do not are named at once. full reads
    the corpus once more: take it for a copy that you do not trust."""
    sample_rate: Count = 48000
    """Rate of the recordings in Hz; under `on_mismatch: convert` the rate that others are resampled to."""
    channels: Annotated[int, Field(ge=1, le=2)] = 2
    """Channels of the recordings."""
    duration: Positive = 10.0
    """Length of a clip in s; the networks see whole clips."""
    on_mismatch: OnMismatch = "error"
    """A clip of another rate, channel count or length stops the run (error), or is resampled, its channels averaged or
    doubled, and cropped or zero-padded (convert)."""

    @property
    def samples(self) -> int:
        """Length of a clip in samples."""
        return round(self.duration * self.sample_rate)


class Mel(Section):
    """The mel spectrogram that the tagger sees."""

    n_fft: Count = 2560
    """Window and Fourier transform in samples."""
    hop: Count = 347
    """Samples from frame to frame."""
    bands: Count = 128
    """Mel bands."""
    low: NotNegative = 20.0
    """Lower edge of the lowest band in Hz."""
    high: Positive = 22050.0
    """Upper edge of the highest band in Hz, at most half of the events' sample rate."""


class Events(Section):
    """The sound events that the tagger learns, in the layout of FSDKaggle2019."""

    name: Name = "fsdkaggle2019"
    """Folder of the packed corpus under results/corpora."""
    source: Source = "download"
    """download, copy, folder or demo, as for the scenes."""
    folder: str = "FSDKaggle2019"
    """Folder with FSDKaggle2019.meta/ and FSDKaggle2019.audio_*/, below `data` unless it is an absolute path."""
    verify: Verify = "quick"
    """quick or full, as for the scenes."""
    sample_rate: Count = 44100
    """Rate in Hz of the events, and of the scenes when they are tagged."""
    on_mismatch: OnMismatch = "error"
    """As for the scenes; events have one channel and any length."""
    drop: list[str] = ["1d44b0bd.wav", "6a1f682a.wav", "7752cc8a.wav", "77b925c2.wav", "c7db12aa.wav", "f76181c4.wav"]
    """Curated clips to leave out before the folds are drawn: the first of these is silent and five have a wrong label,
    says the data set's own README. Names that do not occur are ignored."""
    mel: Mel = Mel()


class Download(Section):
    """How the data sets are fetched, for `source: download` only. No key repeats what is done."""

    archives: str = "archives"
    """Folder of the archives, below `data` unless it is an absolute path. Archives that you have already may be there,
    under the names that they have on Zenodo: they are verified and not fetched."""
    keep_archives: bool = True
    """Keep them once they are unpacked. false removes them, yours too, and saves 62 GB; should the unpacking ever have
    to be repeated, they are fetched again."""
    mirror: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] = "https://zenodo.org"
    """Address of a server nearby with the same paths: /record/2589280/files/NAME, /record/3612637/files/NAME and
    /api/records/3612637. A proxy is taken from the environment: HTTPS_PROXY, HTTP_PROXY, NO_PROXY."""
    at_once: Count = 4
    """Archives that are fetched at a time. Zenodo limits the rate, and more than a handful are not faster. On a cluster
    local-cores in slurm/profile.yaml is a limit, too."""


class Demo(Section):
    """Size of the synthesised corpora, used by `source: demo` only."""

    seed: Annotated[int, Field(ge=0)] = 0
    """Another seed, another corpus."""
    train: Count = 32
    """Training clips a scene."""
    evaluate: Count = 20
    """Evaluation clips a scene; a further tenth stands in neither list, like some clips of TAU's unseen city."""
    curated: Count = 36
    """Curated clips an event."""
    noisy: Count = 36
    """Noisy clips an event, three in ten with a wrong label."""
    test: Count = 12
    """Test clips an event."""


class Tagger(Section):
    """The audio tagger of section 2.2: Akiyama and Sato's multi-task ResNet [14]."""

    name: Name = "multitask"
    """Folder of the trained tagger under results/taggers, and of its tag vectors under results/tags; change it to keep
    two side by side."""
    kind: Literal["multitask", "file"] = "multitask"
    """multitask: trained here, as the keys below say; file: tag vectors that any other tagger left in `path`."""
    path: str | None = None
    """For `kind: file`, a csv, parquet or npz file with a row a scene clip: filename, as in meta.csv, and one column a
    tag with values in [0, 1]; npz: the arrays tags (clips, tags), labels and filenames."""
    seed: int = 0
    """Seed of weights, batches and augmentation; one tagger serves all seeds of the scene networks."""
    layers: Annotated[list[Count], Field(min_length=4, max_length=4)] = [3, 4, 6, 3]
    """Residual blocks of the trunk's four stages; [3, 4, 6, 3] is ResNet-34, [2, 2, 2, 2] ResNet-18."""
    head_width: Count = 1024
    """Width of the two hidden layers of each head."""
    head_dropout: Annotated[list[Fraction], Field(min_length=2, max_length=2)] = [0.2, 0.1]
    """Dropout after the first and the second hidden layer."""
    folds: Annotated[int, Field(ge=2)] = 5
    """Folds of the curated clips; one network a fold, and their tags are averaged."""
    fold_seed: int = 42
    """Seed of the shuffle before the folds are cut."""
    batch: Count = 64
    """Clips of each kind in a batch: curated, noisy and, in stage 2, soft-labelled ones."""
    slice_frames: Count = 512
    """Frames of a training slice. Whole clips are tagged `batch` at a time, or so many that their frames are no more
    than a batch of slices has: lower either if memory does not suffice."""
    learning_rate: Positive = 1e-3
    """Adam's learning rate at the start of each cosine cycle."""
    lowest_learning_rate: NotNegative = 1e-6
    """Its value at the end of a cycle."""
    cycle_epochs: Count = 64
    """Epochs from one warm restart to the next; a snapshot is kept at the end of each cycle."""
    stage1_cycles: Count = 8
    """Cycles of stage 1, multi-task training: 8 × 64 = 512 epochs."""
    stage2_cycles: Count = 7
    """Cycles of stage 2, with soft pseudo-labels: 7 × 64 = 448 epochs."""
    mix_up_probability: Fraction = 0.5
    """Probability that a clip is mixed with another of its subset, in mel power."""
    mix_up_alpha: Positive = 1.0
    """Shares are drawn from Beta(alpha, alpha)."""
    mask_probability: Fraction = 0.5
    """Probability of a frequency mask."""
    mask_half_width: Annotated[list[NotNegative], Field(min_length=2, max_length=2)] = [8, 31]
    """Smallest and largest half-width of the mask in mel bands."""
    noisy_double_sigmoid: bool = False
    """Apply the sigmoid twice on the noisy side, a slip of the released code that we do not repeat by default."""
    soft_label_power: Positive = 2.0
    """Exponent that sharpens the soft pseudo-labels."""
    soft_label_weight: NotNegative = 20.0
    """Weight of the mean squared error to the soft labels in stage 2."""
    soft_curated_share: Fraction = 0.5
    """Share of curated clips, with their own labels, among the soft-labelled ones; the others are noisy."""
    crop_probability: Fraction = 0.5
    """Probability that a soft-labelled slice is cut to a part of its length."""
    crop_shortest: Fraction = 0.25
    """Shortest such part."""
    top_db: Positive = 80.0
    """Dynamic range of the log-mel spectrogram in dB below the clip's maximum."""
    lowest_power: Positive = 1e-10
    """Mel power that everything below it is raised to, so that silence has a level; 1e-10 is -100 dB."""
    tag_padding: Annotated[int, Field(ge=0)] = 8
    """Frames at the clip's minimum level that are added on both sides when tagging."""
    tag_with: Literal["stage1", "stage2"] = "stage2"
    """Whose last snapshots make the tag vectors; the paper does not say."""


class Network(Section):
    """The scene network of section 2.1 and how tag vectors enter it (section 3)."""

    architecture: Literal["table1", "table6"] = "table1"
    """table1: as Table 1 prints it (714,058 parameters); table6: reference [22]'s trunk, with which the full system has
    the 676k parameters of Table 6."""
    filters: Annotated[int, Field(ge=2)] = 128
    """Filters of the widest layers; every number of heads must divide it."""
    blocks: Annotated[int, Field(ge=3)] = 7
    """Residual blocks; each divides the number of frames by three, and at least one frame must be left."""
    code: Count | None = None
    """Dimensions of the code; null for the architecture's own, 64 (table1) or 128 (table6)."""
    negative_slope: NotNegative = 0.3
    """Slope of LeakyReLU below zero, in the trunk and in the layers that transform tags (the latter is our choice)."""
    attention_site: Literal["before_pooling", "before_last_conv"] = "before_pooling"
    """The feature map that attention multiplies, our choice: the last one, or (table6 only) the one before the last
    convolution."""
    attention_rescale: bool = False
    """Multiply the attention map by the number of filters a head, so that it averages 1 and not heads / filters."""
    standardise_tags: bool = False
    """Standardise each tag with its mean and standard deviation over the training clips, which the paper does not
    mention. On for short trainings: probabilities near zero, beside pooled activations of another scale, take the
    network many steps to notice."""
    concat_after_code: bool = False
    """Read "transform after concat" without layers as FC([code, tag]) and not as FC([pooled, tag])."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the activations; weights, batch norm's statistics and the loss stay in float32. bfloat16 takes half the memory
    and, where the processor knows it, a fraction of the time."""
    compile: bool = False
    """Compile the network with torch.compile before the first epoch. That takes about a minute, so it is for long
    trainings on a GPU; on a CPU it gained nothing, and needs a C++ compiler."""

    @property
    def code_dimensions(self) -> int:
        """Dimensions of the code, with the architecture's own where ``code`` is null."""
        return self.code or {"table1": 64, "table6": 128}[self.architecture]


class Training(Section):
    """How a scene network is trained; the paper prints none of it, so this is reference [22]'s recipe."""

    epochs: Count = 90
    """Passes over the training clips. A small corpus needs more of them, or a higher learning rate: 90 epochs are
    34,380 steps on TAU 2019 but 1,080 on 300 clips."""
    batch: Annotated[int, Field(ge=2)] = 24
    """Clips in a batch; the last incomplete one of an epoch is dropped."""
    learning_rate: Positive = 1e-4
    """Adam's constant learning rate."""
    amsgrad: bool = True
    """Use AMSGrad."""
    weight_decay: NotNegative = 1e-3
    """L2 penalty, added to the gradient."""
    pre_emphasis: Fraction = 0.97
    """Coefficient of y[t] = x[t] - c·x[t-1]; the first sample is dropped."""
    gain: Positive = 32000.0
    """Factor on the pre-emphasised waveform; it decides how much the first batch norm's epsilon of 1e-5 matters."""
    crop: Positive | None = None
    """Length in s of a random crop of each training clip; null for whole clips, as in the paper ([22] took 5 s)."""
    mix_up_alpha: Positive = 0.1
    """One share for each batch is drawn from Beta(alpha, alpha)."""
    mix_up_from_epoch: Count = 7
    """First epoch (counted from 1) with mix-up; a number above `epochs` turns it off."""
    mix_tags: bool = True
    """Mix tag vectors with the same share as their waveforms; our choice."""
    centre_loss: NotNegative = 0.0
    """Weight of a centre loss on the codes, which the paper does not mention; [22] took 5e-5."""


class Frontend(Section):
    """The front-end, a network that turns a waveform and a tag vector into a code."""

    network: Network = Network()
    training: Training = Training()


class Backend(Section):
    """The back-end: support vector machines on codes (section 2.1)."""

    kernels: Annotated[list[Literal["rbf", "sigmoid"]], Field(min_length=1)] = ["rbf", "sigmoid"]
    """Kernels to choose from."""
    regularisation: Positive = 1.0
    """The SVM's C."""
    folds: Annotated[int, Field(ge=2)] = 5
    """Folds of the cross-validation, grouped by location, that chooses the kernel on the training clips."""
    protocols: Annotated[list[Literal["last", "best_on_test"]], Field(min_length=1)] = ["last"]
    """last: the last epoch, and the kernel that cross-validation chooses; no test clip decides anything. Adding
    best_on_test, as [last, best_on_test], also takes the epoch and kernel that are best on the test clips, as [22] did
    and the paper's figures presumably were found; a training then also computes codes after each epoch, half as much
    arithmetic again."""
    code_every: Count = 1
    """best_on_test chooses among every so many epochs, and the last. 1 repeats [22]; 5 costs a fifth."""
    keep_codes: bool = False
    """Keep the codes of all these epochs, 1.8 MB an epoch and cell on TAU 2019, to score them another time; else they
    go once they are scored. Decide before training."""


class Comparisons(Section):
    """How far differences from the baseline can be trusted: bootstrap intervals and paired tests over locations."""

    draws: Annotated[int, Field(ge=100)] = 20000
    """Random draws of each interval and test. The smallest p is 1 / (1 + draws), and Holm's correction multiplies it by
    the cells of a table, up to 20: 1,000 give a first look, 20,000 figures to print."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the draws; another one shows how many digits of an interval or of p to believe."""


class Experiment(Section):
    """One experiment: which corpora, which tagger, which cells, how trained and how scored."""

    name: Name = "paper"
    """Results go to results/experiments/<name>."""
    data: str = "data"
    """Folder of the raw data sets; the paper needs 140 GB there."""
    staging: str | None = None
    """Folder on each machine's own disk to which the first training there copies the packed scenes (27 GB for the
    paper), for the others to read: for clusters on which forty jobs would wait for one shared file system. It must be
    the same for all jobs of a node and outlive them, as /tmp or /scratch, and not a folder that SLURM makes for each
    job; copies stay in its tagasc-<user number>/ until you delete them. Changing it repeats nothing."""
    seeds: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)] = [0]
    """One training per cell and seed. One seed repeats the paper; five, [0, 1, 2, 3, 4], tell how far to trust a
    difference."""
    cells: Literal["all"] | Annotated[list[str], Field(min_length=1)] = "all"
    """all, or a list of names as `tagasc cells` prints them; tables show a dash for the others. A control is a name
    with -shuffled, [all, codecat-shuffled]: trained with each clip given the tag vector of another, so that whatever
    tags gain has to vanish. comparisons.csv shows it; one a family is enough."""
    scenes: Scenes = Scenes()
    events: Events = Events()
    download: Download = Download()
    demo: Demo = Demo()
    tagger: Tagger = Tagger()
    frontend: Frontend = Frontend()
    backend: Backend = Backend()
    comparisons: Comparisons = Comparisons()

    @property
    def selected_cells(self) -> list[Cell]:
        """The cells to train, in the order of the tables."""
        names = [self.cells] if self.cells == "all" else self.cells
        listed = [name for given in names for name in (CELLS if given == "all" else [given])]
        return [parse(name) for name in dict.fromkeys(listed)]

    @property
    def code_epochs(self) -> list[int]:
        """The epochs after which codes are kept: the last one and, for protocol best_on_test, those before it."""
        last, every = self.frontend.training.epochs, self.backend.code_every
        earlier = range(every, last, every) if "best_on_test" in self.backend.protocols else ()
        return [*earlier, last]

    @property
    def scenes_folder(self) -> Path:
        """Where the raw scene recordings are."""
        return Path(self.data) / self.scenes.folder

    @property
    def archives_folder(self) -> Path:
        """Where the archives of both are."""
        return Path(self.data) / self.download.archives

    @property
    def events_folder(self) -> Path:
        """Where the raw event recordings are."""
        return Path(self.data) / self.events.folder
