import re

import numpy as np
import pytest
import soundfile

from tagasc.config import Events
from tagasc.corpora.fsdkaggle2019 import (
    CLIPS,
    count_curated,
    event_path,
    list_events,
    list_paths,
    read_events,
    vocabulary,
)
from tagasc.runtime.errors import InputError

CURATED, NOISY, TEST = (
    f"FSDKaggle2019.meta/{subset}_post_competition.csv" for subset in ("train_curated", "train_noisy", "test")
)


def test_the_published_counts_are_those_of_the_data_set():
    assert sum(CLIPS.values()) == 29_266


def test_the_lists_are_named_in_a_fixed_order(tmp_path):
    assert list_paths(tmp_path) == [tmp_path / name for name in (CURATED, NOISY, TEST)]


def test_clips_are_sorted_and_the_dropped_one_is_missing(events_folder):
    clips = read_events(events_folder, ["0c.wav"], 8000, "error")
    assert clips.to_csv(index=False).splitlines() == [
        "filename,subset,labels,samples",
        'a.wav,curated,"Rain,NA",300',
        "b.wav,curated,Bark,200",
        "b.wav,noisy,NA,100",
        "c.wav,noisy,Rain,200",
        'd.wav,test,"Bark,Rain",100',
    ]
    assert vocabulary(clips) == ["Bark", "NA", "Rain"]


def test_unknown_clips_are_dropped_without_an_error(events_folder):
    clips = list_events(events_folder, ["unknown.wav"])
    assert vocabulary(clips) == ["Bark", "NA", "Rain", "Silence"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (CURATED, ",", "\t", "separated by tabs; save it with commas"),
        (CURATED, "labels", "label", "no column 'labels'; did you mean 'label'?"),
        (NOISY, r"(?s).+", "", "is empty"),
        (NOISY, r"(?s)\n.+", "", "lists no clips"),
        (TEST, r"(?s)\n.+", "", "lists no clips"),
        (CURATED, '"', "", "line 4 has 4 columns, expected the header's 3"),
        (CURATED, "Bark", "", "line 3 (b.wav) has no labels"),
        (CURATED, "Rain,NA", "Rain,,NA", "a.wav has an empty label in 'Rain,,NA'"),
        (NOISY, "Rain", "Rian", "label 'Rian' of c.wav is not a label of the curated clips; did you mean 'Rain'?"),
        (TEST, "Bark", "Silence", "label 'Silence' of d.wav is left without curated clips by events.drop; drop fewer"),
        (TEST, '"Bark, Rain"', "", "line 2 (d.wav) has no labels"),
        (NOISY, "c.wav,Rain", "c.wav, ", "line 3 (c.wav) has no labels"),
        (NOISY, "c.wav", "b.wav", "line 3 lists b.wav again"),
    ],
)
def test_a_bad_list_is_refused(events_folder, file, old, new, message):
    path = events_folder / file
    path.write_text(re.sub(old, new, path.read_text()))
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        list_events(events_folder, ["0c.wav"])
    assert file in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_label_without_curated_clips_is_refused(events_folder):
    path = events_folder / CURATED
    path.write_text(path.read_text().replace("b.wav,Bark", "b.wav,Rain"))
    with pytest.raises(
        InputError, match=r"test_post_competition.csv: label 'Bark' of d.wav is not a label of the curated"
    ):
        list_events(events_folder, ["0c.wav"])


def test_the_bad_clips_of_the_data_set_are_dropped_by_default(events_folder):
    """Its README names six clips. Clips of the same names in other subsets stay."""
    bad = ["f76181c4.wav", "77b925c2.wav", "6a1f682a.wav", "c7db12aa.wav", "7752cc8a.wav", "1d44b0bd.wav"]
    drop = Events().drop
    for file, folder in [(CURATED, "audio_train_curated"), (NOISY, "audio_train_noisy")]:
        with (events_folder / file).open("a") as rows:
            for name in bad:
                rows.write(f"{name},Rain,CC-BY\n")
                soundfile.write(events_folder / f"FSDKaggle2019.{folder}" / name, np.zeros(100), 8000, "PCM_16")
    clips = list_events(events_folder, drop)
    names = clips.groupby("subset")["filename"].agg(set)
    assert names["curated"] == {"0c.wav", "a.wav", "b.wav"}
    assert names["noisy"] == {"b.wav", "c.wav", *bad}
    assert count_curated(events_folder, drop) == 3


@pytest.mark.parametrize("file", [CURATED, NOISY, TEST])
def test_a_missing_list_is_refused(events_folder, file):
    (events_folder / file).unlink()
    with pytest.raises(InputError, match=f"{file}: does not exist"):
        list_events(events_folder, ["0c.wav"])


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"events.folder: .+nowhere does not exist; name a folder in the layout"):
        list_events(tmp_path / "nowhere")


def test_dropping_all_curated_clips_is_refused(events_folder):
    with pytest.raises(InputError, match=r"train_curated_post_competition.csv: events.drop leaves none"):
        list_events(events_folder, ["0c.wav", "a.wav", "b.wav"])


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
def test_a_missing_audio_file_is_named(events_folder, on_mismatch):
    event_path(events_folder, "noisy", "c.wav").unlink()
    with pytest.raises(InputError, match=r"audio_train_noisy/c.wav: does not exist; put"):
        read_events(events_folder, ["0c.wav"], 8000, on_mismatch)


def test_a_clip_with_another_rate_is_an_error_or_converted(events_folder):
    soundfile.write(event_path(events_folder, "test", "d.wav"), np.zeros(1001), 44100, "PCM_16")
    with pytest.raises(InputError, match=r"d.wav: found 44100 Hz, 1 channel, expected 8000 Hz, 1 channel"):
        read_events(events_folder, [], 8000, "error")
    clips = read_events(events_folder, [], 8000, "convert")
    assert clips["samples"].iloc[-1] == int(np.ceil(1001 * 8000 / 44100))
