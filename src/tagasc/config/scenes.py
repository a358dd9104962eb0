"""Section ``scenes``: the scene recordings."""

from typing import Annotated

from pydantic import Field

from tagasc.config.section import Count, Name, OnMismatch, Positive, Section, Seed, Source, Verify


class Audio(Section):
    """The format of a packed clip."""

    sample_rate: Count = 48000
    """Sample rate in Hz. Under `on_mismatch: convert`, recordings of another rate are resampled to it."""
    channels: Annotated[int, Field(ge=1, le=2)] = 2
    """1 (mono) or 2 (stereo)."""
    duration: Positive = 10.0
    """Length of a clip in s. The tagger hears whole clips, and so do trained networks when codes are computed."""

    @property
    def samples(self) -> int:
        """Length of a clip in samples.

        >>> Audio(sample_rate=8000, duration=2).samples
        16000
        """
        return round(self.duration * self.sample_rate)


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
    """Folder of the packed corpus under results/corpora. Experiments that name the same corpus share it."""
    source: Source = "download"
    """download: fetch the data set from Zenodo. copy: use the data set that you have unpacked in `folder`. folder: use
    your own recordings in `folder`, in the data set's layout. demo: synthesise recordings. With download and copy, the
    recordings must match the published counts."""
    folder: str = "TAU-urban-acoustic-scenes-2019-development"
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
