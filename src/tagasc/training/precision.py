"""The precision of a network on the device where it computes."""

from typing import TypeVar

import torch

from tagasc.config import Network, TaggerNetwork
from tagasc.runtime.precision import settle_precision

T = TypeVar("T", Network, TaggerNetwork)


def settle(network: T, device: torch.device, key: str) -> T:
    """Return a section of the configuration with the precision that a device settles on in the place of auto.

    Checkpoint and history have to name the precision itself, because the next attempt can have another device.

    Parameters
    ----------
    network
        Section of a network.
    device
        Where the network computes.
    key
        Full name of the key, for messages.

    Raises
    ------
    InputError
        If the device does not multiply in the wanted precision.

    Examples
    --------
    >>> settle(Network(precision="float32"), torch.device("cpu"), "frontend.network.precision").precision
    'float32'
    """
    settled = settle_precision(network.precision, device, key)
    return network.model_copy(update={"precision": settled}) if network.precision == "auto" else network
