"""The layouts that the page on own recordings shows are those that the readers accept."""

import re
from pathlib import Path

import numpy as np
import soundfile

from tagasc.config.loading import load
from tagasc.corpora.check import check_events, check_scenes
from tagasc.corpora.fsdkaggle2019 import event_paths, list_events, list_paths
from tagasc.corpora.tau2019 import list_paths as scene_lists
from tagasc.corpora.tau2019 import list_scenes, scene_paths

PAGE = (Path(__file__).parents[2] / "docs/recordings.md").read_text()


def write_lists(paths, first_line):
    """Write the page's examples that have this header, in their order."""
    examples = re.findall(rf"^```\n({first_line}.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(examples) == len(paths) == 3
    for path, text in zip(paths, examples, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_examples_of_both_layouts_can_be_run(tmp_path):
    own = {"source": "folder"}
    sizes = {"network": {"blocks": 3}, "training": {"batch_size": 4}}
    experiment = load(
        {"data": str(tmp_path), "scenes": own, "events": own, "frontend": sizes, "tagger": {"folds": {"n_splits": 2}}}
    )
    scenes, events = experiment.scenes_folder, experiment.events_folder
    for part in (scenes.name, events.name):
        assert f"my-data/{part}/" in PAGE
    write_lists(scene_lists(scenes), "filename\t")
    write_lists(list_paths(events), "fname,")
    for paths, shape, rate in (
        (scene_paths(scenes, list_scenes(scenes)), (480_000, 2), 48_000),
        (event_paths(events, list_events(events)), (4410,), 44_100),
    ):
        for path in paths:
            path.parent.mkdir(exist_ok=True)
            soundfile.write(path, np.zeros(shape, np.int16), rate)
    found, clips = check_scenes(experiment)
    assert (found.stops, found.weakens) == ([], [])
    assert set(clips["city"]) == {"oslo", "bergen", "new-york"}
    assert check_events(experiment).stops == []
