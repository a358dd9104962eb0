import json
import shutil
import sys

import numpy as np
import onnx
import pytest

import tagasc
from tagasc.bundle.export import check, write_export
from tagasc.bundle.export.graph import ExportedSystem
from tagasc.bundle.export.usage import PROGRAM
from tagasc.runtime.errors import InputError

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.uniform(-1, 1, (5, 2, 4000)).astype(np.float32)


def hears_the_same(system, folder, waveforms, tags=None, accepted=5e-3):
    """Compare a file under ONNX Runtime with the system as `tagasc predict` uses it."""
    given = {"waveform": waveforms} | ({} if tags is None else {"tags": tags})
    found = check.run_model(folder / "model.onnx", given)
    heard = system.hear(waveforms, tags)
    expected = {"tags": heard.tags, "code": heard.codes, "margins": heard.margins}
    assert max(check.differences(found, expected).values()) < accepted
    assert [found[name].dtype.name for name in ("code", "margins", "scene")] == ["float32", "float32", "int64"]
    assert found["scene"].shape == (len(waveforms),)
    clear = heard.margins.max(axis=1) > 0.01
    assert (found["scene"] == heard.predicted)[clear].all()


@pytest.mark.parametrize("windows", [1, 3, 5])
def test_the_file_hears_what_the_system_hears(exported, windows):
    system, folder, _ = exported()
    hears_the_same(system, folder, NOISE[:windows])


@pytest.mark.parametrize("waveforms", [
    np.zeros((1, 2, 4000), np.float32),
    NOISE * np.float32(1e-5),
    np.sign(NOISE),
], ids=["silence", "very quiet", "full scale"])  # fmt: skip
def test_the_file_does_so_at_any_level(exported, waveforms):
    system, folder, _ = exported()
    hears_the_same(system, folder, waveforms, accepted=1e-2)


def test_silence_in_a_batch_changes_no_other_window(exported):
    _, folder, _ = exported()
    mixed = np.stack([NOISE[0], np.zeros_like(NOISE[0]), NOISE[1] * np.float32(1e-4)])
    together = check.run_model(folder / "model.onnx", {"waveform": mixed})
    alone = check.run_model(folder / "model.onnx", {"waveform": mixed[2:]})
    np.testing.assert_allclose(together["code"][2], alone["code"][0], atol=1e-5)


def test_the_file_describes_itself(exported):
    _, folder, _ = exported()
    model = onnx.load(folder / "model.onnx")
    onnx.checker.check_model(model)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(facts.pop("scenes")) == ["airport", "bus", "metro", "park"]
    assert json.loads(facts.pop("tags")) == ["Bark", "Meow", "Rain", "Wind", "Zipper"]
    assert facts == {
        "format": "1",
        "version": tagasc.__version__,
        "experiment": "tiny",
        "cell": "shared-heads4-layers3",
        "seed": "0",
        "licence": "CC BY 4.0 – “ours”",
        "sample_rate": "8000",
        "channels": "2",
        "samples": "4000",
        "tagger": "multitask",
        "kernel": "rbf",
    }


def test_the_file_has_no_names_of_folders_and_no_own_operators(exported):
    _, folder, _ = exported()
    assert b"site-packages" not in (folder / "model.onnx").read_bytes()
    model = onnx.load(folder / "model.onnx")
    assert {opset.domain for opset in model.opset_import if opset.version} == {""}
    assert not {"STFT", "DFT"} & {node.op_type for node in model.graph.node}


def test_the_folder_has_a_readme_with_the_program(exported):
    _, folder, _ = exported()
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "model.onnx"]
    text = (folder / "README.md").read_text()
    assert PROGRAM in text
    for part in ("CC BY 4.0", "(batch, 2, 4000)", "0.5 s at 8000 Hz", "airport, bus, metro, park"):
        assert part in text
    assert "$" not in text


def test_sizes_and_differences_are_printed(exported):
    _, folder, lines = exported()
    assert lines[0].startswith(f"{folder / 'model.onnx'}: ")
    assert lines[0].endswith(" MB")
    assert [line.split()[0] for line in lines[2:]] == ["tags", "code", "margins", "output_layer"]


def test_a_folder_that_is_not_empty_is_refused(tiny, tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(InputError, match="is a folder that is not empty, and nothing is overwritten"):
        write_export.write_export(tiny(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("missing", [["onnxscript"], ["onnx", "onnxruntime"]])
def test_missing_packages_are_named(tiny, tmp_path, monkeypatch, missing):
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    expected = f"needs {' and '.join(missing)}, which .* run 'pip install onnx onnxscript onnxruntime'"
    with pytest.raises(InputError, match=expected):
        write_export.write_export(tiny(), tmp_path / "new")


def test_a_file_that_computes_something_else_is_not_kept(exported, tmp_path, monkeypatch):
    system, folder, _ = exported()
    monkeypatch.setattr(write_export, "write_model", lambda path, *_: shutil.copyfile(folder / "model.onnx", path))
    assert write_export.write_export(system, tmp_path / "same")
    system.network.output.bias.data[0] += 0.01
    try:
        with pytest.raises(InputError, match=r"output output_layer: differs .* difference is 0\.00.*0\.0001 is"):
            write_export.write_export(system, tmp_path / "other")
    finally:
        system.network.output.bias.data[0] -= 0.01
    assert [path.name for path in tmp_path.iterdir()] == ["same"]


def test_tags_of_another_tagger_are_an_input(exported):
    system, folder, lines = exported(tagger=False)
    hears_the_same(system, folder, NOISE[:3], RANDOM.random((3, 5), np.float32))
    text = (folder / "README.md").read_text()
    assert "| `tags` | float32 | (batch, 5) | tag vectors, in [0, 1] |" in text
    assert "The tagger is not in the file." in text
    assert not any(line.startswith("  tags") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["codecat", "before_code-layers1", "separate-heads2-concat1-attention2", "jung2019"])
def test_each_kind_of_cell_can_be_exported(exported, cell):
    system, folder, _ = exported(cell)
    hears_the_same(system, folder, NOISE)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [
    {"architecture": "table6", "attention_site": "before_last_conv"},
    {"standardise_tags": True},
    {"concat_after_code": True},
])  # fmt: skip
def test_other_settings_can_be_exported(exported, settings):
    system, folder, _ = exported("before_code-layers0" if "concat_after_code" in settings else "shared-heads4-layers1",
                                 **settings)  # fmt: skip
    hears_the_same(system, folder, NOISE)


@pytest.mark.slow
def test_half_precision_is_exported_as_float32(exported):
    system, folder, _ = exported(precision="bfloat16", tagger=False)
    hears_the_same(system, folder, NOISE, RANDOM.random((5, 5), np.float32), accepted=0.2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenes", "kernel", "standardise"), [(2, "linear", False), (4, "rbf", True), (12, "sigmoid", False)]
)
def test_each_machine_can_be_exported(tiny, machine, tmp_path, scenes, kernel, standardise):
    fitted = machine(4, [f"scene {number:02}" for number in range(scenes)], kernel, standardise)
    system = tiny("baseline", tagger=False, machine=fitted)
    write_export.write_export(system, tmp_path / "new")
    hears_the_same(system, tmp_path / "new", NOISE)


@pytest.mark.slow
def test_large_weights_are_a_second_file(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("tagasc.bundle.export.model._LARGEST", 1000)
    system = tiny("baseline", tagger=False)
    lines = write_export.write_export(system, tmp_path / "new")
    names = ["README.md", "model.onnx", "model.onnx.data"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    assert lines[1].startswith(f"{tmp_path / 'new/model.onnx.data'}: ")
    hears_the_same(system, tmp_path / "new", NOISE)


def test_the_system_stays_as_it_is(tiny):
    system = tiny(precision="bfloat16")
    before = system.hear(NOISE[:1])
    ExportedSystem(system)
    np.testing.assert_array_equal(before.codes, system.hear(NOISE[:1]).codes)
