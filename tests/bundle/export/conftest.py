import functools

import numpy as np
import pytest
import torch

from tagasc.artifacts.bundle import FORMAT, BundledAudio, BundledScores, BundledTagger, Manifest
from tagasc.backend.machine import Machine
from tagasc.bundle.export.write_export import write_export
from tagasc.bundle.system import System
from tagasc.config import Features, Mel, Network, TaggerNetwork, Tagging
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.scene_tagger import SceneTagger

SCENES = ["airport", "bus", "metro", "park"]
TAGS = ["Bark", "Meow", "Rain", "Wind", "Zipper"]
MEL = Mel(sample_rate=6000, n_fft=256, hop_length=80, n_mels=16, f_max=3000.0)


def make_machine(size, scenes=SCENES, kernel="rbf", standardise=False, seed=0):
    random = np.random.default_rng(seed)
    labels = np.array([scenes[number] for number in random.integers(0, len(scenes), 20 * len(scenes))])
    codes = random.normal(size=(len(labels), size)) + (labels == scenes[0])[:, None]
    return Machine("x", kernel, C=1.0, standardise=standardise).fit(codes, labels)


def make_system(cell="shared-heads4-layers3", tagger=True, samples=4000, machine=None, folds=2, mel=MEL, **settings):
    """Return a tiny system with random weights, whose scenes have 8,000 Hz and whose tagger hears 6,000 Hz."""
    torch.manual_seed(0)
    parsed = parse(cell)
    architecture = Network(**{"filters": 8, "blocks": 3, "code_size": 4} | settings)
    network = SceneNetwork(parsed, architecture, 2, len(TAGS) if parsed.uses_tags else 0, len(SCENES))
    networks = [TwoHeadedResNet(TaggerNetwork(layers=[1, 1, 1, 1], head_width=16), len(TAGS)) for _ in range(folds)]
    for module in (network, *networks):
        for layer in module.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):  # after training, none has mean 0 and variance 1
                layer.running_mean.normal_(0, 0.1)
                layer.running_var.uniform_(0.5, 2)
    for each in networks:  # tags of the two extremes and between
        torch.nn.init.normal_(each.curated_head[-1].weight, std=4)
    machine = machine or make_machine(network.code_size)
    described = BundledTagger(
        folds=folds,
        network=TaggerNetwork(layers=[1, 1, 1, 1], head_width=16),
        features=Features(),
        tagging=Tagging(),
        mel=mel,
    )
    manifest = Manifest(
        format=FORMAT,
        version="0",
        experiment="tiny",
        cell=cell,
        seed=0,
        audio=BundledAudio(sample_rate=8000, channels=2, samples=samples),
        scenes=machine.scenes,
        tags=TAGS,
        network=architecture,
        preemphasis=0.97,
        gain=8.0,
        tagger_name="multitask",
        tagger=described if tagger else None,
        kernel=machine.kernel,
        scores=BundledScores(clips=1, accuracy=0.5, output_layer_accuracy=0.5),
        versions={},
        commit="0",
        device="cpu",
        licence="CC BY 4.0 – “ours”",
    )
    ensemble = SceneTagger(networks, Features(), Tagging(), mel, 8000) if tagger else None
    return System(manifest, network.eval(), ensemble, machine)


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Return a function that exports a tiny system once, and returns it with its folder and the printed lines."""

    @functools.cache
    def export(cell="shared-heads4-layers3", **settings):
        system = make_system(cell, **settings)
        folder = tmp_path_factory.mktemp("exports") / "export"
        return system, folder, write_export(system, folder)

    return export


@pytest.fixture
def tiny():
    """Return the function that makes a tiny system."""
    return make_system


@pytest.fixture
def machine():
    """Return the function that fits a machine on random codes."""
    return make_machine
