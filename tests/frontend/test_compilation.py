from functools import partial

import numpy as np
import pytest
import torch

from tagasc.frontend import trainer as trainer_module
from tagasc.frontend.compilation import pays
from tagasc.frontend.normalised_convolutions import NormalisedConvolutions
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import parse
from tagasc.runtime.errors import InputError


@pytest.fixture
def aot_eager(monkeypatch):
    """Compile with a backend that needs no C++ compiler and saves half a minute."""
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="aot_eager"))


@pytest.fixture
def with_key():
    """Set the key `compile`."""

    def change(frontend, value):
        return frontend.model_copy(update={"network": frontend.network.model_copy(update={"compile": value})})

    return change


@pytest.fixture
def compilations(monkeypatch):
    """Count the compilations of networks, and leave the networks as they are."""
    counted = []

    def count(network, wanted, _step):
        counted.append(wanted)
        return network

    monkeypatch.setattr(trainer_module, "compile_network", count)
    return counted


@pytest.mark.parametrize(
    ("device", "seconds", "expected"), [("cuda", 600, True), ("cuda", 599, False), ("cpu", 1e6, False)]
)
def test_compilation_pays_in_long_trainings_on_a_gpu(device, seconds, expected):
    assert pays(torch.device(device), seconds) == expected


@pytest.mark.parametrize(("value", "in_epoch"), [(True, 1), (False, None), ("auto", None)])
def test_a_cpu_compiles_on_demand_only(packed, frontend, load_dataset, with_key, compilations, value, in_epoch):
    trainer = Trainer(parse("baseline"), 0, with_key(frontend, value), 4000, load_dataset(packed, frontend))
    for epoch in (1, 2, 3):
        trainer.train_epoch(epoch)
        assert compilations == ([value] if in_epoch else [])


@pytest.mark.parametrize(
    ("seconds", "epochs", "in_epoch"), [(250, [1, 2, 3, 4], 2), (250, [3, 4], None), (1, [1, 2, 3, 4], None)]
)
def test_auto_decides_after_the_first_epoch(
    packed, frontend, load_dataset, with_key, compilations, monkeypatch, seconds, epochs, in_epoch
):
    """Of four epochs of 250 s, three are worth a compilation, and a resumed training has one left."""
    dataset = load_dataset(packed, frontend)
    monkeypatch.setattr(trainer_module, "pays", lambda _, left: pays(torch.device("cuda"), left))
    trainer = Trainer(parse("baseline"), 0, with_key(frontend, "auto"), 4000, dataset)
    for epoch in epochs:
        trainer.train_epoch(epoch)
        trainer.seconds = seconds
        assert len(compilations) == (in_epoch is not None and epoch >= in_epoch)


@pytest.mark.parametrize("problem", ["no compiler\nand more", ""])
def test_auto_goes_on_without_a_compilation_that_fails(
    packed, frontend, tmp_path, train, with_key, monkeypatch, capsys, problem
):
    def fail(waveform, tags):
        network(waveform, tags)
        raise RuntimeError(problem)

    def compile_network(given):
        nonlocal network
        network = given
        return fail

    network, model = None, "model.safetensors"
    expected = train(tmp_path / "eager", with_key(frontend, False), packed)[1]
    monkeypatch.setattr(torch, "compile", compile_network)
    monkeypatch.setattr(trainer_module, "pays", lambda *_: True)
    found = train(tmp_path / "auto", with_key(frontend, "auto"), packed)[1]
    assert [row["loss"] for row in found] == [row["loss"] for row in expected]
    assert (tmp_path / "auto" / model).read_bytes() == (tmp_path / "eager" / model).read_bytes()
    warnings = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert len(warnings) == 1
    what = problem.partition("\n")[0] or "RuntimeError"
    assert f"frontend.network.compile: torch.compile failed ({what}), so the training takes longer" in warnings[0]


@pytest.mark.slow
@pytest.mark.usefixtures("aot_eager")
@pytest.mark.parametrize("without_biases", [False, True])
def test_a_compiled_network_learns_the_same(packed, frontend, tmp_path, train, with_key, monkeypatch, without_biases):
    """Also with the formulas of a GPU."""
    torch._dynamo.reset()
    if without_biases:
        monkeypatch.setattr(NormalisedConvolutions, "forward", NormalisedConvolutions.without_biases)
    compiled = train(tmp_path / "compiled", with_key(frontend, True), packed)
    eager = train(tmp_path / "eager", frontend, packed)
    assert [row["loss"] for row in compiled[1]] == pytest.approx([row["loss"] for row in eager[1]], rel=1e-4)
    np.testing.assert_allclose(compiled[2], eager[2], rtol=2e-3, atol=1e-3)
    assert compiled[0].keys() == eager[0].keys()


@pytest.mark.slow
@pytest.mark.usefixtures("aot_eager")
def test_a_compiled_training_that_was_stopped_is_resumed(
    packed, frontend, tmp_path, train, with_key, monkeypatch, capsys
):
    torch._dynamo.reset()
    whole = train(tmp_path / "whole", with_key(frontend, True), packed)
    train_epoch = Trainer.train_epoch

    def stop(trainer, epoch):
        if epoch == 3:
            raise KeyboardInterrupt
        return train_epoch(trainer, epoch)

    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "train_epoch", stop)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "stopped", with_key(frontend, True), packed)
    resumed = train(tmp_path / "stopped", with_key(frontend, True), packed)
    assert "continuing after epoch 2" in capsys.readouterr().err
    assert [row["loss"] for row in resumed[1]] == [row["loss"] for row in whole[1]]
    assert all(torch.equal(values, whole[0][name]) for name, values in resumed[0].items())


@pytest.mark.slow
def test_a_network_that_cannot_be_compiled_is_an_error(packed, frontend, tmp_path, train, with_key, monkeypatch):
    torch._dynamo.reset()
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", ("/no/such/compiler",))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(InputError, match=r"^frontend\.network\.compile: torch\.compile failed .*set it to false"):
        train(tmp_path, with_key(frontend, True), packed)
