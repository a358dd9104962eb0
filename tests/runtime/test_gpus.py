"""The table of GPUs."""

import pytest

from tagasc.runtime.errors import InputError
from tagasc.runtime.gpus import COMMON, GPUS, find_gpu, gpu_of_device


@pytest.mark.parametrize("name", ["rtx4090", "RTX 4090", "rtx-4090"])
def test_a_name_is_found_in_any_spelling(name):
    assert find_gpu(name) is GPUS["rtx4090"]


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("NVIDIA H100 PCIe", "h100-pcie"),
        ("NVIDIA H200", "h200"),
        ("NVIDIA A100-SXM4-40GB", "a100-40gb"),
        ("NVIDIA A100-PCIE-40GB", "a100-40gb"),
        ("NVIDIA A100-SXM4-80GB", "a100"),
        ("NVIDIA L40S", "l40s"),
        ("NVIDIA L4", "l4"),
        ("Tesla V100-SXM2-32GB", "v100"),
        ("Tesla T4", "t4"),
        ("NVIDIA GeForce RTX 4090", "rtx4090"),
    ],
)
def test_the_name_of_a_device_tells_its_card(device, name):
    assert gpu_of_device(device) is GPUS[name]


@pytest.mark.parametrize("device", ["AMD EPYC, 4 threads", "NVIDIA A10G", "NVIDIA GH200 480GB", "NVIDIA RTX A4000"])
def test_another_device_is_no_known_card(device):
    assert gpu_of_device(device) is None


def test_an_unknown_card_is_one_line_with_the_nearest_and_all_names():
    with pytest.raises(InputError) as error:
        find_gpu("h10")
    line = str(error.value)
    assert line.startswith("--gpu 'h10': is no known card; choose one of b200, h200, ")
    assert line.endswith(", for instance 50; did you mean 'h100'?")
    assert all(name in line for name in GPUS)
    assert "TFLOP/s" in line


def test_half_precision_is_not_slower_and_common_cards_are_known():
    assert all(gpu.bfloat16 >= gpu.tf32 >= gpu.float32 for gpu in GPUS.values())
    assert set(COMMON) <= set(GPUS)
