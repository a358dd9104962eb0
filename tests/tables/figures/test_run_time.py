import pytest

from tagasc.artifacts.pictures import TIME
from tagasc.tables.figures.draw_time import draw_time
from tagasc.tables.figures.run_time import draw_time as draw

HEAD = "s\th:m:s\tmax_rss\tmax_vms\n"


@pytest.fixture
def folders(tmp_path):
    files = {
        "tagger/train_stage1-fold0.tsv": "7200.5\t2:00:00\t1200.5\t3\n",
        "tagger/train_stage1-fold1.tsv": "3600\t1:00:00\t-\t3\n",
        "experiment/train_cell/codecat-seed0.tsv": "90\t0:01:30\tNA\t3\n",
        "experiment/compare_cells.tsv": "2.5\t0:00:02\t80\t3\n",
    }
    for name, row in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + row)
    return [(stage, tmp_path / stage) for stage in ("corpora", "tagger", "experiment")]


def test_every_benchmark_file_is_a_row(folders, tmp_path):
    draw_time(folders, folder=tmp_path)
    table = TIME.table.read(tmp_path / "time.csv").fillna(-1)
    assert table.to_numpy().tolist() == [
        ["tagger", "train_stage1", "fold0", 7200.5, 1200.5],
        ["tagger", "train_stage1", "fold1", 3600.0, -1.0],
        ["experiment", "compare_cells", "", 2.5, 80.0],
        ["experiment", "train_cell", "codecat-seed0", 90.0, -1.0],
    ]


def test_bars_are_the_sums_of_rules(folders, tmp_path):
    draw_time(folders, folder=tmp_path)
    (axes,) = draw(TIME.table.read(tmp_path / "time.csv")).axes
    assert axes.get_xlabel() == "running time in h"
    names = [text.get_text() for text in axes.get_yticklabels()]
    widths = {round(bar.get_y() + bar.get_height() / 2): bar.get_width() for bar in axes.patches}
    assert names == ["train_stage1", "train_cell", "compare_cells"]
    assert [widths[place] for place in range(3)] == pytest.approx([10800.5 / 3600, 90 / 3600, 2.5 / 3600])
    assert [text.get_text() for text in axes.texts] == ["3.0 h in 2 jobs", "1.5 min", "2.5 s"]


def test_without_benchmark_files_a_sentence_says_so(tmp_path):
    draw_time([("corpora", tmp_path / "nothing")], folder=tmp_path)
    assert TIME.table.read(tmp_path / "time.csv").empty
    assert "No job has left a benchmark file" in (tmp_path / "time.svg").read_text()
