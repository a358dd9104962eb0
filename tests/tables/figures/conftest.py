from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.made_up import MadeUp, Sizes
from tagasc.artifacts.figure import figure_svg
from tagasc.artifacts.pictures import PICTURES
from tagasc.config import Experiment, Figures, Network, Training
from tagasc.tables.compare_cells import compare_cells
from tagasc.tables.figures.draw_comparisons import draw_comparisons
from tagasc.tables.figures.draw_networks import draw_networks

FRONTEND = {"network": Network(filters=32, blocks=3, code_size=8), "training": Training(epochs=3)}
SCENES = {"bus": (6, 6, 0), "park": (6, 6, 0), "a very long scene of $5 & <more>, 駅": (6, 6, 0)}


@dataclass
class Written:
    """An experiment whose comparisons are written, and its folder of figures."""

    made_up: MadeUp
    compare_with_paper: bool = False

    @property
    def folder(self):
        return self.made_up.folder

    @property
    def figures(self):
        return self.folder / "figures"

    def compare(self):
        made_up, folder = self.made_up, self.folder
        predictions = [path for kind in ("cells", "controls") for path in made_up.paths(kind, "predictions.csv")]
        compare_cells(
            self.compare_with_paper,
            prediction_paths=predictions,
            score_paths=made_up.paths("cells", "scores.csv"),
            clips_path=made_up.clips_path,
            comparisons_path=folder / "comparisons.csv",
            classwise_path=folder / "classwise.csv",
            breakdown_path=folder / "breakdown.csv",
            conclusion_path=folder / "conclusion.md",
        )

    def draw_comparisons(self):
        draw_comparisons(
            self.compare_with_paper,
            comparisons_path=self.folder / "comparisons.csv",
            classwise_path=self.folder / "classwise.csv",
            breakdown_path=self.folder / "breakdown.csv",
            clips_path=self.made_up.clips_path,
            folder=self.figures,
        )

    def draw_networks(self, **figures):
        made_up = self.made_up
        draw_networks(
            made_up.experiment.frontend,
            Figures(**figures),
            self.compare_with_paper,
            comparisons_path=self.folder / "comparisons.csv",
            clips_path=made_up.clips_path,
            tags_path=made_up.tags_path,
            prediction_paths=made_up.paths("cells", "predictions.csv"),
            model_paths=made_up.paths("cells", "model.safetensors"),
            codes_paths=made_up.paths("cells", "codes.npy"),
            folder=self.figures,
        )

    def table(self, name) -> pd.DataFrame:
        return PICTURES[name].table.read(self.figures / f"{name}.csv")

    def svg(self, name) -> str:
        return (self.figures / f"{name}.svg").read_text()


@pytest.fixture(scope="session")
def write(tmp_path_factory):
    """Return a function that writes a made-up experiment with its comparisons."""

    def write_one(cells, seeds=(0,), scenes=SCENES, *, paper=False, protocols=("last",), cities=3):
        experiment = Experiment(
            name="made-up", cells=list(cells), seeds=list(seeds), frontend=FRONTEND, backend={"protocols": protocols}
        )
        results = Path(tmp_path_factory.mktemp("results"))
        made_up = MadeUp(results, experiment, Sizes(scenes, cities=cities))
        made_up.write()
        written = Written(made_up, paper)
        written.compare()
        return written

    return write_one


@pytest.fixture(scope="session")
def drawn_as_written():
    """Return a function that draws a figure in the common style, as a run does, and returns it."""

    def draw_one(draw, table):
        figures = []

        def keep():
            figures.append(draw(table))
            return figures[0]

        figure_svg(keep, "x")
        figures[0].draw_without_rendering()  # at the figure's own resolution, for those who measure it
        return figures[0]

    return draw_one


FEW = ["baseline", "codecat", "attention-heads2-layers1", "attention-heads4-layers0", "codecat-shuffled"]


@pytest.fixture(scope="session")
def few(write):
    """Return an experiment of five cells and two seeds, shown with the paper's numbers."""
    written = write(FEW, (0, 1), paper=True, protocols=("last", "best_on_test"))
    written.draw_comparisons()
    return written
