"""Training steps of the tagger, its mel power and its tags, at the paper's sizes on a fake GPU."""

import numpy as np
import pandas as pd
import pytest
import torch

from tagasc.artifacts.events import EventCorpus
from tagasc.audio.mel_power import MelPower
from tagasc.config import Features, Mel, Stage2, TaggerNetwork, TaggerTraining, Tagging
from tagasc.tagger.augmentation import Augmentation
from tagasc.tagger.batches import Batches, Step
from tagasc.tagger.clip_power import ClipPower
from tagasc.tagger.draws import AugmentedPool
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.loss import MultiTaskLoss
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.pools import Pool
from tagasc.tagger.scene_tagger import SceneTagger
from tagasc.training.optimizer import Adam
from tests.fakes.cuda import CUDA

TAGS, BANDS = 80, 128


def make_step(soft, where=CUDA):
    """Return 64 slices of each kind."""
    sizes = [64] * (3 if soft else 2)
    return Step(
        torch.zeros(sum(sizes), 1, BANDS, 512, device=where), torch.zeros(sum(sizes), TAGS, device=where), sizes
    )


@pytest.mark.parametrize(
    ("soft", "separate", "layers"),
    [(False, True, [3, 4, 6, 3]), (True, True, [1, 1, 1, 1]), (True, False, [1, 1, 1, 1])],
)
def test_a_step_of_the_tagger_stays_on_the_gpu(fake_gpu, soft, separate, layers):
    network = TwoHeadedResNet(TaggerNetwork(layers=layers), TAGS).to(CUDA)
    optimizer = Adam(network.parameters(), 1e-3)
    loss = MultiTaskLoss(noisy_double_sigmoid=soft, separate_batches=separate, soft_label_weight=20.0)
    step = make_step(soft)
    fake_gpu.transfers.clear()
    loss(network, step).backward()
    optimizer.step()
    assert not fake_gpu.transfers
    for parameter in network.parameters():
        assert (parameter.grad.device, parameter.grad.dtype) == (CUDA, torch.float32)
    assert {tensor.device for tensor in optimizer.state_dict().values()} == {CUDA}
    assert {buffer.device for buffer in network.buffers()} == {CUDA}


@pytest.mark.parametrize("fits", [True, False])
def test_batches_are_made_on_the_gpu(fake_gpu, monkeypatch, fits):
    """The draws of an epoch are sent at once; a step sends nothing, unless the mel power does not fit on the GPU."""
    monkeypatch.setattr("torch.Tensor.pin_memory", lambda tensor: tensor)
    if not fits:
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda *_: (10**9, 10**9))
    frames, random = np.random.default_rng(0).integers(40, 3800, 400), np.random.default_rng(0)
    table = {"subset": ["curated"] * 200 + ["noisy"] * 200, "labels": "label00", "frames": frames, "scale": 1.0}
    clips = pd.DataFrame(table | {"start": frames.cumsum() - frames})
    events = EventCorpus(clips, [f"label{n:02}" for n in range(TAGS)], np.zeros((frames.sum(), BANDS), np.float16))
    rows, training = np.arange(400), TaggerTraining()
    pools = [
        AugmentedPool(events, Pool.with_own_labels(events, part), training, random, Stage2())
        for part in (rows[:200], rows[200:], rows)
    ]
    power = ClipPower.load(events, TaggerNetwork(), training, CUDA, len(pools))
    steps = Batches(pools, Augmentation(power, 512, LogMel(Features())), 64, [0]).epoch(1)
    sent = []
    for step in steps:
        assert {step.spectrograms.device, step.targets.device} == {CUDA}
        assert {step.spectrograms.dtype, step.targets.dtype} == {torch.float32}
        assert step.spectrograms.shape == (sum(step.sizes), 1, BANDS, 512)
        sent.append(len(fake_gpu.transfers))
        fake_gpu.transfers.clear()
    assert sent[1:] == [0 if fits else 1] * 3


@pytest.mark.usefixtures("fake_gpu")
def test_slices_in_host_memory_are_noticed():
    network = TwoHeadedResNet(TaggerNetwork(layers=[1, 1, 1, 1]), TAGS).to(CUDA)
    loss = MultiTaskLoss(noisy_double_sigmoid=False, separate_batches=True, soft_label_weight=20.0)
    with pytest.raises(RuntimeError, match="same device"):
        loss(network, make_step(soft=False, where=torch.device("cpu")))


@pytest.fixture
def networks(fake_gpu):  # noqa: ARG001 - it makes the GPU
    """Return two networks on the fake GPU."""
    return [TwoHeadedResNet(TaggerNetwork(layers=[1, 1, 1, 1]), TAGS).to(CUDA) for _ in range(2)]


def test_clips_are_tagged_on_the_gpu(networks):
    tags = Ensemble(networks, Features(), 32768, padding=8).tag_power(torch.zeros(25, 1271, BANDS))
    assert (tags.shape, tags.dtype) == ((25, TAGS), np.float32)


def test_scenes_are_tagged_on_the_gpu(networks, fake_gpu):
    tagger = SceneTagger(networks, Features(), Tagging(), Mel(), 48_000)
    count = tagger.clips_at_a_time(480_000)
    assert count == 25
    fake_gpu.transfers.clear()
    tags = tagger.tag(np.zeros((count, 2, 480_000), np.int16), np.ones(count, np.float32))
    assert (tags.shape, tags.dtype) == ((count, TAGS), np.float32)
    assert len(fake_gpu.transfers) == 3  # waveforms and scales go to the GPU, and tags come back


@pytest.mark.usefixtures("fake_gpu")
def test_mel_power_is_computed_on_the_gpu():
    lengths = [1, 44_100, 1_323_000]
    power = MelPower(Mel()).to(CUDA).of_clips([torch.zeros(length, device=CUDA) for length in lengths])
    assert [tuple(clip.shape) for clip in power] == [(MelPower(Mel()).frames(length), BANDS) for length in lengths]
    assert {(clip.device, clip.dtype) for clip in power} == {(CUDA, torch.float32)}
