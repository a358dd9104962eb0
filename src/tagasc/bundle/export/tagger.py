"""The tagger as a part of the exported graph: from a waveform to a tag vector."""

from collections.abc import Iterable
from copy import copy
from typing import cast

import torch
from torch import Tensor, nn
from torchaudio.transforms import Resample

from tagasc.bundle.export.mel import MatrixMelPower
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.scene_tagger import SceneTagger


class ExportedTagger(nn.Module):
    """What `tagasc.tagger.scene_tagger.SceneTagger` does, without packed audio.

    Parameters
    ----------
    tagger
        The tagger, on the CPU.
    samples
        Length of a window in samples.
    """

    def __init__(self, tagger: SceneTagger, samples: int) -> None:
        super().__init__()
        old, new = tagger.rates
        # The default computes the filter in double precision, and SceneTagger does not.
        self.resample: nn.Module = nn.Identity() if old == new else Resample(old, new, dtype=torch.float32)
        self.mel_power = MatrixMelPower(tagger.mel_power, -(-samples * new // old))
        self.log_mel = tagger.ensemble.log_mel
        networks = [copy(network) for network in tagger.ensemble.networks]
        for network in networks:
            network.half_precision = False
        self.networks = nn.ModuleList(networks)

    def forward(self, waveform: Tensor) -> Tensor:
        """Map waveforms (batch, channels, samples) to tag vectors (batch, tags)."""
        spectrogram = self.log_mel(self.mel_power(self.resample(waveform.mean(dim=1))))
        networks = cast("Iterable[TwoHeadedResNet]", self.networks)
        tags = [network.curated_head(network(spectrogram)).sigmoid() for network in networks]
        return torch.stack(tags).mean(dim=0)
