from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from benchmarks.made_up import MadeUp, Sizes
from tagasc.artifacts.figure import write_figure
from tagasc.artifacts.pictures import GAINED_CLIPS, PICTURES
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.artifacts.telling_tags import FIGURE
from tagasc.config import Experiment, Network, Training
from tagasc.paper.grid import cells_of_table
from tagasc.tables.compare_cells import compare_cells
from tagasc.tables.figures.draw_comparisons import draw_comparisons
from tagasc.tables.figures.draw_learning import draw_learning
from tagasc.tables.figures.draw_networks import draw_networks
from tagasc.tables.figures.draw_time import draw_time
from tagasc.tables.overview.write_overview import write_overview
from tagasc.tables.write_table import write_cell_table, write_table6
from tagasc.tagger.describe_tags import describe_tags

FRONTEND = {"network": Network(filters=32, blocks=3, code_size=8), "training": Training(epochs=3)}
ODD_NAMES = ["<b>&amp;\"'$x^2$", "駅の中", "a scene of sixty signs " + "o" * 37]
"""Names that would break a page, a figure or a layout."""


class Result:
    """A made-up experiment with everything that its overview page is made from."""

    def __init__(self, results, cells, seeds, *, scenes, size, paper=False, protocols=("last",), drawn=False):
        self.paper = paper
        self.experiment = Experiment(
            name="made-up",
            cells=cells if cells == "all" else list(cells),
            seeds=list(seeds),
            compare_with_paper=paper,
            frontend=FRONTEND,
            backend={"protocols": protocols},
        )
        self.drawn = drawn
        self.made_up = MadeUp(results, self.experiment, Sizes(scenes, **size))
        self.folder, self.page = self.made_up.folder, self.made_up.folder / "overview.html"
        self.telling_tags = self.made_up.tags_path.with_name("made-up-telling_tags.svg")

    def write(self, cities=None, tags=None):
        """Write all files, with other names of cities and tags if there are any."""
        made_up = self.made_up
        if cities:
            names = dict(zip(sorted(set(made_up.clips["city"])), cities, strict=True))
            made_up.clips["city"] = made_up.clips["city"].map(names)
        made_up.write()
        if tags:
            vectors = np.random.default_rng(1).random((len(made_up.clips), len(tags)), np.float32)
            write_tags(made_up.tags_path, Tags(vectors, tags, made_up.clips["filename"].tolist()))
        if self.drawn:
            table = self.telling_tags.with_suffix(".csv")
            describe_tags(made_up.clips_path, made_up.tags_path, table, self.telling_tags)
        else:
            write_figure(FIGURE, self.telling_tags, lambda: Figure((7, 1)))
        self.compare()
        self.tabulate()
        self.draw() if self.drawn else self.draw_placeholders()
        self.write_page()

    def compare(self):
        compare_cells(
            self.paper,
            prediction_paths=[
                *self.made_up.paths("cells", "predictions.csv"),
                *self.made_up.paths("controls", "predictions.csv"),
            ],
            score_paths=self.made_up.paths("cells", "scores.csv"),
            clips_path=self.made_up.clips_path,
            **self._compared(),
            conclusion_path=self.folder / "conclusion.md",
        )

    def tabulate(self):
        protocols, made_up = self.experiment.backend.protocols, self.made_up
        paths = made_up.paths("cells", "scores.csv")
        for number in (2, 3, 4, 5, 6):
            names = [*cells_of_table(number), *(["baseline"] if number == 6 else [])]
            of_table = [path for path in paths if path.parts[-3] in names]
            given = {"score_paths": of_table, "clips_path": made_up.clips_path, "folder": self.folder / "tables"}
            if number == 6:
                frontend = self.experiment.frontend
                write_table6(protocols, self.paper, frontend, 2, tags_path=made_up.tags_path, **given)
            else:
                write_cell_table(number, protocols, self.paper, **given)

    def draw(self):
        made_up, figures = self.made_up, self.folder / "figures"
        draw_comparisons(self.paper, **self._compared(), clips_path=made_up.clips_path, folder=figures)
        draw_networks(
            self.experiment.frontend,
            self.experiment.figures,
            self.paper,
            comparisons_path=self.folder / "comparisons.csv",
            clips_path=made_up.clips_path,
            tags_path=made_up.tags_path,
            prediction_paths=made_up.paths("cells", "predictions.csv"),
            model_paths=made_up.paths("cells", "model.safetensors"),
            codes_paths=made_up.paths("cells", "codes.npy"),
            folder=figures,
        )
        histories, scores = (made_up.paths("cells", name) for name in ("history.jsonl", "scores.csv"))
        draw_learning(histories, scores, folder=figures)
        draw_time([("experiment", self.folder / "benchmarks")], folder=figures)

    def draw_placeholders(self):
        """Write figures without content, which takes less time."""
        for picture in PICTURES.values():
            picture.write(self.folder / "figures", picture.table.empty, lambda table: Figure((7, 1)))  # noqa: ARG005

    def write_gained_clips(self, table):
        GAINED_CLIPS.write(self.folder / "figures", table, lambda table: Figure((7, 1)))  # noqa: ARG005

    def write_page(self, repository=Path(__file__).parents[3]):
        write_overview(
            self.experiment.model_dump(mode="json"),
            repository,
            folder=self.folder,
            telling_tags_path=self.telling_tags,
            clips_path=self.made_up.clips_path,
            history_paths=self.made_up.paths("cells", "history.jsonl"),
            output_path=self.page,
        )
        return self.page.read_text()

    def _compared(self):
        return {f"{name}_path": self.folder / f"{name}.csv" for name in ("comparisons", "classwise", "breakdown")}


@pytest.fixture(scope="session")
def write(tmp_path_factory):
    """Return a function that writes a made-up experiment and its page."""

    def write_one(cells, seeds=(0,), *, cities=None, tags=None, **given):
        given = {"scenes": {"bus": (6, 6, 0), "park": (6, 6, 0)}, "size": {}} | given
        result = Result(tmp_path_factory.mktemp("results"), cells, seeds, **given)
        result.write(cities, tags)
        return result

    return write_one


@pytest.fixture(scope="session")
def odd_names():
    return ODD_NAMES
