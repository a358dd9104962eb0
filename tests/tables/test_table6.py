import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.scenes import CLIPS
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.config import Distillation, Frontend, Network
from tagasc.tables.write_table import write_table6


def written(paths, folder, frontend, compare_with_paper=True):
    csv, md, tex = (folder / f"table6.{suffix}" for suffix in ("csv", "md", "tex"))
    names = [f"{number}.wav" for number in range(10)]  # the paper's 10 scenes and 80 tags
    clips = {"filename": names, "scene": names, "city": "oslo", "location": "oslo-0", "split": "train", "scale": 1.0}
    CLIPS.write(folder / "clips.csv", pd.DataFrame(clips))
    write_tags(folder / "tags.npz", Tags(np.zeros((10, 80)), [f"tag{number}" for number in range(80)], names))
    inputs = {"score_paths": paths, "tags_path": folder / "tags.npz", "clips_path": folder / "clips.csv"}
    write_table6(["last"], compare_with_paper, frontend, 2, **inputs, folder=folder)
    return pd.read_csv(csv, dtype=str, keep_default_na=False), md.read_text(), tex.read_text()


def test_the_best_cell_follows_the_papers_systems(scored, tmp_path):
    paths = scored(
        {
            "attention-heads2-layers1": [79.0],  # better, but not of Table 5
            "shared-heads2-layers0": [75.0],
            "shared-heads4-layers3": [76.5],
            "shared-heads8-layers1": [74.0],
        }
    )
    csv, md, tex = written(paths, tmp_path, Frontend())
    assert csv.to_numpy().tolist() == [
        ["Huang et al. [2]", "53452k", "76.08", "", "cited"],
        ["Jung et al. [22]", "636k", "75.81", "", "cited"],
        ["Zheng et al. [8]", "-", "69.23", "", "cited"],
        ["Ours", "676k", "76.75", "", "paper"],
        ["Ours, shared-heads4-layers3, table1", "748986", "76.50", "66.50", "this run"],
        ["Ours, shared-heads4-layers3, table6", "676784", "", "", "counted only"],
    ]
    assert csv.columns.tolist() == ["System", "# Param", "Acc (%)", "Class-averaged (%)", "Source"]
    assert "| Ours | 676k | **76.75** | - | paper |" in md
    assert "| Ours, shared-heads4-layers3, table1 | 748,986 | 76.50 | 66.50 | this run |" in md
    assert "| Ours, shared-heads4-layers3, table6 | 676,784 | – | – | counted only |" in md
    assert "maximum of 3 of Table 5's cells, which have mean 75.17 and standard deviation 1.26." in md
    assert "the paper's 76.75 is the maximum of 20 with mean 75.80 and standard deviation 0.44, so" in md
    assert "so it favours ours over the cited systems. -: not reported. –: not trained. conclusion.md compares" in md
    assert r"Ours, shared-heads4-layers3, table6 & 676,784 & -- & -- & counted only \\" in tex


def test_without_the_paper_the_best_cell_follows_the_runs_own_baseline(scored, tmp_path):
    paths = scored({"baseline": [74.5, 74.5], "shared-heads2-layers0": [73.0], "shared-heads4-layers3": [76.5, 77.5]})
    csv, md, tex = written(paths, tmp_path, Frontend(), "auto")  # the clips are not the published ones
    assert csv.columns.tolist()[2:] == [
        *("Acc (%)", "Acc sd", "Acc n", "Class-averaged (%)", "Class-averaged sd", "Source")
    ]
    assert csv.to_numpy().tolist() == [
        ["baseline, table1", "714058", "74.50", "0.00", "2", "64.50", "0.00", "this run"],
        ["baseline, table6", "636736", "", "", "", "", "", "counted only"],
        ["shared-heads4-layers3, table1", "748986", "77.00", "0.71", "2", "67.00", "0.71", "this run"],
        ["shared-heads4-layers3, table6", "676784", "", "", "", "", "", "counted only"],
    ]
    assert "| shared-heads4-layers3, table1 | 748,986 | **77.00** ± 0.71 [2] | **67.00** ± 0.71 [2] | this run |" in md
    for text in (md, tex):
        assert "paper" not in text
        assert "cited" not in text
        assert "76.75" not in text
    assert (
        "The best cell is the maximum of 2 of Table 5's cells, which have mean 75.00 and standard deviation 2.83. It "
        "was selected on the test clips, so it favours the best cell over the baseline. –: not trained."
    ) in md


def test_a_baseline_that_was_not_trained_is_counted_only(scored, tmp_path):
    csv, md, _ = written(scored({"shared-heads4-layers3": [76.5]}), tmp_path, Frontend(), compare_with_paper=False)
    assert csv["Source"].tolist() == ["counted only", "counted only", "this run", "counted only"]
    assert "| baseline, table1 | 714,058 | – | – | counted only |" in md
    assert "**76.50**" not in md  # nothing to compare with


@pytest.mark.parametrize("site", ["before_pooling", "before_last_conv"])
def test_the_trained_architecture_has_the_accuracy(site, scored, tmp_path):
    frontend = Frontend(network=Network(architecture="table6", attention_site=site))
    csv, md, _ = written(scored({"shared-heads32-layers3": [80.0]}), tmp_path, frontend)
    assert csv.iloc[4:, 1:].to_numpy().tolist() == [
        ["748986", "", "", "counted only"],
        ["676784", "80.00", "70.00", "this run"],
    ]
    assert "**80.00**" in md
    assert "**76.75**" not in md
    assert "maximum of 1 of Table 5's cells. " in md


def test_the_cell_with_the_best_mean_is_shown_not_that_of_the_best_seed(scored, tmp_path):
    csv, md, _ = written(
        scored({"shared-heads2-layers0": [70.0, 79.0], "shared-heads2-layers1": [76.0, 76.0]}), tmp_path, Frontend()
    )
    assert csv["System"][4] == "Ours, shared-heads2-layers1, table1"
    assert csv.loc[4, ["Acc (%)", "Acc sd", "Acc n"]].tolist() == ["76.00", "0.00", "2"]
    assert csv.loc[5, ["Acc (%)", "Acc sd", "Acc n"]].tolist() == ["", "", ""]
    assert "76.00 ± 0.00 [2]" in md


def test_without_scores_there_is_no_best_cell(tmp_path):
    csv, md, _ = written([], tmp_path, Frontend())
    assert csv["Source"].tolist() == ["cited"] * 3 + ["paper"]
    assert "None of these cells has been scored. No cell of Table 5 is scored." in md
    csv, md, _ = written([], tmp_path, Frontend(), compare_with_paper=False)
    assert csv["System"].tolist() == ["baseline, table1", "baseline, table6"]
    assert "No cell of Table 5 is scored." in md


@pytest.mark.parametrize("with_paper", [True, False])
def test_cells_after_jung2019_have_rows_of_their_own(with_paper, scored, tmp_path):
    accuracies = {"codecat-kd": [77.5], "jung2019": [73.0], "jung2019-kd": [75.5]}
    paths = scored(accuracies | {"jung2019-specialist1": [60.0], "shared-heads2-layers0": [74.0]})
    csv, _, _ = written(paths, tmp_path, Frontend(), compare_with_paper=with_paper)
    assert csv.to_numpy().tolist()[4 if with_paper else 0 :][:3] == [
        ["Jung et al. [22], baseline, trained here", "636736", "73.00", "63.00", "this run"],
        ["Jung et al. [22], trained here", "636736", "75.50", "65.50", "this run"],
        ["codecat-kd, table1", "714858", "77.50", "67.50", "this run"],
    ]
    assert csv["System"].tolist()[-2].endswith("shared-heads2-layers0, table1")  # the best of Table 5


def test_students_of_specialists_that_test_clips_chose_are_marked(scored, tmp_path):
    frontend = Frontend(distillation=Distillation(confusion_of="test"))
    csv, _, _ = written(scored({"jung2019": [73.0], "jung2019-kd": [75.5]}), tmp_path, frontend)
    assert csv["Source"].tolist()[4:] == ["this run", "this run, specialists chosen on test clips"]
