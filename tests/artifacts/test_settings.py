"""Experiments that share a corpus or a tagger: allowed with the same settings, refused in one line otherwise."""

import pytest
import yaml

from tagasc.artifacts.configuration import write_configuration
from tagasc.artifacts.settings import check_shared, find_shared, read_settings, write_settings
from tagasc.config import Audio, DemoScenes, Events, Experiment, Folds, Mel, Scenes, Tagger
from tagasc.runtime.errors import InputError

FIRST = Experiment(name="first")
CHANGES = {
    "scenes.audio.sample_rate": Experiment(name="second", scenes=Scenes(audio=Audio(sample_rate=16000))),
    "scenes.on_mismatch": Experiment(name="second", scenes=Scenes(on_mismatch="convert")),
    "scenes.source": Experiment(name="second", scenes=Scenes(source="demo")),
    "events.mel.n_mels": Experiment(name="second", events=Events(mel=Mel(n_mels=64))),
    "events.drop": Experiment(name="second", events=Events(drop=[])),
    "tagger.folds.n_splits": Experiment(name="second", tagger=Tagger(folds=Folds(n_splits=3))),
    "tagger.kind": Experiment(name="second", tagger=Tagger(kind="file", path="tags.csv")),
}
KEYS = {key: key.partition(".")[0] + ".name" for key in CHANGES}


def leave_configuration(experiment, results):
    path = results / "experiments" / experiment.name / "config.yaml"
    write_configuration(path, experiment.model_dump(mode="json"))


@pytest.mark.parametrize("key", CHANGES)
@pytest.mark.parametrize("made", [True, False])
def test_other_settings_under_the_same_name_are_refused(tmp_path, key, made):
    if made:
        for shared in ("scenes.name", "events.name", "tagger.name"):
            write_settings(FIRST, shared, tmp_path)
    else:
        leave_configuration(FIRST, tmp_path)
    with pytest.raises(InputError) as error:
        check_shared(CHANGES[key], tmp_path)
    line = str(error.value)
    assert line.startswith(f"{key}: is ")
    assert f"in experiment 'first', which has the same {KEYS[key]}" in line
    assert f"give {KEYS[key]} another value (in use: " in line
    assert "or delete " in line


@pytest.mark.parametrize("key", CHANGES)
def test_another_name_is_accepted(tmp_path, key):
    leave_configuration(FIRST, tmp_path)
    given = CHANGES[key].model_dump()
    given["scenes"]["name"] = given["tagger"]["name"] = "other"
    given["events"]["name"] = "other-events"
    check_shared(Experiment(**given), tmp_path)


def test_places_names_and_the_frontend_may_differ(tmp_path):
    leave_configuration(FIRST, tmp_path)
    write_settings(FIRST, "scenes.name", tmp_path)
    check_shared(
        Experiment(
            name="second",
            data="elsewhere",
            seeds=[1],
            scenes=Scenes(source="copy", folder="mine", verify="full"),
            frontend={"training": {"epochs": 1}},
        ),
        tmp_path,
    )


@pytest.mark.parametrize("key", CHANGES)
def test_an_experiment_may_change_its_own_keys_unless_another_one_uses_the_name(tmp_path, key):
    changed = CHANGES[key].model_copy(update={"name": "first"})
    write_settings(FIRST, "scenes.name", tmp_path)
    leave_configuration(FIRST, tmp_path)
    check_shared(changed, tmp_path)
    leave_configuration(FIRST.model_copy(update={"name": "third"}), tmp_path)
    with pytest.raises(InputError, match=r"in experiment 'third'.* or delete .+/experiments/third$"):
        check_shared(changed, tmp_path)


def test_the_events_of_a_tagger_belong_to_its_settings(tmp_path):
    write_settings(FIRST, "tagger.name", tmp_path)
    other = Experiment(name="second", events=Events(name="others", mel=Mel(n_mels=64)))
    with pytest.raises(InputError, match=r"^events\.name: is others, but fsdkaggle2019 in experiment 'first'"):
        check_shared(other, tmp_path)


def test_sizes_of_the_demo_count_for_the_demo_only(tmp_path):
    leave_configuration(FIRST, tmp_path)
    check_shared(Experiment(name="second", scenes=Scenes(demo=DemoScenes(train=3))), tmp_path)


def test_a_way_of_scoring_with_a_name_leaves_a_configuration_that_counts(tmp_path):
    path = tmp_path / "experiments/first/backends/wide/config.yaml"
    write_configuration(path, FIRST.model_dump(mode="json"))
    with pytest.raises(InputError, match=r"or delete .+/experiments/first$"):
        check_shared(CHANGES["events.drop"], tmp_path)


@pytest.mark.parametrize("text", ["", "a: [", "scenes: {colour: red}", "- 1"])
def test_damaged_and_foreign_files_are_not_compared(tmp_path, text):
    for path in (tmp_path / "experiments/first/config.yaml", tmp_path / "corpora/tau2019/settings.yaml"):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    check_shared(CHANGES["scenes.on_mismatch"], tmp_path)
    assert read_settings(find_shared(FIRST, "scenes.name"), tmp_path) is None


def test_settings_are_read_back(tmp_path):
    write_settings(FIRST, "tagger.name", tmp_path)
    made = read_settings(find_shared(FIRST, "tagger.name"), tmp_path)
    assert made.experiment == "first"
    assert made.settings == find_shared(FIRST, "tagger.name").settings
    assert yaml.safe_load((tmp_path / "taggers/multitask/settings.yaml").read_text())["experiment"] == "first"
