"""A trained system as one module, whose operations all have a counterpart in ONNX."""

from copy import copy

from torch import Tensor, nn

from tagasc.bundle.export.machine import ExportedMachine
from tagasc.bundle.export.tagger import ExportedTagger
from tagasc.bundle.system import System
from tagasc.frontend.preemphasis import preemphasis


class ExportedSystem(nn.Module):
    """What `tagasc.bundle.system.System` hears in windows, with three differences.

    Waveforms are not packed into 16 bits, codes are not rounded to 16 bits, and a network that was trained in bfloat16
    is computed in float32. The first two are how the workflow stores clips and codes.

    Parameters
    ----------
    system
        The system, on the CPU.
    """

    def __init__(self, system: System) -> None:
        super().__init__()
        manifest = system.manifest
        self.coefficient, self.gain = manifest.preemphasis, manifest.gain
        self.uses_tags, self.has_tagger = system.cell.uses_tags, system.tagger is not None
        # torch.fx reserves the name `code` of a module that is traced, so the network has to be a part of another one.
        self.network = copy(system.network)
        self.network.half_precision = False
        self.tagger = None if system.tagger is None else ExportedTagger(system.tagger, manifest.audio.samples)
        self.machine = ExportedMachine(system.machine)
        self.eval()

    @property
    def input_names(self) -> list[str]:
        """The names of the arguments of `forward`. Tag vectors are one if the cell uses those of another tagger."""
        return ["waveform", "tags"] if self.uses_tags and not self.has_tagger else ["waveform"]

    @property
    def output_names(self) -> list[str]:
        """The names of what `forward` returns."""
        return [*(["tags"] if self.has_tagger else []), "code", "margins", "scene", "output_layer"]

    def forward(self, waveform: Tensor, tags: Tensor | None = None) -> tuple[Tensor, ...]:
        """Map windows (batch, channels, samples), and tag vectors (batch, tags) where they are an input, to results.

        Returns
        -------
        tags : (batch, tags), if the system has a tagger
        code : (batch, code)
        margins : (batch, scenes), of the support vector machine
        scene : (batch,), int64, index of the scene that the support vector machine predicts
        output_layer : (batch, scenes), probabilities of the network's own output layer
        """
        if self.tagger is not None:
            tags = self.tagger(waveform)
        given = tags if self.uses_tags else waveform.new_zeros((len(waveform), 0))
        code, scores = self.network(preemphasis(waveform, self.coefficient) * self.gain, given)
        margins, scene = self.machine(code)
        results = code, margins, scene, scores.softmax(dim=1)
        return results if tags is None or not self.has_tagger else (tags, *results)
