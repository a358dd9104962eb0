"""What `tagasc init` writes."""

import csv

import numpy as np
import pandas as pd
import pytest
import soundfile

from tagasc.config.loading import load_files
from tagasc.corpora.check import check_events, check_scenes
from tagasc.corpora.tau2019 import list_scenes


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.usefixtures("plain")
def test_the_result_is_a_data_set_in_which_nothing_stops_a_run(init):
    output, lines = init()
    clips = list_scenes(output / "scenes")
    assert clips.groupby("split")["location"].nunique().to_dict() == {"evaluate": 2, "train": 4}
    assert clips.groupby("scene")["split"].unique().map(len).tolist() == [2, 2]
    experiment = load_files([output / "experiment.yaml"], [])
    found, _ = check_scenes(experiment)
    assert found.stops == []
    assert experiment.name == experiment.scenes.name == "new"
    assert experiment.scenes.audio.model_dump() == {"sample_rate": 8000, "channels": 1, "duration": 1.0}
    assert 2 <= experiment.frontend.training.batch_size <= 8
    assert any(cell.shuffled for cell in experiment.selected_cells)
    assert f"  tagasc check --configfile {output}/experiment.yaml" in lines
    assert "all            6     12      0.2" in lines
    assert any(line.startswith("Trainings: about ") and "6 trainings" in line for line in lines)
    assert any("downloads 26.8 GB" in line for line in lines)


def test_short_recordings_are_links_to_the_originals(plain, init):
    output, _ = init()
    for path in plain.rglob("*.wav"):
        link = output / "scenes/audio" / path.relative_to(plain)
        assert link.is_symlink()
        assert link.readlink() == path


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("name", "rate", "channels", "subtype", "suffix"),
    [
        ("long.wav", 8000, 2, "PCM_16", ".flac"),
        ("long.wav", 44100, 1, "PCM_24", ".flac"),
        ("long.wav", 22050, 1, "FLOAT", ".wav"),
        ("long.flac", 16000, 2, "PCM_24", ".flac"),
        ("long.aiff", 96000, 1, "PCM_24", ".flac"),
        ("long.ogg", 44100, 2, None, ".wav"),
        ("long.mp3", 44100, 2, None, ".wav"),
        ("long.wav", 65540, 1, "PCM_16", ".wav"),
        ("long.wav", 8000, 9, "PCM_16", ".wav"),
    ],
)
def test_clips_are_the_recording_sample_by_sample(init, write, name, rate, channels, subtype, suffix):
    path = write(f"park/oslo-1/{name}", 4.7, rate, channels, subtype)
    output, lines = init(clip=1.0)
    clips = sorted((output / "scenes/audio/park/oslo-1").glob("long-*"))
    assert [clip.name for clip in clips] == [f"long-{number}{suffix}" for number in range(5)]
    expected = soundfile.read(path, dtype="float32", always_2d=True)[0]
    written = [soundfile.read(clip, dtype="float32", always_2d=True)[0] for clip in clips]
    assert [len(clip) for clip in written[:4]] == [rate] * 4
    assert np.array_equal(np.concatenate(written), expected[: sum(map(len, written))])
    assert len(expected) - sum(map(len, written)) == 0
    assert "recordings cut into clips: 1; linked as they are: 12" in lines
    assert "clips that are shorter and padded with silence by a run: 1" in lines


@pytest.mark.usefixtures("plain")
def test_a_short_rest_is_left_out_and_counted(init, write):
    write("park/oslo-1/long.wav", 3.25)
    output, lines = init(clip=1.0)
    assert len(list((output / "scenes/audio/park/oslo-1").glob("long-*"))) == 3
    assert "rests shorter than half a clip, left out: 1, 0.25 s in all" in lines


@pytest.mark.usefixtures("plain")
def test_mixed_formats_get_the_lowest_common_one(init, write):
    for number, (name, rate, channels) in enumerate([("a.mp3", 44100, 2), ("a.flac", 16000, 2), ("a.opus", 48000, 2)]):
        write(f"bus/oslo-{10 + number}/{name}", 2.0, rate, channels)
        write(f"bus/oslo-{10 + number}/deep/er/{name}", 2.0, rate, channels)
    output, lines = init(clip=2.0)
    audio = load_files([output / "experiment.yaml"], []).scenes.audio
    assert (audio.sample_rate, audio.channels) == (8000, 1)
    assert len(list_scenes(output / "scenes")) == 18
    assert (output / "scenes/audio/bus/oslo-11/deep/er/a.flac").is_file()
    assert any(line.startswith("sample rate: 8000 Hz (12), ") for line in lines)


def test_stereo_needs_two_channels_everywhere(plain, init, write):
    for path in plain.rglob("*.wav"):
        write(path.relative_to(plain), channels=3 if path.stem == "a" else 2)
    output, _ = init()
    assert load_files([output / "experiment.yaml"], []).scenes.audio.channels == 2


@pytest.mark.usefixtures("plain")
def test_the_same_call_writes_the_same(init):
    first, _ = init("one/new")
    second, _ = init("two/new")
    for name, content in contents(first).items():
        expected = content.replace(str(first).encode(), str(second).encode())
        assert (second / name).read_bytes() == expected
    lists = {
        seed: (init(f"seed{seed}", seed=seed)[0] / "scenes/evaluation_setup/fold1_evaluate.csv").read_text()
        for seed in range(5)
    }
    assert len(set(lists.values())) > 1


@pytest.mark.usefixtures("plain")
def test_a_place_with_two_scenes_is_on_one_side(init, write):
    for seed in range(6):
        for scene in ("park", "tram"):
            write(f"{scene}/oslo-9/a.wav")
        clips = list_scenes(init(f"new{seed}", seed=seed)[0] / "scenes")
        assert clips[clips["location"] == "oslo-9"]["split"].unique().size == 1


@pytest.mark.usefixtures("plain")
def test_a_user_chooses_the_evaluation_locations(init):
    output, lines = init(evaluate_on=["oslo-1", "oslo-5"])
    clips = list_scenes(output / "scenes")
    assert sorted(clips.loc[clips["split"] == "evaluate", "location"].unique()) == ["oslo-1", "oslo-5"]
    assert "for evaluation: oslo-1, oslo-5" in lines


def test_files_without_a_location_are_locations_of_their_own(init, write):
    for scene in ("park", "tram"):
        for number in range(3):
            write(f"{scene}/{number}.wav", 3.0)
    output, lines = init(clip=1.0)
    clips = list_scenes(output / "scenes")
    assert sorted(clips["location"].unique()) == [f"here-{scene}_{n}" for scene in ("park", "tram") for n in range(3)]
    assert clips["city"].unique().tolist() == ["here"]
    assert lines[0].startswith("6 files of 2 scenes stand in no location folder: each counts as a location of its own.")
    assert any(line.startswith("identifiers: ") for line in lines)


@pytest.mark.usefixtures("plain")
def test_names_may_hold_spaces_accents_and_quotation_marks(init, write):
    for number, place in enumerate(["Zürich-Haupt bahnhof", "東京-駅", 'o\'hare-"1"']):
        for name in ("Aufnahme №1.wav", "-b.wav", '"c".wav'):
            write(f'"gare"  du nord/{place}/{name}', 1.0 + number)
    output, _ = init("mes données", clip=1.0)
    clips = list_scenes(output / "scenes")
    assert '"gare" du nord' in set(clips["scene"])
    assert {"Zürich-Haupt bahnhof", "東京-駅"} <= set(clips["location"])
    assert all((output / "scenes" / name).is_file() for name in clips["filename"])
    assert load_files([output / "experiment.yaml"], []).name == "mes-donnees"


def test_files_of_one_name_do_not_replace_each_other(init, write):
    for place in range(3):
        for scene in ("park", "tram"):
            for suffix in ("wav", "flac"):
                write(f"{scene}/{scene}-{place}/a.{suffix}", 2.0)
    output, _ = init(clip=1.0)
    clips = list_scenes(output / "scenes")
    assert len(clips) == 24
    assert "audio/park/park-0/a-0_2.flac" in set(clips["filename"])


def test_what_is_left_out_is_counted(plain, init):
    (plain / "park/oslo-0/notes.txt").write_text("x")
    (plain / "park/.DS_Store").write_text("x")
    (plain / "docs").mkdir()
    (plain / "README").write_text("x")
    _, lines = init()
    assert lines[0] == (
        "Left out: 2 files that are not audio (1 without suffix, 1 .txt), 1 hidden file or folder, no audio in the "
        "folder 'docs'"
    )


@pytest.mark.usefixtures("plain")
def test_a_scene_with_one_location_is_kept_for_training_with_a_warning(init, write):
    write("bus/oslo-9/a.wav")
    write("bus/oslo-9/b.wav")
    output, lines = init()
    clips = list_scenes(output / "scenes")
    assert set(clips.loc[clips["scene"] == "bus", "split"]) == {"train"}
    warnings = [line for line in lines if line.startswith("Weakens the results: ")]
    assert any("one location only for bus; a network may learn the place" in line for line in warnings)
    assert any("no clip of bus; add clips, or their accuracy is unknown" in line for line in warnings)


@pytest.mark.usefixtures("plain")
def test_padding_is_answered_with_shorter_clips(init):
    _, lines = init(clip=3.0)
    assert any("are shorter than 3 s and are padded; choose a shorter --clip" in line for line in lines)


def test_loops_of_links_end(plain, init):
    (plain / "park/oslo-0/again").symlink_to(plain / "park")
    (plain / "park/oslo-1/again").symlink_to(plain / "park/oslo-1")
    (plain / "park/oslo-2/again").symlink_to(plain)
    output, _ = init()
    assert len(list_scenes(output / "scenes")) == 12


@pytest.mark.usefixtures("plain")
def test_tags_of_another_tagger_are_named_and_checked(init, tmp_path):
    tags = tmp_path / "tags.csv"
    output, lines = init(tags=tags)
    experiment = load_files([output / "experiment.yaml"], [])
    assert (experiment.tagger.kind, experiment.tagger.path) == ("file", str(tags))
    assert any(line.startswith(f"Tags: write {tags} before the run, with one row for each of the 12") for line in lines)
    names = pd.read_csv(output / "scenes/meta.csv", sep="\t", quoting=csv.QUOTE_NONE)["filename"]
    pd.DataFrame({"filename": names, "Bell": np.linspace(0, 1, len(names))}).to_csv(tags, index=False)
    assert f"Tags: imported from {tags}" in init("again", tags=tags)[1]
    tags.write_text("filename,Bell\n")
    assert any(line.startswith("Tags: correct this before the run: ") for line in init("third", tags=tags)[1])


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("size", ["small", "paper"])
def test_a_tagger_can_be_trained_on_own_events(init, tmp_path, event_set, size):
    for name, content in event_set[0].items():
        path = tmp_path / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    output, lines = init(size=size, events=tmp_path / "events")
    experiment = load_files([output / "experiment.yaml"], [])
    assert experiment.events_folder == tmp_path / "events"
    assert check_events(experiment).stops == []
    assert f"Tagger: a run trains it on {tmp_path}/events" in lines


@pytest.mark.parametrize(("rate", "seconds"), [(8000, 1.0), (16000, 4.0), (48000, 10.0), (1000, 1.0)])
@pytest.mark.parametrize("size", ["small", "paper"])
def test_keys_of_both_sizes_fit_the_clips(init, write, rate, seconds, size):
    for scene in ("park", "tram"):
        for place in range(3):
            for name in "ab":
                write(f"{scene}/oslo-{scene}{place}/{name}.wav", seconds, rate)
    output, _ = init(size=size, cells=["all", "jung2019-kd"])
    experiment = load_files([output / "experiment.yaml"], [])
    assert check_scenes(experiment)[0].stops == []
    assert experiment.frontend.network.filters == {"small": 32, "paper": 128}[size]
    assert len(experiment.selected_cells) == 57
    assert experiment.events.mel.sample_rate <= max(rate, 16000)
