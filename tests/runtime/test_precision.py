from pathlib import Path

import pytest
import torch

from tagasc.runtime.errors import InputError
from tagasc.runtime.precision import allow_tf32, multiplies_in_bfloat16, settle_precision

KEY = "frontend.network.precision"
PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text(encoding="utf-8")
CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture(autouse=True)
def torch_settings():
    """Restore the settings of torch for TF32."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    yield
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


@pytest.fixture
def pretend(monkeypatch):
    """Pretend to have a GPU of a generation and a processor with some instructions."""

    def make(generation=8, instructions=()):
        monkeypatch.setattr("torch.cuda.is_available", lambda: True)
        monkeypatch.setattr("torch.cuda.current_device", lambda: 0)
        monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "NVIDIA Example")
        properties = type("Properties", (), {"major": generation, "minor": 0})
        monkeypatch.setattr("torch.cuda.get_device_properties", lambda _: properties)
        monkeypatch.setattr("torch.cpu.get_capabilities", lambda: dict.fromkeys(instructions, True))

    return make


def tf32():
    """Return whether products and convolutions may round to TF32."""
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize(
    ("device", "generation", "instructions", "expected"),
    [
        (CPU, 8, ["avx512_f", "amx_tile"], False),
        (CPU, 7, ["avx512_bf16"], True),
        (CPU, 7, ["amx_bf16"], True),
        (GPU, 7, ["avx512_bf16"], False),
        (GPU, 8, [], True),
        (GPU, 12, [], True),
    ],
)
def test_a_device_multiplies_in_bfloat16_if_it_has_instructions(device, generation, instructions, expected, pretend):
    pretend(generation, instructions)
    assert multiplies_in_bfloat16(device) == expected


@pytest.mark.parametrize(
    ("wanted", "device", "generation", "settled", "line"),
    [
        ("auto", GPU, 9, "bfloat16", "computing in bfloat16 (auto: NVIDIA Example multiplies in bfloat16)"),
        (
            "auto",
            GPU,
            7,
            "float32",
            "computing in float32, without TF32 (auto: NVIDIA Example does not multiply in bfloat16)",
        ),
        ("float32", GPU, 9, "float32", f"computing in float32, without TF32 ({KEY}: float32)"),
        ("tf32", GPU, 8, "float32", f"computing in float32, with TF32 ({KEY}: tf32)"),
        ("bfloat16", GPU, 8, "bfloat16", f"computing in bfloat16 ({KEY}: bfloat16)"),
        ("float32", CPU, 7, "float32", f"computing in float32, without TF32 ({KEY}: float32)"),
    ],
)
def test_one_line_says_which_precision_is_used_and_tf32_is_on_for_tf32_alone(
    wanted, device, generation, settled, line, pretend, capsys
):
    pretend(generation)
    allow_tf32(allowed=wanted != "tf32")
    assert settle_precision(wanted, device, KEY) == settled
    assert capsys.readouterr().err == f"{line}\n"
    assert tf32() == (wanted == "tf32",) * 2


@pytest.mark.parametrize(
    ("wanted", "device", "problem"),
    [
        ("bfloat16", GPU, r"bfloat16 needs a GPU of .* 8\.0 or above, or a processor .* computes on NVIDIA Example;"),
        ("bfloat16", CPU, r"bfloat16 needs .* or a processor with AVX-512 BF16 or AMX-BF16, .* 1 thread;"),
        ("tf32", GPU, r"tf32 needs a GPU of compute capability 8\.0 or above, .* computes on NVIDIA Example;"),
        ("tf32", CPU, r"tf32 needs a GPU of compute capability 8\.0 or above, .* 1 thread;"),
    ],
)
def test_a_wanted_precision_that_the_device_lacks_is_refused(wanted, device, problem, pretend):
    pretend(generation=7)
    torch.set_num_threads(1)
    with pytest.raises(InputError, match=rf"^tagger\.network\.precision: {problem} choose auto or float32$"):
        settle_precision(wanted, device, "tagger.network.precision")


@pytest.mark.parametrize(("wanted", "section"), [("bfloat16", "frontend"), ("tf32", "tagger")])
def test_the_page_about_troubleshooting_shows_the_refusals(wanted, section, pretend, monkeypatch):
    pretend(generation=7)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "Tesla V100-SXM2-16GB")
    with pytest.raises(InputError) as refused:
        settle_precision(wanted, GPU, f"{section}.network.precision")
    assert f"tagasc: error: {refused.value}" in PAGE.splitlines()


def test_torch_compile_can_still_read_the_setting():
    """It refuses to if the settings of TF32 are changed in another way."""
    for allowed in (True, False):
        allow_tf32(allowed=allowed)
        assert torch.get_float32_matmul_precision() == ("high" if allowed else "highest")
