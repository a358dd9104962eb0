"""Which tables a corpus has: the second test list exists only where some clips are unused."""

import csv
import re
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]
LISTS = ("meta.csv", "evaluation_setup/fold1_train.csv", "evaluation_setup/fold1_evaluate.csv")

SMALL_BATCH = "frontend={training: {batch_size: 4}}"


def write_lists(folder, unused):
    """Write lists of two scenes, with clips that are in neither list if ``unused``."""
    (folder / "evaluation_setup").mkdir(parents=True)
    splits = {"train": [0, 1], "evaluate": [2], "unused": [3] * unused}
    rows = {
        split: [(f"audio/{scene}-{place}.wav", scene, f"oslo-{place}") for scene in ("bus", "park") for place in places]
        for split, places in splits.items()
    }
    everything = [row for listed in rows.values() for row in listed]
    for name, listed in zip(LISTS, (everything, rows["train"], rows["evaluate"]), strict=True):
        lines = ["filename\tscene_label\tidentifier", *("\t".join(row) for row in listed)]
        (folder / name).write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("unused", [False, True])
def test_the_second_test_list_is_planned_where_some_clips_are_unused(unused, tmp_path, snakemake):
    write_lists(tmp_path / "mine", unused)
    given = "scenes={name: mine, source: folder, folder: " + str(tmp_path / "mine") + "}"
    process = snakemake(tmp_path, "-n", "--config", given, SMALL_BATCH)
    assert process.returncode == 0, process.stderr
    tables = {f"table{number}{suffix}" for number in range(2, 7) for suffix in ("", "-last-all_but_train")}
    expected = {name for name in tables if unused or "all_but_train" not in name}
    assert set(re.findall(r"tables/([\w-]+)\.\w+", process.stdout)) == expected


def test_table_6_of_your_own_recordings_trains_their_baseline(tmp_path, snakemake):
    write_lists(tmp_path / "mine", unused=True)
    given = "scenes={name: mine, source: folder, folder: " + str(tmp_path / "mine") + "}"
    process = snakemake(tmp_path, "-n", "--quiet", "rules", "-c2", "table6", "--config", given, SMALL_BATCH)
    assert set(re.findall(r"^train_cell +(\d+)$", process.stdout, re.MULTILINE)) == {"21"}


@pytest.mark.slow
def test_a_corpus_without_unused_clips_has_one_test_list(tiny, tmp_path):
    folder, again = tiny
    data, mine = folder / "data/demo-scenes", tmp_path / "mine"
    shutil.copytree(data, mine)
    used = set("".join((mine / name).read_text() for name in LISTS[1:]).split())
    header, *rows = (mine / "meta.csv").read_text().splitlines()
    kept = [row for row in rows if row.split("\t")[0] in used]
    assert len(kept) < len(rows)
    (mine / "meta.csv").write_text("\n".join([header, *kept]) + "\n")
    (tmp_path / "mine.yaml").write_text(
        f"name: one-list\nscenes: {{name: mine, source: folder, folder: {mine}}}\ntagger: {{name: demo-tagger}}\n"
    )
    finished = again("--show-failed-logs", configfiles=[tmp_path / "mine.yaml"])
    assert finished.returncode == 0, finished.stderr
    results = folder / "results/experiments/one-list"
    names = {path.name for path in (results / "tables").glob("[!.]*")}
    assert names == {f"table{number}.{suffix}" for number in range(2, 7) for suffix in ("csv", "md", "tex")}
    for path in (results / "scores.csv", *results.glob("cells/*/*/*.csv")):
        with path.open() as file:
            assert {row["test_list"] for row in csv.DictReader(file)} == {"official"}, path
    assert "all_but_train" not in (results / "comparisons.csv").read_text()
