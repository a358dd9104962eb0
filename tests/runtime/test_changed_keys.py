"""The keys behind changed parameters, of which Snakemake has recorded only the values."""

import pytest

from tagasc.runtime.changed_keys import changed_keys

CONFIGURATION = {
    "seeds": [0],
    "scenes": {"on_mismatch": "convert", "audio": {"sample_rate": 8000, "duration": 2.0}},
    "events": {"on_mismatch": "convert", "mel": {"sample_rate": 8000, "n_mels": 32}},
    "tagger": {"network": {"layers": [1, 1]}},
    "frontend": {
        "network": {"filters": 32, "standardise_tags": True},
        "training": {"epochs": 10, "crop": None},
    },
}
FRONTEND, NETWORK, AUDIO = (
    CONFIGURATION["frontend"],
    CONFIGURATION["frontend"]["network"],
    CONFIGURATION["scenes"]["audio"],
)


def changed(rule, recorded, **current):
    return changed_keys(rule, map(repr, recorded), current, CONFIGURATION)


def test_each_key_within_a_section_is_named_with_both_values():
    old = {"network": {"filters": 64, "standardise_tags": False}, "training": {"epochs": 10, "crop": 3.0}}
    assert changed("train_cell", [old], frontend=FRONTEND) == [
        "frontend.network.filters changed from 64 to 32",
        "frontend.network.standardise_tags changed from false to true",
        "frontend.training.crop changed from 3.0 to null",
    ]


def test_a_section_is_found_by_its_name_and_keys_wherever_it_stands():
    assert changed("table6", [NETWORK | {"filters": 8}], network=NETWORK) == [
        "frontend.network.filters changed from 8 to 32"
    ]
    assert changed("anything", [NETWORK | {"filters": 8}], other_name=NETWORK) == [
        "frontend.network.filters changed from 8 to 32"
    ]


def test_a_section_in_which_a_rule_ignores_keys_is_still_found():
    used = NETWORK | {"standardise_tags": False}
    assert changed("train_cell", [used | {"filters": 8}], network=used) == [
        "frontend.network.filters changed from 8 to 32"
    ]


def test_the_whole_configuration_has_no_prefix():
    assert changed("write_config", [CONFIGURATION | {"seeds": [0, 1]}], config=CONFIGURATION) == [
        "seeds changed from [0, 1] to [0]"
    ]


def test_of_equal_keys_the_rules_name_decides_and_otherwise_all_are_named():
    assert changed("pack_scenes", ["error"], on_mismatch="convert") == [
        "scenes.on_mismatch changed from error to convert"
    ]
    assert changed("train_cell", [16000], sample_rate=8000) == [
        "scenes.audio.sample_rate or events.mel.sample_rate changed from 16000 to 8000"
    ]


def test_each_section_is_compared_with_the_recorded_one_that_resembles_it():
    recorded = [AUDIO | {"duration": 5.0}, {"layers": [2, 2]}, 3]
    assert changed("tag_scenes", recorded, network={"layers": [1, 1]}, audio=AUDIO, epoch=10) == [
        "tagger.network.layers changed from [2, 2] to [1, 1]",
        "scenes.audio.duration changed from 5.0 to 2.0",
        "epoch changed from 3 to 10",
    ]


def test_values_that_cannot_be_paired_have_no_former_value():
    assert changed("rule", [1, 2], first=3, second=4) == ["first is now 3", "second is now 4"]
    assert changed("rule", [], first=3) == ["first is now 3"]
    assert changed("rule", ["a", 1], first=3, second="b") == ["first changed from 1 to 3", "second changed from a to b"]


def test_a_key_that_appears_or_disappears():
    assert changed("rule", [{"epochs": 10}], training={"epochs": 10, "crop": None}) == [
        "frontend.training.crop is now null"
    ]
    assert changed("rule", [{"layers": [1, 1], "old": 2}], network={"layers": [1, 1]}) == [
        "tagger.network.old is no longer a key"
    ]


def test_a_parameter_that_is_gone():
    assert changed("rule", [16000]) == ["a parameter is no longer 16000"]


def test_a_new_revision_of_the_recordings_is_no_key():
    assert changed("pack_scenes", [1], revision=2) == ["recordings changed"]


@pytest.mark.parametrize(
    ("value", "text"), [("", '""'), (list(range(30)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"), (1e-5, "1e-05")]
)
def test_values_are_short(value, text):
    assert changed("rule", [], key=value) == [f"key is now {text}"]


def test_a_recorded_value_that_is_no_literal():
    assert changed_keys("rule", ["inf"], {"key": 1}, {}) == ["key changed from inf to 1"]
