"""Comparison of an exported file under ONNX Runtime with PyTorch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tagasc.bundle.export.graph import ExportedSystem
from tagasc.bundle.export.model import example_inputs
from tagasc.bundle.system import System
from tagasc.runtime.errors import InputError

ACCEPTED = {"tags": 1e-3, "code": 1e-4, "margins": 1e-4, "output_layer": 1e-4}
"""Largest difference between ONNX Runtime and PyTorch: absolute for values up to 1, otherwise relative to the largest
value. The convolution of the mel spectrogram adds up in another order, and decibels of quiet bands magnify that."""

_CLEAR = 1e-2
"""Margin above which both must predict the same scene."""

Results = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Differences:
    """Largest differences of each output, relative to its largest value if that is above 1.

    Parameters
    ----------
    from_torch
        Between ONNX Runtime and PyTorch, on the same operations.
    from_system
        Between ONNX Runtime and `tagasc.bundle.system.System`, which packs audio and rounds codes to 16 bits, and
        which may compute in bfloat16.
    """

    from_torch: dict[str, float]
    from_system: dict[str, float]


def check_model(path: Path, system: System, graph: ExportedSystem) -> Differences:
    """Run a file on one window and on three at the same time, and return how its outputs differ.

    Raises
    ------
    InputError
        If an output differs from PyTorch's by more than is `ACCEPTED`, or if a clear prediction differs.
    """
    from_torch: dict[str, float] = {}
    from_system: dict[str, float] = {}
    for windows in (1, 3):
        inputs = example_inputs(system, graph, windows, seed=windows)
        given = {name: value.numpy() for name, value in zip(graph.input_names, inputs, strict=True)}
        found = run_model(path, given)
        with torch.no_grad():
            expected = {name: value.numpy() for name, value in zip(graph.output_names, graph(*inputs), strict=True)}
        _merge(from_torch, differences(found, expected))
        clear = expected["margins"].max(axis=1) > _CLEAR
        if (found["scene"] != expected["scene"])[clear].any():
            raise _differs("scene", "another scene is predicted")
        heard = system.hear(given["waveform"], given.get("tags"))
        _merge(from_system, differences(found, {"tags": heard.tags, "code": heard.codes, "margins": heard.margins}))
    for name, difference in from_torch.items():
        if not difference <= ACCEPTED[name]:  # also if it is not a number
            raise _differs(name, f"its largest difference is {difference:.2g}, and {ACCEPTED[name]:g} is accepted")
    return Differences(from_torch, from_system)


def run_model(path: Path, inputs: Results) -> Results:
    """Return the outputs of a file by name, computed by ONNX Runtime on the CPU."""
    import onnxruntime  # noqa: PLC0415 - no other command needs it

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def differences(found: Results, expected: Results) -> dict[str, float]:
    """Return the largest difference of each output in `ACCEPTED` that both have, relative if values are above 1."""
    return {
        name: float(np.abs(found[name] - expected[name]).max() / max(1.0, np.abs(expected[name]).max()))
        for name in ACCEPTED
        if name in found and name in expected
    }


def _merge(largest: dict[str, float], found: dict[str, float]) -> None:
    """Keep the larger value of each key; one that is not a number stays."""
    for name, value in found.items():
        largest[name] = float(np.maximum(largest.get(name, 0.0), value))


def _differs(name: str, how: str) -> InputError:
    return InputError(
        f"output {name}: differs between ONNX Runtime and PyTorch ({how}), so nothing was written; install the "
        f"versions of requirements.lock, and report the problem if it stays"
    )
