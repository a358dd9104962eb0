"""The tagger, as it hears scenes."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torchaudio.functional import resample

from tagasc.audio.mel_power import MelPower
from tagasc.config import Features, Mel, Tagging
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.network import TwoHeadedResNet


class SceneTagger:
    """Tags packed scenes: averages their channels, resamples them, and averages the folds' tag vectors.

    Parameters
    ----------
    networks
        The network of each fold, on one device.
    features, tagging
        Sections of the tagger's configuration.
    mel
        Section of the events' mel power.
    sample_rate
        Sample rate of the scenes, in Hz.
    """

    def __init__(
        self, networks: Sequence[TwoHeadedResNet], features: Features, tagging: Tagging, mel: Mel, sample_rate: int
    ) -> None:
        self.ensemble = Ensemble(networks, features, tagging.batch_frames, tagging.padding)
        self.device = next(networks[0].parameters()).device
        self.mel_power = MelPower(mel).to(self.device)
        self.rates = sample_rate, mel.sample_rate

    @property
    def one_by_one(self) -> bool:
        """Whether scenes are tagged one by one, as on a CPU: last bits depend on the size of a batch.

        There, one clip at a time is as fast as many.
        """
        return self.device.type == "cpu"

    def clips_at_a_time(self, samples: int) -> int:
        """Return how many scenes of a length in samples to tag at the same time."""
        if self.one_by_one:
            return 1
        old, new = self.rates
        return self.ensemble.clips_at_a_time(self.mel_power.frames(-(-samples * new // old)))

    def tag(self, integers: NDArray[np.int16], scale: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the tag vectors (batch, tags) of packed scenes (batch, channels, samples) with scales (batch,)."""
        # Integers are half the size of what they become, so they go to the device first.
        mono = torch.tensor(integers, device=self.device).float().mean(dim=1)
        mono *= torch.from_numpy(scale).to(self.device)[:, None]
        return self.ensemble.tag_power(self.mel_power(resample(mono, *self.rates)))
