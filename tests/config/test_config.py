import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.common.configfile import load_configfile
from snakemake.utils import update_config

from tagasc.config import Experiment
from tagasc.config.export import config_schema, config_yaml
from tagasc.config.loading import load, load_files
from tagasc.config.renamed import RENAMED
from tagasc.paper.grid import CELLS, parse
from tagasc.runtime.errors import InputError

ROOT = Path(__file__).parents[2]


def test_config_yaml_is_printed_from_the_models():
    assert (ROOT / "config.yaml").read_text() == config_yaml(), "run: make generated"


def test_the_schema_is_printed_from_the_models():
    assert (ROOT / "workflow/schemas/config.schema.json").read_text() == config_schema(), "run: make generated"


def test_config_yaml_loads_back_to_the_defaults():
    loaded = yaml.safe_load(config_yaml())
    assert loaded == Experiment().model_dump(mode="json")
    assert load(loaded) == load({})


def test_every_key_is_explained():
    lines = config_yaml().splitlines()
    for before, line in pairwise(lines):
        if line and not line.lstrip().startswith("#"):
            assert before.lstrip().startswith("# "), line
    assert max(map(len, lines)) <= 120


def test_the_schema_allows_some_of_the_keys_and_no_others():
    schema = json.loads(config_schema())
    for section in (schema, *schema["$defs"].values()):
        assert "required" not in section
        assert section["additionalProperties"] is False


def test_words_of_the_command_line_become_numbers():
    # Depending on the shell's quotes, snakemake --config seeds="[0,1]" arrives as numbers or as words.
    assert load({"seeds": ["0", "1"], "scenes": {"audio": {"duration": "5"}}}).seeds == [0, 1]
    assert load({"compare_with_paper": "false"}).compare_with_paper is False


def test_controls_are_added_to_all_cells():
    names = [cell.name for cell in load({"cells": ["all", "codecat-shuffled", "baseline"]}).selected_cells]
    assert names == [*CELLS, "codecat-shuffled"]


def test_the_epochs_whose_codes_are_kept():
    both = ["last", "best_on_test"]
    assert load({}).code_epochs(CELLS["baseline"]) == [90]
    assert load({"backend": {"protocols": both}}).code_epochs(CELLS["baseline"]) == list(range(1, 91))
    kept = load({"backend": {"protocols": both, "code_every": 40}}).code_epochs
    assert kept(CELLS["baseline"]) == [40, 80, 90]
    assert kept(parse("jung2019-kd")) == [40, 60]
    assert kept(parse("jung2019-specialist2")) == [60]
    assert load({"backend": {"protocols": both, "code_every": 45}}).code_epochs(CELLS["baseline"]) == [45, 90]
    assert load({"backend": {"code_every": 5}}).code_epochs(CELLS["baseline"]) == [90]


def test_cells_are_selected_once_each_and_in_order():
    names = ["codecat", "baseline", "codecat"]
    assert [cell.name for cell in load({"cells": names}).selected_cells] == ["codecat", "baseline"]
    assert len(load({}).selected_cells) == 56


def test_the_tagger_is_the_released_one_by_default():
    """Numbers of the code that Akiyama and Sato (2019) [14] released, according to its description."""
    tagger = load({}).tagger
    assert tagger.network.model_dump(exclude={"precision"}) == {
        "layers": [3, 4, 6, 3],
        "head_width": 1024,
        "head_dropout": [0.2, 0.1],
    }
    assert tagger.features.model_dump() == {"amin": 1e-10, "top_db": 80}
    assert tagger.folds.model_dump() == {"n_splits": 5, "random_state": 42}
    assert tagger.training.model_dump(exclude={"seed", "noisy_double_sigmoid"}) == {
        "batch_size": 64,
        "separate_batches": True,
        "slice_frames": 512,
        "learning_rate": 1e-3,
        "min_learning_rate": 1e-6,
        "cycle_epochs": 64,
        "mixup_probability": 0.5,
        "mixup_alpha": 1,
        "mask_probability": 0.5,
        "mask_half_width": [8, 31],
    }
    assert tagger.soft_labels.model_dump() == {"power": 2, "padding": 0}
    assert tagger.stage2.model_dump() == {
        "soft_label_weight": 20,
        "curated_share": 0.5,
        "noisy_by_fold": True,
        "mixup_partners": "uniform",
        "crop": "all",
        "crop_probability": 0.5,
        "min_crop": 0.25,
    }
    assert tagger.tagging.padding == 8
    assert tagger.tagging.batch_frames == tagger.training.batch_frames == 64 * 512
    assert tagger.training.cycle_epochs * tagger.stage1_cycles == 512
    assert tagger.training.cycle_epochs * tagger.stage2_cycles == 448


def test_mel_power_is_that_of_the_released_tagger_by_default():
    assert load({}).events.mel.model_dump() == {
        "sample_rate": 44100,
        "n_fft": 2560,
        "hop_length": 347,
        "n_mels": 128,
        "f_min": 20,
        "f_max": 22050,
    }


NETWORK = "frontend.network"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sedes": [0]}, r"unknown key 'sedes'; did you mean 'seeds'\?"),
        ({"frontend": {"trainin": {}}}, r"unknown key 'frontend\.trainin'; did you mean 'training'\?"),
        ({"zzz": 1}, "unknown key 'zzz'$"),
        ({"seeds": [0, "one"]}, r"seeds\.1: input should be a valid integer.*got 'one'"),
        ({"seeds": []}, "seeds: list should have at least 1 item"),
        (
            {"scenes": {"audio": {"duration": 0}}},
            r"scenes\.audio\.duration: input should be greater than or equal to 0.001 or auto, got 0",
        ),
        (
            {"scenes": {"source": "demo", "audio": {"duration": "auto"}}},
            r"scenes\.audio\.duration: auto needs recordings, and source: demo has none; give a length in s$",
        ),
        ({"scenes": {"source": "downlaod"}}, r"scenes\.source: .*'download'.*got 'downlaod'"),
        ({"name": "../x"}, "name: "),
        (
            {"compare_with_paper": "maybe"},
            r"compare_with_paper: input should be 'auto', true or false, got 'maybe'",
        ),
        ({"cells": 3}, "cells: input should be 'all' or a list of cells, got 3"),
        ({"cells": ["codecta"]}, r"cells: 'codecta' is not the name of a cell; did you mean 'codecat'\?"),
        (
            {"figures": {"codes_cell": "codecta"}},
            "figures.codes_cell: 'codecta' is not among the cells; did you mean 'codecat'",
        ),
        (
            {"cells": ["baseline"], "figures": {"attention_cell": "baseline"}},
            "figures.attention_cell: baseline has no attention; choose a cell with heads, or best",
        ),
        ({"cells": ["attention-heads3-layers1"]}, f"attention-heads3-layers1: 3 heads do not divide {NETWORK}.filters"),
        ({"frontend": {"network": {"filters": 48}}}, f"32 heads do not divide {NETWORK}.filters = 48; "),
        (
            {"frontend": {"network": {"attention_site": "before_last_conv"}}},
            f"{NETWORK}.attention_site: before_last_conv needs architecture: table6",
        ),
        (
            {"frontend": {"network": {"architecture": "table6", "filters": 33}}},
            f"{NETWORK}.filters: table6 halves them, and 33 is odd",
        ),
        (
            {"frontend": {"network": {"blocks": 10}}},
            f"{NETWORK}.blocks: 10 blocks leave no frame of 9.99 s at 48000 Hz; ",
        ),
        ({"events": {"mel": {"sample_rate": 32000}}}, r"events\.mel\.f_max: 22050 Hz is above half of sample_rate"),
        ({"events": {"mel": {"f_min": 23000}}}, r"events\.mel\.f_min: 23000 Hz is not below f_max"),
        ({"events": {"mel": {"n_fft": 511}}}, r"events\.mel\.n_fft: 511 is odd"),
        ({"tagger": {"kind": "file"}}, r"tagger\.path: kind: file needs the path"),
        ({"tagger": {"training": {"mask_half_width": [9, 8]}}}, r"tagger\.training\.mask_half_width: 9 is above 8"),
        ({"backend": {"protocols": ["best_on_test"]}}, r"backend\.protocols: the tables need last"),
        (
            {"backend": {"controls": {"linear": [], "rbf": [], "sigmoid": []}}},
            r"backend\.controls\.linear: tuned controls need at least one value of C; name one for some kernel",
        ),
        ({"frontend": {"jung2019": {"crop": "x"}}}, r"frontend\.jung2019\.crop: input .*, auto or null, got 'x'"),
        (
            {"cells": ["jung2019-kd"], "scenes": {"audio": {"duration": 4}}},
            r"frontend\.jung2019\.crop: 5 s is longer than the clips, 4 s; choose a shorter one, auto for",
        ),
        (
            {"cells": ["jung2019"], "frontend": {"network": {"filters": 33}}},
            r"frontend\.network\.filters: table6, the network of jung2019, halves them, and 33 is odd; choose an even",
        ),
        (
            {"cells": ["codecat-kd"], "frontend": {"distillation": {"confusion_of": "test"}}},
            r"frontend\.distillation\.confusion_of: test lets test clips .* of codecat; write train, or backend\.pro",
        ),
        ({"backend": {"name": "a/b"}}, r"backend\.name: input should be letters, digits, .*, got 'a/b'"),
    ],
)
def test_a_configuration_that_cannot_run_is_one_line(given, message):
    with pytest.raises(InputError, match=f"^configuration: .*{message}") as error:
        load(given)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("crop", "enough", "seconds"), [(None, 3**7 * 12 + 1, "0.54675"), ("auto", 3**7 * 12 + 480, "0.546729")]
)
def test_blocks_are_checked_against_the_length_that_packing_finds(crop, enough, seconds):
    given = {"scenes": {"audio": {"duration": "auto"}}, "frontend": {"training": {"crop": crop}}}
    frontend = load(given).frontend
    frontend.require_frames(enough, 48000)
    message = rf"7 blocks leave no frame of {seconds} s at 48000 Hz; .* or a longer scenes.audio.duration$"
    with pytest.raises(InputError, match=message):
        frontend.require_frames(enough - 1, 48000)


def test_crops_are_checked_against_the_length_that_packing_finds():
    frontend = load({"scenes": {"audio": {"duration": "auto"}}, "frontend": {"training": {"crop": 3}}}).frontend
    frontend.require_frames(144_000, 48_000)
    with pytest.raises(InputError, match=r"7 blocks leave no frame of 3 s at 8000 Hz; .* frontend.training.crop$"):
        frontend.require_frames(100_000, 8000)
    message = (
        r"^frontend.training.crop: 3 s is longer than the clips, 2.5 s; choose a shorter one, auto for 10 ms less than "
        r"a clip, or null for whole clips$"
    )
    with pytest.raises(InputError, match=message):
        frontend.require_frames(120_000, 48_000)


def test_the_default_windows_are_those_of_the_480k_runs():
    """The logs of Jung et al. (2019) [22] at full length: windows of 479,520 samples."""
    assert load({}).frontend.training.crop_samples(480_000, 48_000) == 479_520


@pytest.mark.parametrize(("crop", "samples"), [(5.0, 240_000), (9.99, 479_520), (10.0, None), (None, None)])
def test_windows_in_samples(crop, samples):
    training = load({"frontend": {"training": {"crop": crop}}}).frontend.training
    assert training.crop_samples(480_000, 48_000) == samples


def nested(path, value):
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_old_key_is_answered_with_its_new_name(old, new):
    with pytest.raises(InputError, match=r"^configuration: ") as error:
        load(nested(old, 1))
    assert f"'{old}'" in str(error.value)
    assert str(error.value).endswith(f"is now called {new}")


def test_a_removed_section_is_answered_with_what_to_do():
    with pytest.raises(InputError, match=r"'comparisons'; intervals and tests are computed, .*; remove this section$"):
        load({"comparisons": {"n_resamples": 1000}})


def test_the_new_names_exist():
    for name in (name for new in RENAMED.values() for name in new.split(" and ")):
        value = Experiment()
        for key in name.split("."):
            value = getattr(value, key)


def test_files_and_pairs_are_merged_as_snakemake_merges_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = {
        "a.yaml": "{seeds: [1], scenes: {name: a, audio: {channels: 1}}}",
        "b.yaml": "scenes: {name: b}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    pairs = ["scenes={audio: {duration: 5}}", "data=my-data", "seeds=[2, 3]", "container="]
    merged = load_files([tmp_path / name for name in texts], pairs)

    given = {}
    for path in map(Path, texts):
        update_config(given, load_configfile(path))
    update_config(given, parse_config(pairs))
    assert merged == load(given)
    assert merged.scenes.audio.model_dump() == {"sample_rate": 48000, "channels": 1, "duration": 5}
    assert (merged.scenes.name, merged.seeds, merged.data) == ("b", [2, 3], "my-data")


def test_the_configuration_of_the_current_folder_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text("{name: deployed, data: mine}")
    (tmp_path / "my.yaml").write_text("name: my")
    assert load_files([Path("my.yaml")], []).data == "mine"
    (tmp_path / "config.yaml").write_text("data: clone")
    assert load_files([Path("my.yaml")], []).data == "clone"
    assert load_files([], []).name == "paper"


@pytest.mark.parametrize(
    ("text", "pairs", "message"),
    [
        (None, [], r"my.yaml: cannot be read \(No such file"),
        ("seeds: [0", [], r"my.yaml: line 1: while parsing a flow sequence of line 1, expected"),
        ("- seeds", [], r"my.yaml: expected keys and values"),
        ("", [], r"my.yaml: expected keys and values"),
        ("sedes: 1", [], r"unknown key 'sedes'"),
        ("seeds: [0]", ["seeds"], r"--config seeds: expected KEY=VALUE"),
    ],
)
def test_a_file_or_pair_that_is_no_configuration_is_one_line(tmp_path, monkeypatch, text, pairs, message):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "my.yaml").write_text(text)
    with pytest.raises(InputError, match=message) as error:
        load_files([Path("my.yaml")], pairs)
    assert "\n" not in str(error.value)
