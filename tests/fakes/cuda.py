"""A fake GPU: CUDA tensors with shapes, types and devices but without values, on a machine that has no GPU.

An operation on tensors of different devices, or of types that do not go together, fails as it does on a real GPU.
"""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file as load_arrays
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode, unset_fake_temporarily
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torchaudio.functional import melscale_fbanks as real_mel_filters

from tests.fakes.backward import backward

CUDA = torch.device("cuda", 0)
MEMORY = 80 * 10**9
READ = torch.ops.aten._local_scalar_dense.default
ONE_TYPE = {getattr(torch.ops.aten, name) for name in ("mm", "addmm", "bmm", "baddbmm", "convolution", "lerp")}
to_numpy = torch.Tensor.numpy


def tensors_in(values):
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]


class FakeGpu(TorchDispatchMode):
    """Watch all operations, and list in `transfers` those that move values between host and GPU.

    The host may wait for the GPU in each of them. A value that the host reads is 0, because there is none.
    """

    def __init__(self):
        super().__init__()
        self.transfers = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if operation is READ and args[0].device.type == "cuda":
            self.transfers.append(str(operation))
            return 0
        if operation.overloadpacket in ONE_TYPE:  # fake tensors alone accept different types
            types = {tensor.dtype for tensor in tensors_in((args, kwargs))}
            if len(types) > 1:
                raise RuntimeError(f"{operation}: tensors of different types: {types}")
        result = operation(*args, **(kwargs or {}))
        # A single value from the host travels with the operation.
        given = [tensor for tensor in tensors_in((args, kwargs)) if tensor.device.type == "cuda" or tensor.dim()]
        if len({tensor.device for tensor in (*given, *tensors_in(result))}) > 1:
            self.transfers.append(str(operation))
        return result


def numpy(tensor, *, force=False):
    """Return values for a fake tensor in host memory: 0, 1, … 9, 0, 1, …"""
    if not isinstance(tensor, FakeTensor):
        return to_numpy(tensor, force=force)
    if tensor.device.type != "cpu":
        raise TypeError(f"cannot convert a tensor on {tensor.device} to NumPy")
    values = np.resize(np.arange(10), tensor.shape)
    return values.astype(str(tensor.dtype).removeprefix("torch."))


def mel_filters(*given, **keys):
    """Return a real filter bank: torchaudio computes it from values."""
    with unset_fake_temporarily():
        return real_mel_filters(*given, **keys)


def load_file(path, device="cpu"):
    """Load a file of safetensors. The library itself would write into tensors that have no memory."""
    return {name: torch.from_numpy(values).to(device) for name, values in load_arrays(path).items()}


def apply_to_module(module, change):
    """Move or convert a module. `torch.nn.Module._apply` refuses fake tensors to which something else refers."""
    for child in module.children():
        child._apply(change)
    for parameter in module._parameters.values():
        if parameter is not None:
            with torch.no_grad():
                changed = change(parameter)
            parameter.data, parameter.fake_device = changed, changed.fake_device
    module._buffers |= {name: change(buffer) for name, buffer in module._buffers.items() if buffer is not None}
    return module


def deepcopy(tensor, memo):
    """Return a copy of a fake tensor. That of torch crashes if the data of a parameter have been moved."""
    values = tensor.detach().clone()
    copied = torch.nn.Parameter(values, tensor.requires_grad) if isinstance(tensor, torch.nn.Parameter) else values
    memo[id(tensor)] = copied
    return copied


PATCHES = {
    "torch.cuda.is_available": lambda: True,
    "torch.cuda.is_bf16_supported": lambda: True,
    "torch.cuda.get_device_name": lambda *_: "fake GPU",
    "torch.cuda.mem_get_info": lambda *_: (MEMORY, MEMORY),
    "torch.cuda.get_rng_state": lambda: torch.zeros(16, dtype=torch.uint8),
    "torch.cuda.set_rng_state": lambda _: None,
    "torch.cuda.amp.common.amp_definitely_not_available": lambda: False,  # otherwise autocast switches itself off
    "safetensors.torch.load_file": load_file,
    "torch.set_rng_state": lambda _: None,
    "torchaudio.functional.melscale_fbanks": mel_filters,
    "torch._subclasses.fake_tensor.FakeTensor.__deepcopy__": deepcopy,
    "torch.nn.Parameter.__deepcopy__": deepcopy,
    "torch.Tensor.backward": backward,
    "torch.Tensor.numpy": numpy,
    "torch.nn.Module._apply": apply_to_module,
    "torch._subclasses.fake_tensor.FakeTensorMode.avoid_device_init": True,
}


@pytest.fixture
def fake_gpu(monkeypatch):
    """Make a fake GPU available; return what watches it.

    New tensors are fake, also those in host memory. Prepare files with real values before.
    """
    for name, value in PATCHES.items():
        monkeypatch.setattr(name, value)
    with FakeTensorMode(allow_non_fake_inputs=True), FakeGpu() as gpu:
        yield gpu
