import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from tagasc.cells import CELLS
from tagasc.config import Experiment
from tagasc.config_file import config_schema, config_yaml
from tagasc.config_loading import load
from tagasc.errors import InputError

ROOT = Path(__file__).parents[1]


def test_config_yaml_is_the_models():
    assert (ROOT / "config.yaml").read_text() == config_yaml(), "run: tagasc config > config.yaml"


def test_the_schema_is_the_models():
    path = "workflow/schemas/config.schema.json"
    assert (ROOT / path).read_text() == config_schema(), f"run: tagasc config --schema > {path}"


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


def test_the_schema_allows_part_of_the_keys_and_no_others():
    schema = json.loads(config_schema())
    for section in (schema, *schema["$defs"].values()):
        assert "required" not in section
        assert section["additionalProperties"] is False


def test_words_of_the_command_line_become_numbers():
    # snakemake --config seeds="[0,1]" arrives as numbers or as words, by the shell's quotes.
    assert load({"seeds": ["0", "1"], "scenes": {"duration": "5"}}).seeds == [0, 1]


def test_controls_stand_beside_all_cells():
    names = [cell.name for cell in load({"cells": ["all", "codecat-shuffled", "baseline"]}).selected_cells]
    assert names == [*CELLS, "codecat-shuffled"]


def test_the_epochs_whose_codes_are_kept():
    both = ["last", "best_on_test"]
    assert load({}).code_epochs == [90]
    assert load({"backend": {"protocols": both}}).code_epochs == list(range(1, 91))
    assert load({"backend": {"protocols": both, "code_every": 40}}).code_epochs == [40, 80, 90]
    assert load({"backend": {"protocols": both, "code_every": 45}}).code_epochs == [45, 90]
    assert load({"backend": {"code_every": 5}}).code_epochs == [90]


def test_cells_are_selected_once_each_and_in_order():
    names = ["codecat", "baseline", "codecat"]
    assert [cell.name for cell in load({"cells": names}).selected_cells] == ["codecat", "baseline"]
    assert len(load({}).selected_cells) == 56


RELEASED_TAGGER = {
    "layers": [3, 4, 6, 3],
    "head_width": 1024,
    "head_dropout": [0.2, 0.1],
    "folds": 5,
    "fold_seed": 42,
    "batch": 64,
    "slice_frames": 512,
    "learning_rate": 1e-3,
    "lowest_learning_rate": 1e-6,
    "mix_up_probability": 0.5,
    "mix_up_alpha": 1,
    "mask_probability": 0.5,
    "mask_half_width": [8, 31],
    "soft_label_power": 2,
    "soft_label_weight": 20,
    "soft_curated_share": 0.5,
    "crop_probability": 0.5,
    "crop_shortest": 0.25,
    "top_db": 80,
    "lowest_power": 1e-10,
    "tag_padding": 8,
}
"""Numbers of the code that Akiyama and Sato released, as its description gives them."""


def test_the_tagger_is_the_released_one_by_default():
    tagger, mel = load({}).tagger, load({}).events.mel
    assert tagger.model_dump(include=set(RELEASED_TAGGER)) == RELEASED_TAGGER
    assert tagger.cycle_epochs * tagger.stage1_cycles == 512
    assert tagger.cycle_epochs * tagger.stage2_cycles == 448
    assert mel.model_dump() == {"n_fft": 2560, "hop": 347, "bands": 128, "low": 20, "high": 22050}


def test_every_key_of_the_tagger_is_used():
    code = "".join(path.read_text() for path in (ROOT / "src/tagasc/tagger").glob("*.py"))
    rules = "".join((ROOT / f"workflow/rules/{name}.smk").read_text() for name in ("common", "tagger"))
    for key in load({}).tagger.model_dump():
        asked_by_rules = key in {"name", "kind", "path", "stage1_cycles", "stage2_cycles", "tag_with"}
        assert f"EXPERIMENT.tagger.{key}" in rules if asked_by_rules else f"settings.{key}" in code, key


NETWORK = "frontend.network"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sedes": [0]}, r"configuration: unknown key 'sedes'; did you mean 'seeds'\?"),
        ({"frontend": {"trainin": {}}}, r"configuration: unknown key 'frontend\.trainin'; did you mean 'training'\?"),
        ({"zzz": 1}, "configuration: unknown key 'zzz'$"),
        ({"seeds": [0, "one"]}, r"configuration: seeds\.1: input should be a valid integer.*got 'one'"),
        ({"seeds": []}, "configuration: seeds: list should have at least 1 item"),
        ({"scenes": {"duration": 0}}, r"configuration: scenes\.duration: input should be greater than 0, got 0"),
        ({"scenes": {"source": "downlaod"}}, r"configuration: scenes\.source: .*'download'.*got 'downlaod'"),
        ({"name": "../x"}, "configuration: name: "),
        ({"cells": 3}, "configuration: cells: input should be 'all' or a list of cells, got 3"),
        ({"cells": ["codecta"]}, r"cells: 'codecta' is not the name of a cell; did you mean 'codecat'\?"),
        ({"cells": ["attention-heads3-layers1"]}, f"attention-heads3-layers1: 3 heads do not divide {NETWORK}.filters"),
        ({"frontend": {"network": {"filters": 48}}}, f"32 heads do not divide {NETWORK}.filters = 48; "),
        (
            {"frontend": {"network": {"attention_site": "before_last_conv"}}},
            "before_last_conv needs architecture: table6",
        ),
        (
            {"frontend": {"network": {"blocks": 10}}},
            f"{NETWORK}.blocks: 10 blocks leave no frame of 10 s at 48000 Hz; ",
        ),
        ({"events": {"sample_rate": 32000}}, r"events\.mel\.high: 22050 Hz is above half of events\.sample_rate"),
    ],
)
def test_what_cannot_run_is_named_in_one_line(given, message):
    with pytest.raises(InputError, match=message) as error:
        load(given)
    assert "\n" not in str(error.value)
