from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from tagasc.artifacts import bundle
from tagasc.artifacts.bundle import BundledAudio, BundledScores, BundledTagger, Manifest, bundled, write_manifest
from tagasc.artifacts.weights import write_weights
from tagasc.backend.machine import Machine
from tagasc.config import Features, Mel, Network, TaggerNetwork, Tagging
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse
from tagasc.tagger.network import TwoHeadedResNet
from tests.fakes.cuda import fake_gpu  # noqa: F401 - a fixture

SCENES = ["bus", "park", "tram"]
TAGS = ["Bark", "Rain", "Siren", "Tick"]
RATE, SAMPLES = 8000, 8000


@dataclass
class Made:
    """A bundle of networks that nobody has trained."""

    folder: Path
    cell: str = "codecat"
    tagger: bool = True
    kernel: str = "rbf"
    channels: int = 2
    scenes: Sequence[str] = tuple(SCENES)
    tags: Sequence[str] = tuple(TAGS)
    precision: str = "float32"

    def write(self):
        torch.manual_seed(0)
        sizes = {"filters": 8, "blocks": 3, "code_size": 4, "standardise_tags": True}
        cell, settings = parse(self.cell), Network(**sizes, precision=self.precision)
        folds = 2 if self.tagger else 0
        manifest = Manifest(
            format=bundle.FORMAT,
            version="0.1.0",
            experiment="made-up",
            cell=self.cell,
            seed=0,
            audio=BundledAudio(sample_rate=RATE, channels=self.channels, samples=SAMPLES),
            scenes=list(self.scenes),
            tags=list(self.tags),
            network=settings,
            preemphasis=0.97,
            gain=1.0,
            tagger_name="made-up",
            tagger=BundledTagger(
                folds=folds,
                network=TaggerNetwork(layers=(1, 1, 1, 1), head_width=8),
                features=Features(),
                tagging=Tagging(padding=2),
                mel=Mel(sample_rate=6000, n_fft=256, hop_length=100, n_mels=32, f_min=20.0, f_max=3000.0),
            )
            if self.tagger
            else None,
            kernel=self.kernel,
            scores=BundledScores(clips=10, accuracy=0.5, output_layer_accuracy=0.4),
            versions={"torch": torch.__version__},
            commit="none",
            device="a processor",
            licence="CC0",
        )
        (self.folder / "tagger").mkdir(parents=True)
        network = SceneNetwork(cell, settings, self.channels, len(self.tags) if cell.uses_tags else 0, len(self.scenes))
        write_weights(bundled("x"), self.folder / bundle.NETWORK, network)
        for fold in range(folds):
            snapshot = TwoHeadedResNet(manifest.tagger.network, len(self.tags))
            write_weights(bundled("x"), self.folder / bundle.snapshot(fold), snapshot)
        random = np.random.default_rng(0)
        codes = random.standard_normal((60, network.code_size))
        labels = np.repeat(self.scenes, 60 // len(self.scenes))
        Machine(self.kernel, self.kernel, C=1.0).fit(codes, labels).write(self.folder / bundle.SVM)
        (self.folder / bundle.CONFIGURATION).write_text("name: made-up\n")
        (self.folder / bundle.CARD).write_text("# made-up\n")
        for record in self.folder.rglob(".*.digest"):
            record.unlink()
        write_manifest(self.folder, manifest)
        return self.folder


@pytest.fixture(scope="session")
def made_up(tmp_path_factory):
    """Return a bundle; nobody may change it."""
    return Made(tmp_path_factory.mktemp("bundles") / "codecat").write()


@pytest.fixture
def make(tmp_path):
    """Return a function that writes a bundle of other kinds into a new folder."""
    return lambda name, **options: Made(tmp_path / name, **options).write()


def write_audio(path, seconds=2.5, rate=RATE, channels=2, seed=0, **options):
    """Write noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.1 * np.random.default_rng(seed).standard_normal((round(seconds * rate), channels))
    soundfile.write(path, samples, rate, **options)
    return path


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """Return a folder of recordings of several formats, rates and lengths; nobody may change it."""
    folder = tmp_path_factory.mktemp("recordings")
    write_audio(folder / "a.wav", subtype="PCM_24")
    write_audio(folder / "b.flac", rate=16000, seed=1)
    write_audio(folder / "deep/c.ogg", channels=1, seed=2)
    write_audio(folder / "deep/d.mp3", 3.0, rate=16000, seed=3)
    write_audio(folder / "deep/e.wav", 0.5, subtype="FLOAT", seed=4)
    (folder / "notes.txt").write_text("not audio")
    return folder
