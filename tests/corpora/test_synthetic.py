"""The demo's folders, read like any folder in the data sets' layouts."""

import hashlib
import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import soundfile

from tagasc.config import Audio, DemoEvents, DemoScenes
from tagasc.corpora.synthetic.events import plan_events, write_demo_events
from tagasc.corpora.synthetic.pools import Pool, generator
from tagasc.corpora.synthetic.scenes import SCENES, plan_scenes, synthesise_scene, write_demo_scenes
from tagasc.corpora.synthetic.sounds import EVENTS, active_level, event
from tagasc.runtime.errors import InputError

DEMO_SCENES = DemoScenes(train=10, evaluate=6)
DEMO_EVENTS = DemoEvents(curated=6, noisy=10, test=3)
AUDIO = Audio(sample_rate=8000, channels=2, duration=1.0)
PARTS = {"train_curated": 6, "train_noisy": 10, "test": 3}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    write_demo_scenes(AUDIO, DEMO_SCENES, folder)
    return folder


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    write_demo_events(8000, DEMO_EVENTS, folder)
    return folder


def scene_lists(folder):
    meta = pd.read_csv(folder / "meta.csv", sep="\t")
    lists = {
        name: pd.read_csv(folder / f"evaluation_setup/fold1_{name}.csv", sep="\t")
        for name in ("train", "evaluate", "test")
    }
    return meta, lists


def event_table(folder, part):
    return pd.read_csv(folder / f"FSDKaggle2019.meta/{part}_post_competition.csv")


def digest(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_scene_tables_follow_the_grammar(scenes):
    meta, lists = scene_lists(scenes)
    assert list(meta) == ["filename", "scene_label", "identifier", "source_label"]
    assert list(lists["train"]) == list(lists["evaluate"]) == ["filename", "scene_label"]
    assert list(lists["test"]) == ["filename"]
    assert lists["test"]["filename"].tolist() == lists["evaluate"]["filename"].tolist()
    for row in meta.itertuples():
        match = re.fullmatch(r"audio/([a-z_]+)-([a-z]+)-(\d+)-(\d+)-a\.wav", row.filename)
        assert match
        assert (match[1], f"{match[2]}-{match[3]}", "a") == (row.scene_label, row.identifier, row.source_label)
    assert sorted(meta["filename"]) == sorted(f"audio/{path.name}" for path in (scenes / "audio").iterdir())


def test_scene_lists_have_the_configured_size_and_leave_some_clips_unused(scenes):
    meta, lists = scene_lists(scenes)
    assert meta["filename"].is_unique
    for name, count in (("train", DEMO_SCENES.train), ("evaluate", DEMO_SCENES.evaluate)):
        assert lists[name]["scene_label"].value_counts().to_dict() == dict.fromkeys(SCENES, count)
    used = set(lists["train"]["filename"]) | set(lists["evaluate"]["filename"])
    unused = meta[~meta["filename"].isin(used)]
    assert unused["scene_label"].value_counts().to_dict() == dict.fromkeys(SCENES, 1)
    assert unused["identifier"].str.startswith("milan-").all()


def test_lists_share_no_location_and_milan_is_never_trained_on(scenes):
    meta, lists = scene_lists(scenes)
    places = {name: meta[meta["filename"].isin(table["filename"])] for name, table in lists.items()}
    assert not set(places["train"]["identifier"]) & set(places["evaluate"]["identifier"])
    assert (places["train"].groupby("scene_label")["identifier"].nunique() >= 3).all()
    cities = {name: set(table["identifier"].str.split("-").str[0]) for name, table in places.items()}
    assert cities["train"] == {"barcelona", "helsinki", "lisbon"}
    assert "milan" in cities["evaluate"]
    assert cities["evaluate"] & cities["train"]


def test_a_location_has_about_eight_clips():
    sizes = pd.Series([clip.location for clip in plan_scenes(DemoScenes()) if clip.pool != Pool.UNUSED]).value_counts()
    assert sizes.between(6, 8).all()


def test_scene_audio_is_24_bit_stereo_neither_clipped_nor_silent(scenes):
    for path in (scenes / "audio").iterdir():
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.frames, info.subtype) == (8000, 2, 8000, "PCM_24")
        samples, _ = soundfile.read(path)
        assert np.abs(samples).max() < 0.95
        assert (samples.std(axis=0) > 1e-3).all()
        assert np.abs(samples[:, 0] - samples[:, 1]).max() > 1e-4


@pytest.mark.slow
def test_every_event_occurs_in_several_scenes_and_none_is_certain():
    for name in EVENTS:
        assert sum(name in likely for likely in SCENES.values()) >= 2
    assert all(probability < 1 for likely in SCENES.values() for probability in likely.values())
    assert all(set(likely) <= set(EVENTS) for likely in SCENES.values())
    occurring = [set(synthesise_scene(AUDIO, 0, clip)[1]) for clip in plan_scenes(DEMO_SCENES)]
    assert set().union(*occurring) == set(EVENTS)


def test_event_tables_follow_the_grammar(events):
    columns = {
        "train_curated": ["fname", "labels", "freesound_id", "license"],
        "train_noisy": ["fname", "labels", "flickr_video_URL", "license"],
        "test": ["fname", "labels", "usage", "freesound_id", "license"],
    }
    names = []
    for part, count in PARTS.items():
        table = event_table(events, part)
        assert list(table) == columns[part]
        assert len(table) == count * len(EVENTS)
        assert table["fname"].str.fullmatch(r"[0-9a-f]{8}\.wav").all()
        assert sorted(table["fname"]) == sorted(
            path.name for path in (events / f"FSDKaggle2019.audio_{part}").iterdir()
        )
        names += table["fname"].tolist()
    assert len(set(names)) == len(names)
    assert set(event_table(events, "test")["usage"]) == {"Public", "Private"}


def test_some_clips_carry_two_labels_as_one_quoted_field(events):
    labels = event_table(events, "train_curated")["labels"].str.split(",")
    assert labels.str.len().isin([1, 2]).all()
    assert 0.05 < (labels.str.len() == 2).mean() < 0.5
    assert set(labels.explode()) == set(EVENTS)
    text = (events / "FSDKaggle2019.meta/train_curated_post_competition.csv").read_text()
    assert re.search(r'^[0-9a-f]{8}\.wav,"\w+,\w+",\d+,CC0$', text, re.MULTILINE)


def test_event_audio_is_16_bit_mono_of_varying_length(events):
    for part in PARTS:
        lengths = set()
        for path in (events / f"FSDKaggle2019.audio_{part}").iterdir():
            info = soundfile.info(path)
            assert (info.samplerate, info.channels, info.subtype) == (8000, 1, "PCM_16")
            assert 0.3 <= info.duration <= 5
            samples, _ = soundfile.read(path)
            assert 0.05 < np.abs(samples).max() < 0.95
            lengths.add(info.frames)
        assert len(lengths) > len(EVENTS)


def test_three_in_ten_noisy_clips_have_a_wrong_label(events):
    planned = plan_events(0, Pool.NOISY, DEMO_EVENTS.noisy)
    wrong = [clip for clip in planned if set(clip.labels) != set(clip.events)]
    assert len(wrong) == 0.3 * len(planned)
    written = event_table(events, "train_noisy").set_index("fname")["labels"]
    assert {clip.fname: ",".join(clip.labels) for clip in planned} == written.to_dict()
    for pool in (Pool.CURATED, Pool.TEST):
        assert all(set(clip.labels) == set(clip.events) for clip in plan_events(0, pool, 5))


@pytest.mark.slow
def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path):
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder, seed in zip(folders, (0, 0, 1), strict=True):
        write_demo_scenes(AUDIO, DemoScenes(seed=seed, train=2, evaluate=1), folder / "scenes")
        write_demo_events(8000, DemoEvents(seed=seed, curated=1, noisy=1, test=1), folder / "events")
    one, two, three = map(digest, folders)
    assert one == two
    assert not {value for name, value in one.items() if name.endswith(".wav")} & set(three.values())


def test_no_two_clips_of_any_pool_draw_the_same_numbers():
    keys = [(clip.pool, list(SCENES).index(clip.scene), clip.number) for clip in plan_scenes(DEMO_SCENES)]
    for pool, count in ((Pool.CURATED, 6), (Pool.NOISY, 10), (Pool.TEST, 3)):
        keys += [(pool, clip.number) for clip in plan_events(0, pool, count)]
    states = sorted(int(generator(0, *key).integers(1 << 63)) for key in keys)
    assert len(set(keys)) == len(keys)
    assert all(one != other for one, other in pairwise(states))


@pytest.mark.parametrize("rate", [8000, 44100])
@pytest.mark.parametrize("name", EVENTS)
def test_events_vary_and_keep_their_level_at_any_rate(name, rate):
    sounds = [event(np.random.default_rng(seed), name, rate) for seed in range(8)]
    assert len({len(sound) for sound in sounds}) > 1
    for sound in sounds:
        assert np.isfinite(sound).all()
        assert 0.05 * rate < len(sound) < 4 * rate
        assert active_level(sound, rate) == pytest.approx(1)


@pytest.mark.slow
def test_mono_and_higher_rates(tmp_path):
    write_demo_scenes(Audio(sample_rate=22050, channels=1, duration=0.5), DemoScenes(train=1, evaluate=1), tmp_path)
    info = soundfile.info(next((tmp_path / "audio").iterdir()))
    assert (info.samplerate, info.channels, info.frames) == (22050, 1, 11025)


def test_a_sample_rate_that_is_too_low_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"scenes\.audio\.sample_rate: 4000 Hz is too low"):
        write_demo_scenes(Audio(sample_rate=4000), DEMO_SCENES, tmp_path)
    with pytest.raises(InputError, match=r"events\.mel\.sample_rate: 4000 Hz is too low"):
        write_demo_events(4000, DEMO_EVENTS, tmp_path)


@pytest.mark.slow
def test_recordings_are_never_overwritten_but_an_earlier_demo_is_replaced(tmp_path):
    audio, demo = Audio(sample_rate=8000, duration=0.5), DemoScenes(train=2, evaluate=1)
    recording = tmp_path / "mine/audio/park-oslo-0-0-a.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"precious")
    with pytest.raises(InputError, match=r"was not synthesised.*scenes\.folder"):
        write_demo_scenes(audio, demo, tmp_path / "mine")
    assert recording.read_bytes() == b"precious"
    for train in (2, 1):
        write_demo_scenes(audio, demo.model_copy(update={"train": train}), tmp_path / "demo")
    assert len(list((tmp_path / "demo/audio").iterdir())) == len(SCENES) * 3
