import pytest

from tagasc.artifacts.settings import write_settings
from tagasc.config import Events, Experiment, Folds, Scenes, Tagger
from tagasc.corpora.preflight import check_events, check_scenes, check_tags
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
    check_scenes(experiment(scenes_folder, events_folder))
    check_events(experiment(scenes_folder, events_folder))


@pytest.mark.parametrize("source", ["download", "demo"])
def test_folders_that_rules_write_need_not_exist(source):
    wanted = Experiment(data="/nowhere", scenes=Scenes(source=source), events=Events(source=source))
    check_scenes(wanted)
    check_events(wanted)


@pytest.mark.parametrize(
    "name", ["meta.csv", "evaluation_setup/fold1_train.csv", "evaluation_setup/fold1_evaluate.csv"]
)
def test_a_missing_list_of_the_scenes_is_named(scenes_folder, name):
    (scenes_folder / name).unlink()
    with pytest.raises(InputError, match=rf"^scenes\.folder: .+/{name} does not exist; .+scenes\.source: download$"):
        check_scenes(experiment(scenes_folder, "/nowhere"))


@pytest.mark.parametrize("subset", ["train_curated", "train_noisy", "test"])
def test_a_missing_list_of_the_events_is_named(events_folder, subset):
    (events_folder / f"FSDKaggle2019.meta/{subset}_post_competition.csv").unlink()
    with pytest.raises(
        InputError, match=rf"^events\.folder: .+/{subset}_.+ does not exist; .+events\.source: download$"
    ):
        check_events(experiment("/nowhere", events_folder))


def test_too_few_curated_clips_for_the_folds_are_reported(events_folder):
    with pytest.raises(InputError, match=r"^tagger\.folds\.n_splits: 3 folds .* there are 2"):
        check_events(experiment("/nowhere", events_folder, n_splits=3))


def test_a_missing_file_of_tags_is_named_and_a_new_one_is_noticed(tmp_path):
    path = tmp_path / "tags.csv"
    own_tags = experiment("/nowhere", "/nowhere", kind="file", path=str(path))
    with pytest.raises(InputError, match=r"^tagger\.path: .+/tags\.csv does not exist; name a csv, parquet or npz"):
        check_tags(own_tags, tmp_path)
    path.write_text("first")
    digest, is_new = check_tags(own_tags, tmp_path)
    assert is_new
    write_settings(own_tags, "tagger.name", tmp_path, digest)
    path.rename(tmp_path / "elsewhere.csv")
    moved = experiment("/nowhere", "/nowhere", kind="file", path=str(tmp_path / "elsewhere.csv"))
    assert check_tags(moved, tmp_path) == (digest, False)
    (tmp_path / "elsewhere.csv").write_text("second")
    assert check_tags(moved, tmp_path)[1]
    other = moved.model_copy(update={"name": "other"})
    with pytest.raises(InputError, match=r"elsewhere\.csv differs from the file that experiment 'paper' imported as"):
        check_tags(other, tmp_path)
