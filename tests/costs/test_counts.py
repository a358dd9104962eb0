"""The sizes of corpora: packed, published, synthesised, and those of lists."""

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts import events, scenes
from tagasc.config import Experiment
from tagasc.costs.counts import Corpora, count_events, count_scenes
from tagasc.runtime.errors import InputError

DEMO = {
    "frontend": {"network": {"blocks": 5}},
    "scenes": {"source": "demo", "audio": {"sample_rate": 8000, "duration": 2.0}},
    "events": {"source": "demo", "mel": {"sample_rate": 8000, "hop_length": 125, "n_mels": 32, "f_max": 4000.0}},
}


def test_the_published_data_sets(tmp_path):
    counts = count_scenes(Experiment(), tmp_path)
    assert (counts.train, counts.clips, counts.scenes, counts.channels, counts.samples) == (
        9185,
        14_400,
        10,
        2,
        480_000,
    )
    assert counts.packed_bytes == 14_400 * 480_000 * 4
    assert count_events(Experiment(), tmp_path).clips == {"curated": 4970 - 6, "noisy": 19_815, "test": 4481}
    # 103.4 hours of frames in float16.
    packed = count_events(Experiment(), tmp_path).packed_bytes
    assert packed == pytest.approx(103.4 * 3600 * 44_100 / 347 * 128 * 2, rel=0.001)


def test_the_demo(tmp_path):
    counts = count_scenes(Experiment(**DEMO), tmp_path)
    assert (counts.train, counts.clips, counts.samples) == (6 * 32, 6 * (32 + 20 + 2), 16_000)
    counted = count_events(Experiment(**DEMO), tmp_path)
    assert counted.clips == {"curated": 10 * 36, "noisy": 10 * 36, "test": 10 * 12}
    assert counted.mean_frames("test") == pytest.approx(1.5 * 8000 / 125, abs=1)


def test_packed_corpora_count_whatever_their_source_is(tmp_path):
    folder = tmp_path / "corpora/tau2019"
    rows = [
        (f"audio/{n}.wav", "bus", "oslo", f"oslo-{n}", "train" if n < 2 else "evaluate", 0.5, "a") for n in range(3)
    ]
    scenes.CLIPS.write(folder / "clips.csv", pd.DataFrame(rows, columns=scenes.CLIPS.names))
    scenes.WAVEFORMS.write(folder / "waveforms.npy", np.zeros((3, 1, 100)))
    counts = count_scenes(Experiment(), tmp_path)
    assert (counts.train, counts.clips, counts.scenes, counts.channels, counts.samples) == (2, 3, 1, 1, 100)

    assert Corpora(Experiment(), tmp_path).scenes == counts
    assert Corpora(Experiment(), tmp_path, {"pack_scenes"}).scenes.train == 9185

    rows = [("a.wav", "curated", "Bark", 0, 3, 1.0), ("b.wav", "curated", "Bark", 3, 5, 1.0)]
    table = pd.DataFrame([*rows, ("c.wav", "noisy", "Bark", 8, 7, 1.0)], columns=events.CLIPS.names)
    events.CLIPS.write(tmp_path / "corpora/fsdkaggle2019/clips.csv", table)
    counted = count_events(Experiment(), tmp_path)
    assert counted.clips == {"curated": 2, "noisy": 1, "test": 0}
    assert counted.frames == {"curated": 8, "noisy": 7, "test": 0}


def test_a_damaged_corpus_is_one_line(tmp_path):
    folder = tmp_path / "corpora/tau2019"
    rows = [("audio/a.wav", "bus", "oslo", "oslo-0", "train", 0.5, "a")]
    scenes.CLIPS.write(folder / "clips.csv", pd.DataFrame(rows, columns=scenes.CLIPS.names))
    (folder / "waveforms.npy").write_bytes(b"no array")
    with pytest.raises(InputError, match=r"waveforms\.npy: cannot be read as an array .*delete it"):
        count_scenes(Experiment(), tmp_path)


def test_a_folder_that_is_not_packed_is_counted_from_its_lists(tmp_path):
    folder = tmp_path / "data"
    (folder / "evaluation_setup").mkdir(parents=True)
    clips = [
        (f"audio/{scene}-{place}.wav", scene, f"oslo-{scene}{place}") for scene in ("bus", "park") for place in "abc"
    ]
    lines = ["\t".join(clip) for clip in clips]
    (folder / "meta.csv").write_text("\n".join(["filename\tscene_label\tidentifier", *lines, ""]))
    for name, places in (("train", "ab"), ("evaluate", "c")):
        listed = ["\t".join(clip[:2]) for clip in clips if clip[2][-1] in places]
        (folder / f"evaluation_setup/fold1_{name}.csv").write_text("\n".join(["filename\tscene_label", *listed, ""]))
    experiment = Experiment(scenes={"source": "folder", "folder": str(folder)})
    counts = count_scenes(experiment, tmp_path / "results")
    assert (counts.train, counts.clips, counts.scenes, counts.samples) == (4, 6, 2, 480_000)
