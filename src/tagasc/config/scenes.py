"""Section ``scenes``: the scene recordings."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tagasc.config.paths import UserPath
from tagasc.config.section import (
    NUMBER,
    Count,
    Name,
    OnMismatch,
    SampleRate,
    Seconds,
    Section,
    Seed,
    Source,
    Verify,
)

MAX_SAMPLES = 2**27
"""Samples per clip and channel: 46 minutes at 48 kHz. A network's activations of one such clip take dozens of GB."""


class Audio(Section):
    """The format of a packed clip."""

    sample_rate: SampleRate = 48000
    """Sample rate in Hz. Under `on_mismatch: convert`, recordings of another rate are resampled to it."""
    channels: Annotated[int, Field(ge=1, le=2), NUMBER] = 2
    """1 (mono) or 2 (stereo)."""
    duration: Seconds | Literal["auto"] = 10.0
    """Length of a clip in s. The tagger hears whole clips, and so do trained networks when codes are computed. auto is
    the most frequent length of the listed recordings; choose it for recordings of your own, except where a length that
    is rare suits them better. Recordings of another length are cropped or padded under `on_mismatch: convert`."""

    @property
    def samples(self) -> int:
        """Length of a clip in samples. Under ``duration: auto``, only the recordings tell it.

        >>> Audio(sample_rate=8000, duration=2).samples
        16000
        """
        assert self.duration != "auto"
        return round(self.duration * self.sample_rate)

    def with_samples(self, samples: int) -> Self:
        """Return this format with clips of a given length in samples.

        >>> Audio(sample_rate=44100, duration="auto").with_samples(44101).samples
        44101
        """
        return self.model_copy(update={"duration": samples / self.sample_rate})

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.duration != "auto" and self.samples > MAX_SAMPLES:
            raise ValueError(
                f"duration: {self.duration:g} s at {self.sample_rate} Hz are {self.samples} samples per clip, and "
                f"{MAX_SAMPLES} are possible; shorten it, or lower sample_rate"
            )
        return self


class DemoScenes(Section):
    """Size of the synthesised scenes. Used by `source: demo` only."""

    seed: Seed = 0
    """Another seed gives another corpus."""
    train: Count = 32
    """Training clips per scene."""
    evaluate: Count = 20
    """Evaluation clips per scene. A tenth as many again is in neither list, like the clips of TAU's unseen city."""


class Scenes(Section):
    """The scene recordings, in the layout of TAU Urban Acoustic Scenes 2019."""

    name: Name = "tau2019"
    """Folder of the packed corpus under results/corpora. Experiments that name the same corpus share it;
    one with other settings is refused."""
    source: Source = "download"
    """download: fetch the data set from Zenodo. copy: use the data set that you have unpacked in `folder`. folder: use
    your own recordings in `folder`, in the data set's layout. demo: synthesise recordings. With download and copy, the
    recordings must match the published counts."""
    folder: UserPath = "TAU-urban-acoustic-scenes-2019-development"
    """Folder with audio/, meta.csv and evaluation_setup/. A relative path is below `data`."""
    verify: Verify = "quick"
    """What is checked before packing. quick: every listed clip exists and the counts are right; packing then stops at
    the first clip that cannot be decoded. full: every clip also decodes, and all that do not are reported together.
    full reads the corpus once more; choose it for a copy that you do not trust."""
    on_mismatch: OnMismatch = "error"
    """What to do with a clip of another sample rate, channel count or length. error: stop. convert: resample it,
    average or duplicate its channels, and crop or zero-pad its end."""
    audio: Audio = Audio()
    demo: DemoScenes = DemoScenes()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.source == "demo" and self.audio.duration == "auto":
            raise ValueError("audio.duration: auto needs recordings, and source: demo has none; give a length in s")
        return self
