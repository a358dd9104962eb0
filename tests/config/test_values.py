import json
import re

import pytest

from tagasc.config import Experiment
from tagasc.config.export import config_schema
from tagasc.config.loading import load
from tagasc.runtime.errors import InputError


def nested(path, value):
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("seeds", [-1], "seeds.0: input should be greater than or equal to 0, got -1"),
        ("seeds", [2**32], "seeds.0: input should be less than or equal to 4294967295, got 4294967296"),
        ("seeds", [True], "seeds.0: input should be a number, not true or false, got True"),
        ("seeds", [0, 1, 0], "seeds: input should be a list without repetitions; 0 is repeated, got [0, 1, 0]"),
        ("seeds", None, "seeds: input should be a valid list, got None"),
        ("seeds", list(range(1001)), "seeds: list should have at most 1000 items"),
        ("tagger.training.seed", 2**32, "tagger.training.seed: input should be less than or equal to 4294967295"),
        ("frontend.training.epochs", True, "frontend.training.epochs: input should be a number, not true or false"),
        ("frontend.training.gain", float("inf"), "frontend.training.gain: input should be a finite number, got inf"),
        ("frontend.training.learning_rate", "nan", "input should be a finite number, got 'nan'"),
        ("backend.svm.C", 1e-300, "backend.svm.C: input should be greater than or equal to 0.000001"),
        ("backend.controls.rbf", [1, 1], "backend.controls.rbf: input should be a list without repetitions"),
        ("backend.svm.kernels", ["rbf", "rbf"], "backend.svm.kernels: input should be a list without repetitions"),
        ("frontend.network.filters", 10**9, "frontend.network.filters: input should be less than or equal to 4096"),
        ("frontend.network.blocks", 10**9, "frontend.network.blocks: input should be less than or equal to 20"),
        ("frontend.network.code_size", 10**6, "frontend.network.code_size: input should be less than or equal to 4096"),
        ("events.mel.n_fft", 2**20, "events.mel.n_fft: input should be less than or equal to 65536"),
        ("scenes.audio.duration", float("inf"), "scenes.audio.duration: input should be a finite number or auto"),
        ("scenes.audio.duration", 1e6, "scenes.audio.duration: input should be less than or equal to 3600 or auto"),
        (
            "scenes.audio",
            {"duration": 3600, "sample_rate": 48000},
            "scenes.audio.duration: 3600 s at 48000 Hz are 172800000 samples per clip, and 134217728 are possible; "
            "shorten it, or lower sample_rate",
        ),
        ("scenes", None, "scenes: input should be a section, with keys of its own, got None"),
        ("name", "x" * 300, "name: string should have at most 100 characters, got 'xxx"),
        ("name", "paper.", "name: input should be letters, digits, '_', '-' and '.', with a letter or digit at the"),
        ("name", 2024, "name: input should be a valid string, got 2024"),
        (
            "events.name",
            "tau2019",
            "scenes.name: tau2019 is events.name, too, and both are folders in results/corpora; give one of them",
        ),
        ("cells", ["attention-heads99999999999-layers1"], "cells: 'attention-heads99999999999-layers1': choose at mo"),
        ("cells", ["a\nb"], r"cells: 'a\nb' is not the name of a cell"),
        ("learning-rate", 1, "unknown key 'learning-rate'"),
        ("a\nb", 1, r"unknown key 'a\nb'"),
    ],
)
def test_a_value_without_sense_is_one_line(key, value, message):
    with pytest.raises(InputError, match=re.escape(message)) as error:
        load(nested(key, value))
    assert str(error.value).startswith("configuration: ")
    assert len(str(error.value)) < 300
    assert "\n" not in str(error.value)


def test_keys_that_are_no_text_are_one_line():
    with pytest.raises(InputError, match=r"^configuration: 1: keys should be strings"):
        load({1: 2})


def test_every_number_has_limits():
    """Also an infinite value is beyond them."""
    schema = json.loads(config_schema())

    def numbers(node, path):
        if isinstance(node, dict):
            if node.get("type") in ("integer", "number"):
                yield path, node
            for key, value in node.items():
                yield from numbers(value, [*path, key])
        elif isinstance(node, list):
            for item in node:
                yield from numbers(item, path)

    found = list(numbers(schema, []))
    assert len(found) > 50
    for path, number in found:
        assert {"minimum", "maximum"} <= number.keys(), path


def test_the_largest_scene_network_fits_a_machine():
    filters = Experiment.model_json_schema()["$defs"]["Network"]["properties"]["filters"]["maximum"]
    parameters = 7 * 2 * 3 * filters**2  # seven blocks of two convolutions over three samples
    assert parameters * 4 * 4 < 16e9  # bytes of weights, gradients and two moments of Adam in float32
