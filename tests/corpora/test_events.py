import re

import numpy as np
import pytest
import soundfile

from tagasc.config import Events, Mel
from tagasc.corpora.events import count_curated, event_path, read_events, vocabulary
from tagasc.errors import InputError

CURATED, NOISY, TEST = (
    f"FSDKaggle2019.meta/{subset}_post_competition.csv" for subset in ("train_curated", "train_noisy", "test")
)


def test_rows_without_the_dropped_clip(events, events_folder):
    clips = read_events(events, events_folder)
    assert clips.to_csv(index=False).splitlines() == [
        "filename,subset,labels,samples",
        'a.wav,curated,"Rain,NA",300',
        "b.wav,curated,Bark,200",
        "b.wav,noisy,NA,100",
        "c.wav,noisy,Rain,200",
        'd.wav,test,"Bark,Rain",100',
    ]
    assert vocabulary(clips) == ["Bark", "NA", "Rain"]


def test_nothing_dropped(events, events_folder):
    clips = read_events(events.model_copy(update={"drop": ["unknown.wav"]}), events_folder)
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
        (NOISY, "Rain", "Rian", "label 'Rian' of c.wav is none of the curated clips' labels; did you mean 'Rain'?"),
        (TEST, "Bark", "Silence", "label 'Silence' of d.wav has no curated clip that events.drop leaves; drop fewer"),
        (TEST, '"Bark, Rain"', "", "line 2 (d.wav) has no labels"),
        (NOISY, "c.wav,Rain", "c.wav, ", "line 3 (c.wav) has no labels"),
        (NOISY, "c.wav", "b.wav", "lists b.wav twice"),
    ],
)
def test_bad_list(events, events_folder, file, old, new, message):
    path = events_folder / file
    path.write_text(re.sub(old, new, path.read_text()))
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_events(events, events_folder)
    assert file in str(caught.value)
    assert "\n" not in str(caught.value)


def test_class_without_curated_clips(events, events_folder):
    path = events_folder / CURATED
    path.write_text(path.read_text().replace("b.wav,Bark", "b.wav,Rain"))
    with pytest.raises(InputError, match=r"test_post_competition.csv: label 'Bark' of d.wav is none of the curated"):
        read_events(events, events_folder)


def test_the_bad_clips_of_the_data_set_are_dropped_by_default(events_folder):
    """The six that its README names; clips of other subsets that are called so stay."""
    bad = ["f76181c4.wav", "77b925c2.wav", "6a1f682a.wav", "c7db12aa.wav", "7752cc8a.wav", "1d44b0bd.wav"]
    settings = Events(sample_rate=8000, mel=Mel(high=4000))
    for file, folder in [(CURATED, "audio_train_curated"), (NOISY, "audio_train_noisy")]:
        with (events_folder / file).open("a") as rows:
            for name in bad:
                rows.write(f"{name},Rain,CC-BY\n")
                soundfile.write(events_folder / f"FSDKaggle2019.{folder}" / name, np.zeros(100), 8000, "PCM_16")
    clips = read_events(settings, events_folder)
    names = clips.groupby("subset")["filename"].agg(set)
    assert names["curated"] == {"0c.wav", "a.wav", "b.wav"}
    assert names["noisy"] == {"b.wav", "c.wav", *bad}
    assert count_curated(settings, events_folder) == 3


@pytest.mark.parametrize("file", [CURATED, NOISY, TEST])
def test_missing_list(events, events_folder, file):
    (events_folder / file).unlink()
    with pytest.raises(InputError, match=f"{file}: no such file"):
        read_events(events, events_folder)


def test_missing_folder(events, tmp_path):
    with pytest.raises(InputError, match=r"events.folder: .+nowhere is no folder"):
        read_events(events, tmp_path / "nowhere")


def test_everything_dropped(events, events_folder):
    with pytest.raises(InputError, match=r"train_curated_post_competition.csv: events.drop leaves none"):
        read_events(events.model_copy(update={"drop": ["0c.wav", "a.wav", "b.wav"]}), events_folder)


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
def test_missing_audio(events, events_folder, on_mismatch):
    event_path(events_folder, "noisy", "c.wav").unlink()
    with pytest.raises(InputError, match=r"audio_train_noisy/c.wav: the file is not there; unpack"):
        read_events(events.model_copy(update={"on_mismatch": on_mismatch}), events_folder)


def test_clip_of_another_rate(events, events_folder):
    soundfile.write(event_path(events_folder, "test", "d.wav"), np.zeros(1001), 44100, "PCM_16")
    with pytest.raises(InputError, match=r"d.wav: found 44100 Hz, 1 channel, expected 8000 Hz, 1 channel"):
        read_events(events, events_folder)
    clips = read_events(events.model_copy(update={"on_mismatch": "convert"}), events_folder)
    assert clips["samples"].iloc[-1] == int(np.ceil(1001 * 8000 / 44100))
