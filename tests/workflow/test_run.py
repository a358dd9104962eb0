"""A whole run in miniature, and what a second one does."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.pictures import PICTURES
from tagasc.artifacts.readme import all_artifacts
from tagasc.artifacts.record import record_path
from tagasc.paper.grid import TABLES

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]
CELL = "results/experiments/tiny/cells/shared-heads4-layers3/seed0"


def planned(process):
    assert process.returncode == 0, process.stderr
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", process.stdout, re.MULTILINE)}


def test_every_stage_leaves_what_the_next_one_takes(tiny):
    folder, _ = tiny
    results = folder / "results"
    assert (results / "corpora/demo-scenes/waveforms.npy").is_file()
    assert (results / "taggers/demo-tagger/stage2/fold1/snapshot1.safetensors").is_file()
    for name in ("lwlrap.csv", "lwlrap_by_class.csv", "lwlrap.md"):
        assert (results / f"taggers/demo-tagger/{name}").is_file()
    for suffix in (".npz", "-telling_tags.csv", "-telling_tags.svg"):
        assert (results / f"tags/demo-tagger/demo-scenes{suffix}").is_file()
    for name in ("model.safetensors", "history.jsonl", "codes.npy", "scores.csv", "predictions.csv"):
        assert (folder / CELL / name).is_file()
    for number in range(2, 7):
        for suffix in ("csv", "md", "tex"):
            assert (results / f"experiments/tiny/tables/table{number}.{suffix}").read_text()
    assert not list(results.rglob(".partial-*"))
    assert not list(results.rglob("checkpoint.safetensors"))


def test_the_results_tree_has_the_files_that_its_readme_lists(tiny):
    folder, _ = tiny
    patterns = []
    for artifact in all_artifacts():
        first, *suffixes = artifact.path.split()  # Tables 2-6 have three suffixes
        stem = re.sub(r"<[^>]+>", "[^/]+", first.rpartition(".")[0].replace(".", r"\."))
        patterns.append(
            f"{stem}({'|'.join(re.escape(suffix) for suffix in ['.' + first.rpartition('.')[2], *suffixes])})"
        )
    files = [path.relative_to(folder / "results").as_posix() for path in (folder / "results").rglob("*")]
    files = [
        name for name in files if (folder / "results" / name).is_file() and not re.search("/(logs|benchmarks)/", name)
    ]
    records = {name for name in files if name.endswith(".digest")}
    files = [name for name in files if name not in records]
    assert {str(record_path(Path(name))) for name in files} - records == set()
    assert [name for name in files if not any(re.fullmatch(pattern, name) for pattern in patterns)] == []
    # With keep_codes, train_codes, students or imported tags only.
    optional = r"codes-every|codes-crops|confused_scenes|tags/.+-settings"
    missing = [pattern for pattern in patterns if not any(re.fullmatch(pattern, name) for name in files)]
    assert [pattern for pattern in missing if not re.search(optional, pattern)] == []


def test_tables_print_what_the_predictions_say(tiny):
    folder, _ = tiny
    with (folder / CELL / "predictions.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["test_list"] == "official"]
    scenes = {row["scene"] for row in rows}
    macro = np.mean([np.mean([row["predicted"] == scene for row in rows if row["scene"] == scene]) for scene in scenes])
    accuracy = 100 * sum(row["predicted"] == row["scene"] for row in rows) / len(rows)
    with (folder / "results/experiments/tiny/tables/table5.csv").open() as file:
        table = {row[TABLES[5].row_headers[0]]: row for row in csv.DictReader(file)}
    assert len(rows) == 24
    assert float(table["4"]["3"]) == pytest.approx(accuracy, abs=0.005)
    assert float(table["4"]["3 macro"]) == pytest.approx(100 * macro, abs=0.005)
    assert "3 paper" not in table["4"]  # its numbers say nothing about these clips
    assert table["2"]["0"] == ""


def test_the_history_has_a_row_an_epoch(tiny):
    folder, _ = tiny
    rows = [json.loads(line) for line in (folder / CELL / "history.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2]


def test_a_second_run_does_nothing(tiny):
    _, again = tiny
    assert "Nothing to be done" in again("-n").stdout


@pytest.mark.slow
def test_a_deleted_model_is_trained_again_with_what_hangs_on_it_and_nothing_else(tiny):
    folder, again = tiny
    model = folder / CELL / "model.safetensors"
    weights = model.read_bytes()
    model.unlink()
    assert planned(again("-n")) == {
        "train_cell": 1,
        "score_cell": 1,
        "collect_scores": 1,
        "compare_cells": 1,
        "table5": 1,
        "table6": 1,
        "draw_comparisons": 1,
        "draw_networks": 1,
        "draw_learning": 1,
        "draw_time": 1,
        "write_overview": 1,
        "everything": 1,
        "total": 12,
    }
    assert again().returncode == 0
    assert model.read_bytes() == weights  # one seed and one thread: bit for bit


@pytest.mark.parametrize(
    ("changed", "first"),  # test_what_runs_again.py changes every key
    [
        pytest.param("events: {mel: {n_mels: 30}}", "pack_events", marks=pytest.mark.slow),
        pytest.param("tagger: {soft_labels: {power: 1}}", "make_soft_labels", marks=pytest.mark.slow),
        pytest.param("tagger: {stage2: {min_crop: 0.5}}", "train_stage2", marks=pytest.mark.slow),
        ("backend: {svm: {C: 2}}", "score_cell"),
        ("frontend: {training: {weight_decay: 0}}", "train_cell"),
        pytest.param("tagger: {features: {top_db: 60}}", "train_stage1", marks=pytest.mark.slow),
        ("scenes: {on_mismatch: convert}", "pack_scenes"),
        pytest.param("tagger: {stage2_cycles: 2}", "train_stage2", marks=pytest.mark.slow),
    ],
)
def test_a_changed_key_repeats_what_depends_on_it_and_nothing_else(tiny, changed, first):
    folder, again = tiny
    order = [
        "pack_scenes",
        "pack_events",
        "train_stage1",
        "make_soft_labels",
        "train_stage2",
        "tag_scenes",
        "train_cell",
        "score_cell",
    ]
    (folder / "changed.yaml").write_text(changed)
    rules = set(planned(again("-n", configfiles=[folder / "changed.yaml"])))
    expected = set(order[order.index(first) :])
    if first == "pack_scenes":
        expected = {"pack_scenes", "tag_scenes", "train_cell", "score_cell"}
    assert rules & set(order) == expected


@pytest.mark.slow
def test_the_printed_protocol_and_a_control(tiny):
    folder, again = tiny
    overlay = folder / "printed.yaml"
    printed = "name: printed\ncells: [baseline, codecat-shuffled]\n"
    overlay.write_text(printed + "backend: {protocols: [last, best_on_test]}\n")
    finished = again("--show-failed-logs", configfiles=[overlay])
    assert finished.returncode == 0, finished.stderr
    results = folder / "results/experiments/printed"
    with (results / "scores.csv").open() as file:
        scores = list(csv.DictReader(file))
    assert [(row["cell"], row["protocol"], row["test_list"]) for row in scores] == [
        (cell, protocol, test_list)
        for cell in ("baseline", "codecat-shuffled")
        for protocol in ("last", "best_on_test")
        for test_list in ("official", "all_but_train")
    ]
    best = {row["test_list"]: row for row in scores[:4] if row["protocol"] == "best_on_test"}
    last = {row["test_list"]: row for row in scores[:4] if row["protocol"] == "last"}
    assert all(int(best[name]["correct"]) >= int(last[name]["correct"]) for name in best)
    assert (results / "tables/table2-best_on_test-official.md").is_file()
    with (results / "comparisons.csv").open() as file:
        compared = {row["cell"] for row in csv.DictReader(file)}
    assert compared == {"baseline", "codecat-shuffled", *CONTROLS}
    cell = results / "cells/baseline/seed0"
    assert {path.name for path in cell.glob("[!.]*")} == {
        *("model.safetensors", "history.jsonl", "codes.npy", "scores.csv", "predictions.csv")  # no codes of all epochs
    }
    assert "Nothing to be done" in again("-n", configfiles=[overlay]).stdout

    # Fewer protocols train nothing again; other epochs do.
    for backend, trained in [
        ("{protocols: [last], code_every: 2}", 0),
        ("{protocols: [last, best_on_test], keep_codes: true}", 0),
        ("{protocols: [last, best_on_test], code_every: 2}", 2),
    ]:
        overlay.write_text(f"{printed}backend: {backend}\n")
        assert planned(again("-n", configfiles=[overlay])).get("train_cell", 0) == trained


@pytest.mark.slow
def test_tags_of_another_tagger_take_the_place_of_ours(tiny):
    folder, again = tiny
    clips = (folder / "results/corpora/demo-scenes/clips.csv").read_text().splitlines()[1:]
    rows = "".join(f"{clip.split(',')[0]},0.1,0.2,0.3\n" for clip in clips)
    (folder / "mine.csv").write_text("filename,Bell,Water,Wind\n" + rows)
    (folder / "mine.yaml").write_text("name: mine\ntagger: {name: mine, kind: file, path: mine.csv}\n")
    given = {"configfiles": [folder / "mine.yaml"]}
    rules = planned(again("-n", **given))
    assert rules["train_cell"] == 4
    assert rules["import_tags"] == rules["describe_tags"] == 1
    assert not {"train_stage1", "train_stage2", "tag_scenes", "score_tagger"} & set(rules)
    model = "results/experiments/mine/cells/codecat/seed0/codes.npy"
    assert again(model, **given).returncode == 0
    assert np.load(folder / model).shape[2] == 32 + 3


def test_the_report_shows_every_table_and_figure_with_its_caption(tiny):
    folder, again = tiny
    written = again("--report", "report.html")
    assert written.returncode == 0
    # Snakemake warns that it does not measure inputs while it reports.
    warned = [line for line in written.stderr.splitlines() if "warning" in line.lower()]
    assert all("_predicated_size_files" in line or "tracemalloc" in line for line in warned), warned
    page = (folder / "report.html").read_text()
    assert "overview.html" in page
    for name, picture in PICTURES.items():
        assert f"{name}.svg" in page
        assert f"{name}.csv" in page
        assert json.dumps(picture.question)[1:-1] in page
    assert "demo-scenes-telling_tags.svg" in page
    for number in range(2, 7):
        caption = (ROOT / f"workflow/report/table{number}.rst").read_text()
        assert f"table{number}.csv" in page
        assert caption.partition(",")[0].partition("(")[0].strip() in page


def test_a_bad_recording_stops_the_run_with_one_line_before_any_training(tiny, snakemake, tmp_path):
    folder, _ = tiny
    broken = tmp_path / "scenes"
    (broken / "evaluation_setup").mkdir(parents=True)
    source = folder / "data/demo-scenes"
    for name in ("meta.csv", "evaluation_setup/fold1_train.csv", "evaluation_setup/fold1_evaluate.csv"):
        (broken / name).write_text((source / name).read_text())
    (broken / "audio").mkdir()
    clips = sorted((source / "audio").iterdir())
    for clip in clips:
        (broken / "audio" / clip.name).symlink_to(clip)
    (broken / "audio" / clips[5].name).unlink()
    (broken / "audio" / clips[5].name).write_bytes(b"")
    overlay = tmp_path / "broken.yaml"
    overlay.write_text(f"scenes: {{name: broken, source: folder, folder: {broken}}}")
    demo = [folder / "tiny.yaml", overlay]
    from_root = snakemake(tmp_path, "-c1", configfiles=[ROOT / "demo/experiment.yaml", *demo])
    assert from_root.returncode == 1
    (line,) = [text for text in from_root.stderr.splitlines() if text.startswith("tagasc: error: ")]
    assert clips[5].name in line
    assert "rule train_" not in from_root.stderr
