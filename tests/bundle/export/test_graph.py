import numpy as np
import pytest
import torch

from tagasc.bundle.export.check import differences
from tagasc.bundle.export.graph import ExportedSystem
from tagasc.config import Mel

# Scenes are not resampled, and too short to be reflected.
SHORT = Mel(sample_rate=8000, n_fft=1024, hop_length=80, n_mels=16, f_max=4000.0)
RANDOM = np.random.default_rng(0)
NOISE = RANDOM.uniform(-1, 1, (3, 2, 4000)).astype(np.float32)
TONE = np.sin(np.arange(4000) * 0.3).astype(np.float32) * np.ones((1, 2, 1), np.float32)
CELLS = [
    "baseline",
    "codecat",
    "before_code-layers0",
    "before_code-layers1",
    "attention-heads2-layers1",
    "separate-heads2-concat1-attention2",
    "shared-heads4-layers3",
    "jung2019",
]
WAVEFORMS = {
    "noise": NOISE,
    "full scale": np.sign(NOISE),
    "very quiet": NOISE * np.float32(1e-5),
    "silence": np.zeros((1, 2, 4000), np.float32),
    "one channel": NOISE * np.array([[1], [0]], np.float32),
    "tone": TONE,
}


def compare(system, waveforms, tags=None):
    """Return the differences between the graph in PyTorch and the system as `tagasc predict` uses it."""
    graph = ExportedSystem(system)
    given = (torch.from_numpy(waveforms), *([] if tags is None else [torch.from_numpy(tags)]))
    with torch.no_grad():
        found = dict(zip(graph.output_names, (value.numpy() for value in graph(*given)), strict=True))
    heard = system.hear(waveforms, tags)
    clear = heard.margins.max(axis=1) > 0.01
    assert (found["scene"] == heard.predicted)[clear].all()
    assert found["output_layer"].sum(axis=1) == pytest.approx(1, abs=1e-5)
    return differences(found, {"tags": heard.tags, "code": heard.codes, "margins": heard.margins})


@pytest.mark.parametrize("cell", CELLS)
def test_it_hears_what_the_system_hears(tiny, cell):
    found = compare(tiny(cell), NOISE)
    assert found["tags"] < 1e-3
    assert found["code"] < 1e-3
    assert found["margins"] < 5e-3  # codes have been rounded to 16 bits


@pytest.mark.parametrize("settings", [
    {"architecture": "table6"},
    {"architecture": "table6", "attention_site": "before_last_conv"},
    {"attention_rescale": True},
    {"standardise_tags": True},
    {"concat_after_code": True},
    {"mel": SHORT, "samples": 400},
])  # fmt: skip
def test_it_does_so_with_other_settings(tiny, settings):
    system = tiny("shared-heads4-layers3", **settings)
    found = compare(system, np.ascontiguousarray(NOISE[:, :, : system.manifest.audio.samples]))
    assert max(found.values()) < 5e-3


@pytest.mark.parametrize("name", WAVEFORMS)
def test_it_does_so_at_any_level(tiny, name):
    found = compare(tiny(), WAVEFORMS[name])
    assert found["tags"] < 2e-3
    assert found["code"] < 2e-3
    assert found["margins"] < 1e-2


def test_tags_of_another_tagger_are_an_input(tiny):
    system = tiny(tagger=False)
    graph = ExportedSystem(system)
    assert graph.input_names == ["waveform", "tags"]
    assert graph.output_names == ["code", "margins", "scene", "output_layer"]
    found = compare(system, NOISE, RANDOM.random((3, 5), np.float32))
    assert max(found.values()) < 5e-3


def test_a_cell_without_tags_needs_none(tiny):
    graph = ExportedSystem(tiny("baseline", tagger=False))
    assert graph.input_names == ["waveform"]
    assert "tags" not in graph.output_names
    assert len(graph(torch.from_numpy(NOISE))) == 4


def test_a_network_in_half_precision_is_computed_in_float32(tiny):
    system = tiny(precision="bfloat16")
    found = compare(system, NOISE)
    assert 1e-5 < found["code"] < 0.1
    assert system.network.half_precision  # the system itself is as before
    assert compare(tiny(), NOISE)["code"] < found["code"]


def test_tags_differ_between_windows(tiny):
    # Otherwise, the comparisons above would show little.
    tags = tiny().hear(np.concatenate([NOISE, TONE])).tags
    assert np.ptp(tags, axis=0).max() > 0.05
