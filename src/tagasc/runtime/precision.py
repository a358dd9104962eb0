"""The precision in which networks compute."""

import sys
from typing import TYPE_CHECKING, Literal

from tagasc.runtime.errors import InputError

if TYPE_CHECKING:  # the configuration is read without torch
    import torch

Precision = Literal["auto", "float32", "tf32", "bfloat16"]
"""Wanted precision of a network's activations and of the factors of its products."""


def settle_precision(wanted: Precision, device: "torch.device", key: str) -> Literal["float32", "bfloat16"]:
    """Return the precision of a network's activations on a device, and let products round to TF32 only if wanted.

    A line on stderr says which precision is used, and why. For ``tf32``, activations are float32.

    Parameters
    ----------
    wanted
        The value of the key.
    device
        Where the network computes, as `tagasc.runtime.device.choose_device` returns it.
    key
        Full name of the key, for the messages.

    Raises
    ------
    InputError
        If the device does not multiply in the wanted precision.

    Examples
    --------
    >>> import torch
    >>> settle_precision("float32", torch.device("cpu"), "frontend.network.precision")
    'float32'
    """
    from tagasc.runtime.device import device_name  # noqa: PLC0415

    name = device_name(device)
    if wanted == "tf32" and not _has_tf32(device):
        raise InputError(
            f"{key}: tf32 needs a GPU of compute capability 8.0 or above, and this job computes on {name}; choose auto "
            f"or float32"
        )
    if wanted == "bfloat16" and not multiplies_in_bfloat16(device):
        raise InputError(
            f"{key}: bfloat16 needs a GPU of compute capability 8.0 or above, or a processor with AVX-512 BF16 or "
            f"AMX-BF16, and this job computes on {name}; choose auto or float32"
        )
    allow_tf32(allowed=wanted == "tf32")
    settled = resolve(wanted, device)
    reason = f"{key}: {wanted}"
    if wanted == "auto":
        reason = f"auto: {name} {'multiplies' if settled == 'bfloat16' else 'does not multiply'} in bfloat16"
    products = {"bfloat16": "", "float32": ", without TF32", "tf32": ", with TF32"}[settled]
    activations: Literal["float32", "bfloat16"] = "bfloat16" if settled == "bfloat16" else "float32"
    print(f"computing in {activations}{products} ({reason})", file=sys.stderr)
    return activations


def resolve(wanted: Precision, device: "torch.device") -> Literal["float32", "tf32", "bfloat16"]:
    """Return the precision itself for auto: bfloat16 where the device multiplies in it, otherwise float32."""
    if wanted != "auto":
        return wanted
    return "bfloat16" if multiplies_in_bfloat16(device) else "float32"


def multiplies_in_bfloat16(device: "torch.device") -> bool:
    """Return whether a GPU or the processor has instructions for products in bfloat16, so that they save time."""
    import torch  # noqa: PLC0415

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    processor = torch.cpu.get_capabilities()
    return bool(processor.get("avx512_bf16") or processor.get("amx_bf16"))


def allow_tf32(*, allowed: bool) -> None:
    """Let a GPU round the factors of float32 products to TF32, or not.

    Torch's default is neither: cuDNN's convolutions round, and matrix products do not.
    """
    import torch  # noqa: PLC0415

    # Not the newer fp32_precision: torch.compile reads the settings in a way that it refuses after that.
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


def _has_tf32(device: "torch.device") -> bool:
    import torch  # noqa: PLC0415

    return device.type == "cuda" and torch.cuda.is_tf32_supported()
