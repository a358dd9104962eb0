import pytest

from tagasc.artifacts.settings import write_settings
from tagasc.config import DemoEvents, DemoScenes, Events, Experiment, Folds, Frontend, Scenes, Tagger, Training
from tagasc.corpora.preflight import check_events, check_scenes, check_tags
from tagasc.runtime.errors import InputError


def experiment(scenes_folder, events_folder, *, n_splits=2, batch_size=4, **tagger):
    """Return an experiment with recordings of one's own."""
    return Experiment(
        data="/nowhere",
        scenes=Scenes(source="folder", folder=str(scenes_folder)),
        events=Events(source="copy", folder=str(events_folder), drop=["0c.wav"]),
        tagger=Tagger(folds=Folds(n_splits=n_splits), **tagger),
        frontend=Frontend(training=Training(batch_size=batch_size)),
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


def test_a_batch_of_more_clips_than_there_are_is_reported(scenes_folder):
    with pytest.raises(
        InputError, match=r"^frontend\.training\.batch_size: 5 is more than the 4 training clips; choose"
    ):
        check_scenes(experiment(scenes_folder, "/nowhere", batch_size=5))


@pytest.mark.parametrize(
    ("source", "train", "curated"), [("download", "9185 training", "there are 4970"), ("demo", "12 training", "are 30")]
)
def test_clips_that_rules_write_are_counted_before(source, train, curated):
    wanted = Experiment(
        scenes=Scenes(source=source, demo=DemoScenes(train=2)),
        events=Events(source=source, demo=DemoEvents(curated=3)),
        tagger=Tagger(folds=Folds(n_splits=5)),
        frontend=Frontend(training=Training(batch_size=9186)),
    )
    with pytest.raises(InputError, match=train):
        check_scenes(wanted)
    check_events(wanted)
    folds = wanted.tagger.model_copy(update={"folds": Folds.model_construct(n_splits=5000)})
    with pytest.raises(InputError, match=curated):
        check_events(wanted.model_copy(update={"tagger": folds}))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("meta.csv", "meta.csv is a folder, and a file is expected; name"),
        (
            "evaluation_setup",
            "evaluation_setup/fold1_train.csv does not exist, because .*/evaluation_setup is a file and",
        ),
        (".", "TAU/meta.csv does not exist, because .*/TAU is a file and not a folder; name a folder"),
    ],
)
def test_a_folder_for_a_file_and_a_file_for_a_folder_are_named(scenes_folder, place, words):
    path = scenes_folder / place
    if path.is_dir():
        path.rename(scenes_folder.parent / "elsewhere")
        path.write_text("")
    else:
        path.unlink()
        path.mkdir()
    with pytest.raises(InputError, match=rf"^scenes\.folder: .+{words}"):
        check_scenes(experiment(scenes_folder, "/nowhere"))


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
