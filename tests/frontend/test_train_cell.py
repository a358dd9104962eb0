import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.job_start import TRAINING
from tagasc.artifacts.history import CELL_HISTORY, read_history
from tagasc.artifacts.scenes import CLIPS
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse
from tagasc.runtime.errors import InputError

CELL = "shared-heads2-layers1"
VARIANTS = [
    "baseline",
    "codecat",
    "before_code-layers0",
    "before_code-layers2",
    "attention-heads2-layers1",
    "separate-heads2-concat1-attention1",
    "shared-heads2-layers1",
]


def test_tags_are_standardised_over_the_training_clips(packed, frontend, tmp_path, train):
    network = frontend.network.model_copy(update={"standardise_tags": True})
    weights, _, codes = train(tmp_path, frontend.model_copy(update={"network": network}), packed, "codecat")
    tags = np.load(packed["tags"])["tags"].astype(float)
    np.testing.assert_allclose(weights["standardise.mean"], tags[:12].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(weights["standardise.deviation"], tags[:12].std(axis=0), rtol=1e-5)
    expected = (tags - tags[:12].mean(axis=0)) / tags[:12].std(axis=0)
    np.testing.assert_allclose(codes[0, :, 4:], expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("amsgrad", "centre_loss"), [(True, 0.0), (False, 0.0), (True, 0.1)])
def test_a_training_equals_a_plain_loop(
    packed, frontend, tmp_path, monkeypatch, amsgrad, centre_loss, train, changed, load_dataset
):
    """The loop has its own batches, mix-up and Adam, and runs in double precision."""
    settings = changed(frontend, epochs=10, preemphasis=0.5, weight_decay=0.01, amsgrad=amsgrad)
    settings = changed(settings, centre_loss_weight=centre_loss, crop=None)
    single = load_dataset(packed, settings)  # int16 and a coefficient of 0.5 leave no rounding
    double = replace(single, scale=single.scale.double(), tags=single.tags.double())
    monkeypatch.setattr(SceneDataset, "load", lambda *_, **__: double)
    torch.set_default_dtype(torch.float64)
    try:
        weights, history, _ = train(tmp_path, settings, packed, seed=5)
        torch.manual_seed(5)
        network = SceneNetwork(parse(CELL), settings.network, 2, 5, 2)
        centres = torch.randn(2, 4)  # drawn after the weights, and never learned
    finally:
        torch.set_default_dtype(torch.float32)

    integers = torch.from_numpy(np.load(packed["waveforms"])).double()
    waves = 32_000 * double.scale[:, None, None] * (integers[:, :, 1:] - 0.5 * integers[:, :, :-1])
    truth = torch.eye(2, dtype=torch.float64)[double.labels]
    random, step, losses = np.random.default_rng(5), 0, []
    parameters = list(network.parameters())
    mean, square, largest = ([torch.zeros_like(p) for p in parameters] for _ in range(3))
    for epoch in range(1, 11):
        order = random.permutation(12)
        for rows in (order[:5], order[5:10]):
            share, partners = 1.0, rows
            if epoch >= 2:
                share = random.beta(1.0, 1.0)
                partners = rows[random.permutation(5)]
            wave, tag, target = (share * v[rows] + (1 - share) * v[partners] for v in (waves, double.tags, truth))
            code, scores = network(wave, tag)
            loss = -(target * scores.log_softmax(dim=1)).sum(dim=1).mean()
            for clip in range(5):
                for scene in range(2):
                    distance = ((code[clip] - centres[scene]) ** 2).sum()
                    loss = loss + centre_loss * target[clip, scene] * distance / 5
            gradients = torch.autograd.grad(loss, parameters)
            step += 1
            losses.append(loss.item())
            for p, gradient, m, v, top in zip(parameters, gradients, mean, square, largest, strict=True):
                decayed = gradient + 0.01 * p.detach()
                m.copy_(0.9 * m + 0.1 * decayed)
                v.copy_(0.999 * v + 0.001 * decayed**2)
                top.copy_(torch.maximum(top, v) if amsgrad else v)
                p.data -= 1e-3 * (m / (1 - 0.9**step)) / (torch.sqrt(top / (1 - 0.999**step)) + 1e-8)

    np.testing.assert_allclose([row["loss"] for row in history], np.reshape(losses, (10, 2)).mean(axis=1), rtol=1e-6)
    for name, values in network.state_dict().items():
        torch.testing.assert_close(weights[name], values, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("cell", VARIANTS)
def test_every_variant_learns_two_tones(packed, frontend, tmp_path, cell, train, changed, load_dataset):
    settings = changed(frontend, epochs=25, learning_rate=1e-2, mixup_from_epoch=99)
    weights, history, codes = train(tmp_path, settings, packed, cell)
    assert history[-1]["loss"] < 0.4 * history[0]["loss"]
    assert history[-1]["train_accuracy"] == 1
    assert history[-1]["evaluate_accuracy"] == 1
    assert codes.shape == (1, 17, 9 if cell == "codecat" else 4)
    assert codes.dtype == np.float16
    network = SceneNetwork(parse(cell), settings.network, 2, 5, 2).eval()
    network.load_state_dict(weights)
    with torch.no_grad():
        expected = network(*load_dataset(packed, settings).batch(torch.arange(17))[:2])[0]
    np.testing.assert_allclose(codes[0], expected, rtol=2e-3, atol=1e-3)


def test_the_history(packed, frontend, tmp_path, train):
    _, history, _ = train(tmp_path, frontend, packed, seed=6)
    assert read_history(CELL_HISTORY, tmp_path / "history.jsonl") == history
    assert {(row["cell"], row["seed"]) for row in history} == {(CELL, 6)}
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    keys = [
        "cell",
        "seed",
        "epoch",
        "loss",
        "train_accuracy",
        "learning_rate",
        "seconds",
        "clips_per_second",
        "peak_memory_mb",
        "device",
        "precision",
    ]
    assert [list(row) for row in history] == [keys] * 3 + [[*keys, "evaluate_accuracy"]]
    assert {row["learning_rate"] for row in history} == {1e-3}
    assert {row["train_accuracy"] for row in history} <= {n / 10 for n in range(11)}


def test_the_same_seed_gives_the_same_training_bit_for_bit(packed, frontend, tmp_path, train):
    first, again, other = (
        train(tmp_path / name, frontend, packed, seed=seed) for name, seed in [("a", 1), ("b", 1), ("c", 2)]
    )
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()
    assert [row["loss"] for row in first[1]] == [row["loss"] for row in again[1]]
    np.testing.assert_array_equal(first[2], again[2])
    assert not torch.equal(first[0]["output.weight"], other[0]["output.weight"])
    assert [row["loss"] for row in first[1]] != [row["loss"] for row in other[1]]


@pytest.mark.parametrize("cell", VARIANTS)
def test_bfloat16_learns_what_float32_learns(packed, frontend, tmp_path, cell, train, changed):
    settings = changed(frontend, epochs=25, learning_rate=1e-2, mixup_from_epoch=99)
    half = settings.model_copy(update={"network": settings.network.model_copy(update={"precision": "bfloat16"})})
    weights, history, codes = train(tmp_path / "half", half, packed, cell)
    reference = train(tmp_path / "single", settings, packed, cell)[1]
    assert {values.dtype for values in weights.values()} == {torch.float32, torch.int64}
    assert history[0]["loss"] == pytest.approx(reference[0]["loss"], rel=0.05)
    assert history[0]["loss"] != reference[0]["loss"]
    assert history[-1]["loss"] < 0.4 * history[0]["loss"]
    assert history[-1]["evaluate_accuracy"] == 1
    assert np.isfinite(codes).all()


@pytest.mark.parametrize(("multiplies", "settled"), [(True, "bfloat16"), (False, "float32")])
def test_auto_is_the_precision_in_which_the_device_multiplies(
    packed, frontend, tmp_path, monkeypatch, train, multiplies, settled
):
    monkeypatch.setattr("tagasc.runtime.precision.multiplies_in_bfloat16", lambda _: multiplies)
    for precision in ("auto", settled):
        network = frontend.network.model_copy(update={"precision": precision})
        _, history, _ = train(tmp_path / precision, frontend.model_copy(update={"network": network}), packed)
        assert {row["precision"] for row in history} == {settled}
    auto, explicit = (tmp_path / name / "model.safetensors" for name in ("auto", settled))
    assert auto.read_bytes() == explicit.read_bytes()


def test_training_uses_crops_and_codes_use_whole_clips(packed, frontend, tmp_path, train, changed, load_dataset):
    settings = changed(frontend, crop=0.095)
    weights, history, codes = train(tmp_path / "crop", settings, packed)
    whole = train(tmp_path / "whole", changed(frontend, crop=None), packed)[1]
    shifted = train(tmp_path / "shifted", frontend, packed)[1]
    assert len({run[0]["loss"] for run in (history, whole, shifted)}) == 3
    network = SceneNetwork(parse(CELL), settings.network, 2, 5, 2).eval()
    network.load_state_dict(weights)
    with torch.no_grad():
        expected = network(*load_dataset(packed, settings).batch(torch.arange(17))[:2])[0]
    np.testing.assert_allclose(codes[0], expected, rtol=2e-3, atol=1e-3)
    with pytest.raises(InputError, match=r"^frontend.training.crop: 60 s is longer than the clips, 0.1 s; "):
        train(tmp_path / "longer", changed(frontend, crop=60.0), packed)


def test_a_loss_that_is_not_a_number_is_an_error(packed, frontend, tmp_path, train, changed):
    message = (
        r"^frontend\.training\.learning_rate: with 1e\+30, the loss of shared-heads2-layers1, seed 0, is not a number "
        r"in epoch [12], batch \d of \d, and the data are finite; choose a lower one$"
    )
    with pytest.raises(InputError, match=message):
        train(tmp_path, changed(frontend, learning_rate=1e30), packed)
    assert not (tmp_path / "model.safetensors").exists()


def test_a_loss_that_is_not_a_number_before_the_first_step_names_what_scales_it(
    packed, frontend, tmp_path, train, changed
):
    message = (
        r"^frontend\.training\.centre_loss_weight: the loss of shared-heads2-layers1, seed 0, is not a number in epoch "
        r"1, batch 1 of 2, before the first step, and the data are finite; choose a smaller value$"
    )
    with pytest.raises(InputError, match=message):
        train(tmp_path, changed(frontend, centre_loss_weight=1e39), packed)
    with pytest.raises(
        InputError, match=r"^frontend\.training\.gain: 1e\+38 makes waveforms of up to \d.+; lower it \("
    ):
        train(tmp_path, changed(frontend, gain=1e38), packed)


def test_a_loss_that_is_not_a_number_names_a_recording_that_is_no_audio(packed, frontend, tmp_path, train):
    clips = CLIPS.read(packed["clips"])
    clips.loc[3, "scale"] = 1e34
    CLIPS.write(packed["clips"], clips)
    message = (
        r"clips\.csv: line 5 is a recording with samples of up to 3\.28e\+38, .* \(the loss of shared-heads2-layers1"
    )
    with pytest.raises(InputError, match=message):
        train(tmp_path, frontend, packed)


def test_a_control_is_trained_with_shuffled_tags(packed, frontend, tmp_path, train, load_dataset):
    codes = train(tmp_path, frontend, packed, "codecat-shuffled", seed=2)[2]
    dataset = load_dataset(packed, frontend)
    shuffled = dataset.with_shuffled_tags(2).tags
    np.testing.assert_allclose(codes[0, :, 4:], shuffled, atol=1e-3)
    assert not np.allclose(codes[0, :, 4:], dataset.tags, atol=1e-3)


def test_a_training_does_not_import_torchs_compiler():
    """The import takes as long as importing torch, in each of the demo's 56 short jobs."""
    script = f"import sys\n{TRAINING}\nassert 'torch._dynamo' not in sys.modules, 'imported'"
    finished = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_the_baseline_needs_no_tags_and_its_files_are_the_same_with_them(packed, frontend, tmp_path, train):
    for folder, given in (("with", packed), ("without", {name: packed[name] for name in ("clips", "waveforms")})):
        (tmp_path / folder).mkdir()
        train(tmp_path / folder, frontend, given, "baseline")
    for name in ("model.safetensors", "codes.npy"):
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes()
