import pandas as pd
import pytest

from tagasc.config import Network
from tagasc.tables.rivals import Sizes
from tagasc.tables.write import write_tables

SIZES = Sizes(tags=80, classes=10, channels=2, samples=480_000)  # the paper's


def written(paths, folder, network):
    csv, md, tex = (folder / f"table6.{suffix}" for suffix in ("csv", "md", "tex"))
    write_tables(6, paths, folder, ["last"], network=network, sizes=SIZES)
    return pd.read_csv(csv, dtype=str, keep_default_na=False), md.read_text(), tex.read_text()


def test_the_best_cell_stands_beside_the_papers(scored, tmp_path):
    paths = scored(
        {
            "attention-heads2-layers1": [79.0],  # better, but not of Table 5
            "shared-heads2-layers0": [75.0],
            "shared-heads4-layers3": [76.5],
            "shared-heads8-layers1": [74.0],
        }
    )
    csv, md, tex = written(paths, tmp_path, Network())
    assert csv.to_numpy().tolist() == [
        ["Huang et al. [2]", "53452k", "76.08", "cited"],
        ["Jung et al. [22]", "636k", "75.81", "cited"],
        ["Zheng et al. [8]", "-", "69.23", "cited"],
        ["Ours", "676k", "76.75", "paper"],
        ["Ours, shared-heads4-layers3, table1", "748986", "76.50", "this run"],
        ["Ours, shared-heads4-layers3, table6", "676784", "", "counted only"],
    ]
    assert "| Ours | 676k | **76.75** | paper |" in md
    assert "| Ours, shared-heads4-layers3, table1 | 748,986 | 76.50 | this run |" in md
    assert "| Ours, shared-heads4-layers3, table6 | 676,784 | – | counted only |" in md
    assert "maximum of 3 of Table 5's cells, which have mean 75.17 and standard deviation 1.26" in md
    assert r"Ours, shared-heads4-layers3, table6 & 676,784 & -- & counted only \\" in tex


@pytest.mark.parametrize("site", ["before_pooling", "before_last_conv"])
def test_the_trained_architecture_has_the_accuracy(site, scored, tmp_path):
    network = Network(architecture="table6", attention_site=site)
    csv, md, _ = written(scored({"shared-heads32-layers3": [80.0]}), tmp_path, network)
    assert csv.iloc[4:, 1:].to_numpy().tolist() == [
        ["748986", "", "counted only"],
        ["676784", "80.00", "this run"],
    ]
    assert "**80.00**" in md
    assert "**76.75**" not in md
    assert "maximum of 1 of Table 5's cells: " in md


def test_the_best_mean_counts_not_the_best_seed(scored, tmp_path):
    csv, md, _ = written(
        scored({"shared-heads2-layers0": [70.0, 79.0], "shared-heads2-layers1": [76.0, 76.0]}), tmp_path, Network()
    )
    assert csv["System"][4] == "Ours, shared-heads2-layers1, table1"
    assert csv.loc[4, ["Acc (%)", "Acc sd", "Acc n"]].tolist() == ["76.00", "0.00", "2"]
    assert csv.loc[5, ["Acc (%)", "Acc sd", "Acc n"]].tolist() == ["", "", ""]
    assert "76.00 ± 0.00 [2]" in md


def test_without_scores_there_are_dashes(tmp_path):
    csv, md, _ = written([], tmp_path, Network())
    assert csv.iloc[4:].to_numpy().tolist() == [
        ["Ours, table1", "", "", "this run"],
        ["Ours, table6", "", "", "counted only"],
    ]
    assert "| Ours, table1 | – | – | this run |" in md


def test_the_sizes_are_needed(tmp_path):
    with pytest.raises(TypeError, match="needs network and sizes"):
        write_tables(6, [], tmp_path, ["last"])
