"""Compilation of a network for the steps of its training."""

import sys
import time
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from tagasc.frontend.network import SceneNetwork
from tagasc.runtime.errors import InputError, warn

Run = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""What a step calls: the network or its compiled form."""

_LONG = 600.0  # seconds of training that are worth a minute of compilation: it may gain as little as a tenth


def pays(device: torch.device, seconds: float) -> bool:
    """Decide for ``compile: auto`` whether to compile: on a GPU, if the rest of the training takes ten minutes or more.

    Parameters
    ----------
    device
        Where the network is trained.
    seconds
        How long the epochs that are left would take without compilation, at the speed of the epoch before.

    Examples
    --------
    >>> pays(torch.device("cuda"), 900.0), pays(torch.device("cpu"), 900.0)
    (True, False)
    """
    return device.type == "cuda" and seconds >= _LONG


def compile_network(network: SceneNetwork, wanted: Literal["auto", True], step: Callable[[Run], None]) -> Run:
    """Return a compiled network, which shares the weights of the given one; log how long it took.

    If compilation fails and ``wanted`` is auto, return the network itself, with one line of warning.

    Parameters
    ----------
    network
        The network. It is left in training mode.
    wanted
        The key ``frontend.network.compile``.
    step
        Computes gradients with what it is given. Compilation takes place there.

    Raises
    ------
    InputError
        If compilation fails, for instance because there is no compiler, and ``wanted`` is true.
    """
    started = time.perf_counter()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    # Not mode="reduce-overhead": CUDA graphs keep their features in a memory pool of their own, which codes and
    # teachers cannot use, and overwrite codes and scores in the next step. Not mode="max-autotune": it tries kernels in
    # memory that training clips may fill.
    compiled = torch.compile(network.train())
    try:
        step(compiled)
    except Exception as error:
        line = next(iter(str(error).strip().splitlines()), type(error).__name__)
        if wanted is True:
            raise _compile_error(error, line) from None
        warn(
            f"frontend.network.compile: torch.compile failed ({line}), so the training takes longer; install what is "
            f"missing, or set it to false"
        )
        compiled = network
    else:
        print(f"compiled the network in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    network.load_state_dict(before)  # batch norm has changed its statistics
    return compiled


def _compile_error(error: Exception, line: str) -> Exception:
    """Return what to raise instead of an error of a compiled network: an InputError for those of the compiler."""
    from torch._dynamo.exc import TorchDynamoException  # noqa: PLC0415 - takes as long as importing torch itself

    if not isinstance(error, TorchDynamoException):
        return error
    return InputError(
        f"frontend.network.compile: torch.compile failed ({line}); set it to false, or install a compiler (g++ for a "
        f"CPU)"
    )
