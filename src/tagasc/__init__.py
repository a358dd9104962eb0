"""Acoustic scene classification using audio tagging (Jung et al., 2020), as a workflow."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagasc.bundle.system import System

__version__ = "0.1.0"


def load(bundle: str | Path, device: str = "cpu") -> "System":
    """Return the trained system of a bundle.

    Parameters
    ----------
    bundle
        The folder that ``tagasc bundle`` has written.
    device
        A device of torch, such as ``"cuda"``. On a CPU, predictions are those of the workflow, bit for bit.

    Raises
    ------
    InputError
        If the folder is no bundle, if a file in it is missing or has changed, or if a later version wrote it.

    Examples
    --------
    See `tagasc.bundle.system.System.predict`.
    """
    import torch  # noqa: PLC0415 - takes seconds, and the version should not

    from tagasc.bundle.system import System  # noqa: PLC0415

    return System.load(Path(bundle), torch.device(device))
