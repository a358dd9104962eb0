"""Every way to train a scene network and to compute codes, at the paper's sizes on a fake GPU."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tagasc.artifacts.weights import MODEL, write_weights
from tagasc.config import Frontend, Network, Training
from tagasc.frontend.codes import compute_crop_codes
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.normalised_convolutions import NormalisedConvolutions
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import parse
from tagasc.training.session import TrainingSession
from tests.fakes.cuda import CUDA

SCENES = [f"scene{number}" for number in range(10)]
BATCH, SAMPLES, TAGS = 24, 480_000, 80
TABLE6, HALF, SHORT = {"architecture": "table6"}, {"precision": "bfloat16"}, {"blocks": 3}
WHOLE, CENTRES = {"crop": None}, {"centre_loss_weight": 0.1}


def make_dataset(cell, clips=2 * BATCH, waveforms_on=CUDA):
    """Return clips of the paper's size, of which 24 are for training."""
    return SceneDataset(
        waveforms=torch.zeros(clips, 2, SAMPLES, dtype=torch.int16, device=waveforms_on),
        scale=torch.ones(clips, device=CUDA),
        tags=torch.rand(clips, TAGS if parse(cell).uses_tags else 0, device=CUDA),
        labels=torch.zeros(clips, dtype=torch.long, device=CUDA),
        scenes=SCENES,
        train=slice(0, clips - BATCH),
        evaluate=slice(clips - BATCH, clips),
        preemphasis=0.97,
        gain=32_000.0,
    )


def make_trainer(cell, network, training, dataset=None, **keys):
    """Return a trainer with the recipe of a cell, with mix-up from the first epoch."""
    network = Network(**{"precision": "float32"} | network)
    frontend = Frontend(network=network, training=Training(**{"mixup_from_epoch": 1} | training))
    recipe = frontend.recipe(parse(cell))
    return Trainer(parse(cell), 0, recipe, 48_000, make_dataset(cell) if dataset is None else dataset, **keys)


def watch_types(network):
    """Return a list to which each pass of the trunk adds the types of its activations."""
    types = []
    for module in network.trunk.modules():
        if isinstance(module, torch.nn.Conv2d | NormalisedConvolutions):  # which calls no convolution as a module
            module.register_forward_hook(lambda _module, _inputs, output: types.append(output.dtype))
    return types


def check_epoch(trainer):
    """Train one step: all that is learned changes on the GPU in float32, and activations have the configured type."""
    types = watch_types(trainer.network)
    row = trainer.train_epoch(1)
    assert row["device"] == "fake GPU"
    assert set(types) == {getattr(torch, trainer.frontend.network.precision)}
    for parameter in trainer.optimizer.parameters:
        assert parameter.grad is not None
        assert (parameter.grad.device, parameter.grad.dtype) == (CUDA, torch.float32)
    assert {tensor.device for tensor in trainer.optimizer.state_dict().values()} == {CUDA}
    assert {tensor.device for tensor in trainer.learned.state_dict().values()} == {CUDA}


@pytest.mark.usefixtures("fake_gpu")
@pytest.mark.parametrize(
    ("cell", "network", "training"),
    [
        ("baseline", {}, {}),
        ("shared-heads4-layers3", TABLE6 | HALF, WHOLE),
        ("shared-heads4-layers3", SHORT | HALF, {}),
        ("codecat", SHORT | HALF, {"mixup_from_epoch": 9}),
        ("before_code-layers0", SHORT | HALF | {"concat_after_code": True}, {"mixup_tags": False}),
        ("before_code-layers3", SHORT | TABLE6, CENTRES | {"crop": 5.0}),
        ("attention-heads2-layers1", SHORT | TABLE6 | HALF | {"attention_site": "before_last_conv"}, {}),
        ("attention-heads32-layers0", SHORT | {"attention_rescale": True}, WHOLE | {"mixup_from_epoch": 9}),
        ("separate-heads4-concat4-attention3", SHORT | HALF | {"standardise_tags": True}, {"amsgrad": False}),
        ("jung2019", SHORT | HALF, {}),
    ],
)
def test_a_training_stays_on_the_gpu(cell, network, training):
    check_epoch(make_trainer(cell, network, training))


@pytest.fixture
def weights(tmp_path):
    """Write the weights of an untrained network of a cell, which has values; return the path."""

    def write(cell, network):
        path = tmp_path / "model.safetensors"
        tags = TAGS if parse(cell).uses_tags else 0
        write_weights(MODEL, path, SceneNetwork(parse(cell), Network(**network), 2, tags, len(SCENES)))
        return path

    return write


def test_a_specialist_stays_on_the_gpu(weights, request):
    teachers = [weights("jung2019", TABLE6 | SHORT)]
    request.getfixturevalue("fake_gpu")  # the weights that were written are real
    dataset = make_dataset("jung2019", clips=60 + BATCH)  # six of each scene
    check_epoch(
        make_trainer("jung2019-specialist1", SHORT | HALF, {}, dataset, teachers=teachers, scenes=tuple(SCENES[:2]))
    )


def test_a_student_and_its_teachers_stay_on_the_gpu(weights, request):
    network = SHORT | HALF | {"standardise_tags": True}
    teachers = [weights("shared-heads4-layers3", network)] * 2
    request.getfixturevalue("fake_gpu")
    check_epoch(make_trainer("shared-heads4-layers3-kd", network, {}, teachers=teachers))


@pytest.mark.usefixtures("fake_gpu")
def test_a_corpus_in_host_memory_is_trained_on_the_gpu():
    check_epoch(make_trainer("baseline", SHORT | HALF, {}, make_dataset("baseline", waveforms_on="cpu")))


@pytest.mark.usefixtures("fake_gpu")
@pytest.mark.parametrize("network", [SHORT, SHORT | TABLE6 | HALF])
def test_codes_are_computed_on_the_gpu(network):
    trainer = make_trainer("codecat", network, {})
    size = trainer.network.code_size
    codes, accuracy = trainer.evaluate(one_by_one=True)
    assert (codes.shape, codes.dtype) == ((2 * BATCH, size), np.float32)
    assert 0 <= accuracy <= 1
    crops = compute_crop_codes(trainer.network, trainer.batches, np.random.default_rng(0))
    assert (crops.shape, crops.dtype) == ((BATCH, size), np.float32)


@pytest.mark.parametrize("free", [80 * 10**9, 1000])
def test_a_loaded_dataset_makes_batches_on_the_gpu(packed, request, monkeypatch, free):
    gpu = request.getfixturevalue("fake_gpu")
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda *_: (free, free))
    dataset = SceneDataset.load(**packed, preemphasis=0.97, gain=1.0, device=torch.device("cuda"))
    rows = torch.arange(dataset.train.start, dataset.train.stop)
    for starts, length in ((None, None), (torch.zeros_like(rows), 200)):
        batch = dataset.batch(rows, starts, length)
        assert dataset.device == CUDA
        assert [(tensor.device, tensor.dtype) for tensor in batch] == [
            (CUDA, torch.float32), (CUDA, torch.float32), (CUDA, torch.long)
        ]  # fmt: skip
        assert [tuple(tensor.shape) for tensor in batch] == [(12, 2, length or 399), (12, 5), (12,)]
    assert gpu.transfers


def count_transfers(gpu, steps, change=lambda _: None):
    """Return how often an epoch moves values between host and GPU."""
    trainer = make_trainer("baseline", SHORT | HALF, {}, make_dataset("baseline", clips=(steps + 1) * BATCH))
    change(trainer)
    before = len(gpu.transfers)
    trainer.train_epoch(1)
    return len(gpu.transfers) - before


def test_no_step_waits_for_the_host(fake_gpu):
    assert 0 < count_transfers(fake_gpu, 2) == count_transfers(fake_gpu, 1) < 20


def test_a_step_that_reads_its_loss_is_noticed(fake_gpu):
    def read_losses(trainer):
        trainer.loss.register_forward_hook(lambda _module, _inputs, outputs: print(float(outputs[0].detach())))

    assert count_transfers(fake_gpu, 2, read_losses) == count_transfers(fake_gpu, 1, read_losses) + 1


@pytest.mark.usefixtures("fake_gpu")
def test_tags_that_stay_in_host_memory_are_noticed():
    dataset = make_dataset("codecat")
    trainer = make_trainer("codecat", SHORT, {}, replace(dataset, tags=dataset.tags.cpu()))
    with pytest.raises(RuntimeError, match="cpu and cuda"):
        trainer.train_epoch(1)


@pytest.mark.usefixtures("fake_gpu")
def test_a_session_saves_to_host_memory_and_restores_to_the_gpu(monkeypatch, tmp_path):
    saved = []
    monkeypatch.setattr("tagasc.training.session.write_checkpoint", lambda *given: saved.append(given[2:]))
    monkeypatch.setattr("tagasc.training.session.read_checkpoint", lambda *_: saved[0] if saved else None)

    def session(trainer):
        learned = (trainer.learned, trainer.optimizer, trainer.random)
        return TrainingSession(tmp_path, {}, [], MODEL, *learned, interval=0.0)

    first = make_trainer("shared-heads4-layers3", SHORT | HALF, {})
    with session(first) as training:
        for epoch in training.epochs(1, ""):
            training.history.append(first.train_epoch(epoch))
    tensors, _ = saved[0]
    assert {"generator", "cuda_generator"} < set(tensors)
    assert all(tensor.device.type == "cpu" and tensor.is_contiguous() for tensor in tensors.values())
    second = make_trainer("shared-heads4-layers3", SHORT | HALF, {})
    with session(second) as training:
        assert [row["epoch"] for row in training.history] == [1]
        assert second.random.bit_generator.state == first.random.bit_generator.state
        check_epoch(second)
