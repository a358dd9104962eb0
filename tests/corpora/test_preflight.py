import pytest

from tagasc.config import Events, Experiment, Folds, Scenes, Tagger
from tagasc.corpora.preflight import check_inputs
from tagasc.runtime.errors import InputError


def experiment(scenes_folder, events_folder, *, n_splits=2, **tagger):
    """Return an experiment with recordings of one's own."""
    return Experiment(
        data="/nowhere",
        scenes=Scenes(source="folder", folder=str(scenes_folder)),
        events=Events(source="copy", folder=str(events_folder), drop=["0c.wav"]),
        tagger=Tagger(folds=Folds(n_splits=n_splits), **tagger),
    )


def test_complete_folders_pass(scenes_folder, events_folder):
    check_inputs(experiment(scenes_folder, events_folder))


@pytest.mark.parametrize("source", ["download", "demo"])
def test_folders_that_rules_write_need_not_exist(source):
    check_inputs(Experiment(data="/nowhere", scenes=Scenes(source=source), events=Events(source=source)))


@pytest.mark.parametrize(
    "name", ["meta.csv", "evaluation_setup/fold1_train.csv", "evaluation_setup/fold1_evaluate.csv"]
)
def test_a_missing_list_of_the_scenes_is_named(scenes_folder, events_folder, name):
    (scenes_folder / name).unlink()
    with pytest.raises(InputError, match=rf"^scenes\.folder: .+/{name} does not exist; .+scenes\.source: download$"):
        check_inputs(experiment(scenes_folder, events_folder))


@pytest.mark.parametrize("subset", ["train_curated", "train_noisy", "test"])
def test_a_missing_list_of_the_events_is_named(scenes_folder, events_folder, subset):
    (events_folder / f"FSDKaggle2019.meta/{subset}_post_competition.csv").unlink()
    with pytest.raises(
        InputError, match=rf"^events\.folder: .+/{subset}_.+ does not exist; .+events\.source: download$"
    ):
        check_inputs(experiment(scenes_folder, events_folder))


def test_too_few_curated_clips_for_the_folds_are_reported(scenes_folder, events_folder):
    with pytest.raises(InputError, match=r"^tagger\.folds\.n_splits: 3 folds .* there are 2"):
        check_inputs(experiment(scenes_folder, events_folder, n_splits=3))


def test_with_tags_from_a_file_only_that_file_is_needed(scenes_folder, tmp_path):
    path = tmp_path / "tags.csv"
    own_tags = experiment(scenes_folder, "/nowhere", kind="file", path=str(path))
    with pytest.raises(InputError, match=r"^tagger\.path: .+/tags\.csv does not exist; name a csv, parquet or npz"):
        check_inputs(own_tags)
    path.touch()
    check_inputs(own_tags)
