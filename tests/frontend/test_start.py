import re

import pytest
import torch
from safetensors.torch import load_file

from tagasc.artifacts.bundle import NETWORK
from tagasc.config import Experiment, Frontend, Network, Training
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.start import check_start, load_start
from tagasc.paper.grid import parse
from tagasc.runtime.errors import InputError
from tests.bundle.conftest import SCENES, TAGS, Made

SIZES = {"filters": 8, "blocks": 3, "code_size": 4, "standardise_tags": True}


@pytest.fixture
def bundle(tmp_path):
    return lambda **options: Made(tmp_path / "bundle", **options).write()


def loaded(folder, cell, tags=TAGS, scenes=SCENES):
    """Return the names of the layers whose weights are those of the bundle; all others must be as they were."""
    network = SceneNetwork(parse(cell), Network(**SIZES), 2, len(tags), len(scenes))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    load_start(network, folder, tags, scenes)
    there, here = load_file(folder / NETWORK), network.state_dict()
    layers = {name.partition(".")[0] for name in here} - {"standardise"}
    taken = set()
    for layer in layers:
        names = [name for name in here if name.startswith(f"{layer}.")]
        if all(name in there and torch.equal(here[name], there[name]) for name in names):
            taken.add(layer)
        else:
            assert all(torch.equal(here[name], before[name]) for name in names), layer
    return taken


@pytest.mark.parametrize(
    ("bundled", "cell", "tags", "scenes", "expected"),
    [
        ("shared-heads4-layers1", None, TAGS, SCENES, {"trunk", "concat_transform", "attention", "code", "output"}),
        ("codecat", None, TAGS, SCENES, {"trunk", "code", "output"}),
        ("codecat", None, TAGS, ["bus", "park"], {"trunk", "code"}),
        ("codecat", None, TAGS, ["x", "y", "z"], {"trunk", "code"}),
        ("baseline", None, [], SCENES, {"trunk", "code", "output"}),
        ("codecat", None, list("abcd"), SCENES, {"trunk"}),
        ("codecat", None, list("abcde"), SCENES, {"trunk"}),
        ("before_code-layers1", None, list("abcd"), SCENES, {"trunk"}),
        ("codecat", "baseline", [], SCENES, {"trunk"}),
        ("codecat", "before_code-layers1", TAGS, SCENES, {"trunk"}),
        ("shared-heads4-layers1", "attention-heads4-layers1", TAGS, SCENES, {"trunk"}),
    ],
)
def test_layers_are_taken_where_they_mean_the_same(bundle, bundled, cell, tags, scenes, expected):
    assert loaded(bundle(cell=bundled), cell or bundled, tags, scenes) == expected


def test_layers_of_another_size_are_new(bundle):
    network = SceneNetwork(parse("codecat"), Network(**SIZES | {"code_size": 6}), 2, len(TAGS), len(SCENES))
    folder = bundle(cell="codecat")
    load_start(network, folder, TAGS, SCENES)
    there = load_file(folder / NETWORK)
    weight = "trunk.strided_convolution.0.weight"
    assert torch.equal(network.state_dict()[weight], there[weight])
    assert network.state_dict()["code.weight"].shape != there["code.weight"].shape


def test_a_training_starts_from_the_bundle(bundle, train, frontend, packed, tmp_path, capsys):
    folder = bundle(cell="codecat")
    still = frontend.model_copy(
        update={"training": frontend.training.model_copy(update={"epochs": 1, "learning_rate": 1e-9})}
    )
    train(tmp_path / "started", still, packed, "codecat", start=folder)
    assert "starts from" in (text := capsys.readouterr().err)
    assert re.search(r"\(codecat\): trunk; new: code, output", text)
    there, here = load_file(folder / NETWORK), load_file(tmp_path / "started/model.safetensors")
    for name, tensor in there.items():
        if name.startswith("trunk") and name.endswith("weight"):
            assert (here[name] - tensor).abs().max() < 1e-6, name


def experiment(folder, channels=2, sample_rate=8000, cells=("codecat",), **sizes):
    frontend = Frontend(network=Network(**SIZES | sizes), training=Training(crop=None, start=str(folder)))
    audio = {"sample_rate": sample_rate, "channels": channels, "duration": 1.0}
    return Experiment(cells=list(cells), scenes={"audio": audio}, frontend=frontend)


def test_what_does_not_fit_is_refused_before_any_work(bundle, tmp_path, capsys):
    folder = bundle()
    digest = check_start(experiment(folder))
    assert re.fullmatch("[0-9a-f]{64}", digest)
    for other, problem in [
        ({"filters": 16}, r"codecat has frontend\.network\.filters 16, and .* has 8; set 8"),
        ({"blocks": 4}, r"frontend\.network\.blocks 4"),
        ({"channels": 1}, r"hears 2 channels, and scenes\.audio\.channels is 1; set 2"),
    ]:
        with pytest.raises(InputError, match=f"^frontend.training.start: .*{problem}"):
            check_start(experiment(folder, **other))
    with pytest.raises(InputError, match=r"frontend\.training\.start: .*does not exist"):
        check_start(experiment(tmp_path / "nowhere"))
    capsys.readouterr()
    check_start(experiment(folder, sample_rate=16000))
    assert "was trained at 8000 Hz, and scenes.audio.sample_rate is 16000 Hz" in capsys.readouterr().err


def test_specialists_and_students_use_no_start():
    frontend = Frontend(training=Training(start="bundle"))
    assert frontend.used_by(parse("baseline-specialist1")).training.start is None
    assert frontend.used_by(parse("baseline")).training.start == "bundle"
