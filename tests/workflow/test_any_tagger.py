"""The documentation's example of another tagger's tags, word for word, and the error for a bad file of tags."""

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.tags import read_tags
from tagasc.config import Scenes
from tagasc.corpora.receipts import UNPACKED, scenes_statement
from tagasc.tagger.import_tags import import_tags

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.workflow


@pytest.fixture
def example():
    """Return the Python code, the keys and the command of docs/tagger.md."""
    page = (ROOT / "docs/tagger.md").read_text()
    (code,), (keys,) = (re.findall(rf"```{kind}\n(.+?)```", page, re.DOTALL) for kind in ("python", "yaml"))
    (command,) = re.findall(r"^snakemake .+ --configfile .+$", page, re.MULTILINE)
    return code, keys, shlex.split(command)


def test_the_example_of_the_documentation_works(tmp_path, snakemake, monkeypatch, example):
    code, keys, command = example
    meta = tmp_path / "data/TAU-urban-acoustic-scenes-2019-development/meta.csv"
    meta.parent.mkdir(parents=True)
    names = [f"audio/park-oslo-{n}-0-a.wav" for n in range(4)]
    rows = "".join(f"{name}\tpark\toslo-{n}\ta\n" for n, name in enumerate(names))
    meta.write_text("filename\tscene_label\tidentifier\tsource_label\n" + rows)
    (meta.parent / UNPACKED).write_text(scenes_statement(Scenes()))  # as `snakemake unpack_scenes` leaves it
    heard = []

    def my_tagger(path):
        heard.append(path)
        return np.array([0.25, 0.5, len(heard) / 10])

    monkeypatch.chdir(tmp_path)
    exec(code, {"my_tagger": my_tagger, "my_labels": ["Bark", "Rain", "Wind"]})  # noqa: S102 - the page's own lines
    assert heard == [f"data/{meta.parent.name}/{name}" for name in names]
    import_tags(tmp_path / "my-tags.csv", meta, tmp_path / "cache.npz")
    tags = read_tags(tmp_path / "cache.npz", names[::-1])
    assert tags.labels == ["Bark", "Rain", "Wind"]
    np.testing.assert_allclose(tags.vectors, [[0.25, 0.5, n / 10] for n in (4, 3, 2, 1)], rtol=1e-6)

    (tmp_path / "my-tagger.yaml").write_text(keys)
    planned = snakemake(tmp_path, *command[1:], "-n", "--quiet", "rules")
    assert planned.returncode == 0, planned.stderr
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", planned.stdout, re.MULTILINE))
    assert (jobs["import_tags"], jobs["describe_tags"], jobs["train_cell"]) == ("1", "1", "56")
    assert not {"train_stage1", "pack_events", "tag_scenes", "score_tagger"} & set(jobs)


@pytest.mark.parametrize(
    ("value", "line"),
    [("1.5", "is 1.5; expected a number in [0, 1]"), pytest.param("", "is empty", marks=pytest.mark.slow)],
)
def test_a_bad_file_of_tags_stops_the_run_before_anything_is_packed(tmp_path, snakemake, value, line):
    (tmp_path / "mine.yaml").write_text("""
scenes: {demo: {train: 4, evaluate: 2}}
tagger: {name: mine, kind: file, path: mine.csv}
""")
    demo = {"configfiles": [ROOT / "demo/experiment.yaml", tmp_path / "mine.yaml"]}
    (tmp_path / "mine.csv").write_text("filename,Bark\n")
    assert snakemake(tmp_path, "-c1", "make_demo_scenes", **demo).returncode == 0
    names = pd.read_csv(tmp_path / "data/demo-scenes/meta.csv", sep="\t")["filename"]
    (tmp_path / "mine.csv").write_text("filename,Bark\n" + "".join(f"{name},{value}\n" for name in names))
    process = snakemake(tmp_path, "-c1", **demo)
    assert process.returncode == 1
    (error,) = [text for text in process.stderr.splitlines() if text.startswith("tagasc: error: ")]
    assert "mine.csv: line 2: tag 'Bark' of" in error
    assert line in error
    assert not (tmp_path / "results/corpora/demo-scenes/clips.csv").exists()
