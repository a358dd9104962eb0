"""Section ``events``: the sound events that the tagger learns."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from tagasc.config.paths import UserPath
from tagasc.config.section import (
    NUMBER,
    Count,
    Name,
    NotNegative,
    OnMismatch,
    Positive,
    SampleRate,
    Section,
    Seed,
    Source,
    Verify,
    Width,
)

Samples = Annotated[int, Field(ge=1, le=65_536), NUMBER]


class Mel(Section):
    """The mel power spectrogram. Keys are named as in torchaudio's MelSpectrogram."""

    sample_rate: SampleRate = 44100
    """Sample rate of the events in Hz. Scenes are resampled to it before they are tagged."""
    n_fft: Samples = 2560
    """Length of the window and of the Fourier transform in samples; an even number."""
    hop_length: Samples = 347
    """Distance between frames in samples."""
    n_mels: Width = 128
    """Number of mel bands."""
    f_min: NotNegative = 20.0
    """Lower edge of the lowest band in Hz."""
    f_max: Positive = 22050.0
    """Upper edge of the highest band in Hz; at most half of `sample_rate`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.n_fft % 2:
            raise ValueError(f"n_fft: {self.n_fft} is odd; choose an even number, preferably a multiple of 64")
        if self.f_max > self.sample_rate / 2:
            raise ValueError(
                f"f_max: {self.f_max:g} Hz is above half of sample_rate, {self.sample_rate / 2:g} Hz; lower it"
            )
        if self.f_min >= self.f_max:
            raise ValueError(f"f_min: {self.f_min:g} Hz is not below f_max, {self.f_max:g} Hz; lower it")
        return self


class DemoEvents(Section):
    """Size of the synthesised events. Used by `source: demo` only."""

    seed: Seed = 0
    """Another seed gives another corpus."""
    curated: Count = 36
    """Curated clips per event."""
    noisy: Count = 36
    """Noisy clips per event; three in ten have a wrong label."""
    test: Count = 12
    """Test clips per event."""


class Events(Section):
    """The sound events that the tagger learns, in the layout of FSDKaggle2019."""

    name: Name = "fsdkaggle2019"
    """Folder of the packed corpus under results/corpora."""
    source: Source = "download"
    """download, copy, folder or demo, as for the scenes."""
    folder: UserPath = "FSDKaggle2019"
    """Folder with FSDKaggle2019.meta/ and FSDKaggle2019.audio_*/. A relative path is below `data`."""
    verify: Verify = "quick"
    """quick or full, as for the scenes."""
    on_mismatch: OnMismatch = "error"
    """error or convert, as for the scenes. Events have one channel, `mel.sample_rate`, and any length."""
    drop: list[str] = ["1d44b0bd.wav", "6a1f682a.wav", "7752cc8a.wav", "77b925c2.wav", "c7db12aa.wav", "f76181c4.wav"]
    """Curated clips to leave out before the folds are drawn. According to the data set's own README, the first of these
    is silent and the others have a wrong label. Names that do not occur are ignored."""
    mel: Mel = Mel()
    demo: DemoEvents = DemoEvents()
