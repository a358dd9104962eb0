"""The whole configuration."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tagasc.config.backend import Backend
from tagasc.config.download import Download
from tagasc.config.events import Events
from tagasc.config.figures import BEST, Figures
from tagasc.config.frontend import Frontend, training_key
from tagasc.config.paths import Image, NodePath, UserPath
from tagasc.config.scenes import Scenes
from tagasc.config.section import CompareWithPaper, Distinct, Name, Section, Seed
from tagasc.config.tagger import Tagger
from tagasc.paper.grid import CELLS, Cell, parse
from tagasc.runtime.errors import InputError, nearest, shorten


class Experiment(Section):
    """One experiment: corpora, tagger, cells, training and scoring."""

    name: Name = "paper"
    """Results are written to results/experiments/<name>."""
    data: UserPath = "data"
    """Folder of the raw data sets. The paper's need 140 GB there. As in all paths, ~ and $VARIABLES are expanded."""
    staging: NodePath | None = None
    """Folder on each machine's own disk. The first training on a machine copies the packed scenes there (27 GB for the
    paper), and all trainings on it read the copy. Use it on clusters where forty jobs would wait for one shared file
    system. The folder must be the same for all jobs of a node and must outlive them, like /tmp or /scratch; a folder
    that SLURM creates for each job does not. ~ and $VARIABLES are those of the machine. Copies stay in its
    tagasc-<user number>/ until you delete them. Changing this key re-runs nothing."""
    container: Image | None = None
    """Container image in which all rules run under `snakemake --sdm apptainer`: a file or an address, for instance
    tagasc.sif, built from the Dockerfile. null runs them in the environment of Snakemake, which `make install`
    creates."""
    seeds: Annotated[list[Seed], Field(min_length=1, max_length=1000), Distinct] = [0]
    """One training per cell and seed. One seed repeats the paper. Five, [0, 1, 2, 3, 4], tell how far to trust a
    difference."""
    cells: Literal["all"] | Annotated[list[str], Field(min_length=1)] = "all"
    """all, or a list of names as `tagasc cells` prints them; tables show a dash for the others. A name that ends in
    -shuffled is a control, for instance [all, codecat-shuffled]: each clip is given the tag vector of another clip, so
    that everything that tags gain has to vanish. One control per family is enough; comparisons.csv shows it."""
    compare_with_paper: CompareWithPaper = "auto"
    """Whether the paper's numbers stand next to yours. They are comparable on TAU 2019 only. auto: show them if the
    scenes have its published number of clips in each scene and split. true or false: show or hide them always."""
    scenes: Scenes = Scenes()
    events: Events = Events()
    download: Download = Download()
    tagger: Tagger = Tagger()
    frontend: Frontend = Frontend()
    backend: Backend = Backend()
    figures: Figures = Figures()

    @property
    def selected_cells(self) -> list[Cell]:
        """The cells to train, each once, in the order given; ``all`` stands for those of the tables.

        >>> [cell.name for cell in Experiment(cells=["codecat", "baseline"]).selected_cells]
        ['codecat', 'baseline']
        """
        names = [self.cells] if self.cells == "all" else self.cells
        listed = [name for given in names for name in (CELLS if given == "all" else [given])]
        return [parse(name) for name in dict.fromkeys(listed)]

    @property
    def trained_cells(self) -> list[Cell]:
        """The selected cells and those that they start from: specialists and students need other cells.

        >>> [cell.name for cell in Experiment(cells=["jung2019-kd"]).trained_cells]
        ['jung2019', 'jung2019-specialist1', 'jung2019-specialist2', 'jung2019-kd']
        """
        return list(dict.fromkeys(each for cell in self.selected_cells for each in [*self.teachers(cell), cell]))

    def teachers(self, cell: Cell) -> list[Cell]:
        """Return the cells whose weights a training needs: first the one that it starts from, if there is one."""
        if not cell.role:
            return []
        numbers = range(1, self.frontend.distillation.specialists + 1) if cell.is_student else ()
        return [cell.base, *(cell.base.as_specialist(number) for number in numbers)]

    def code_epochs(self, cell: Cell) -> list[int]:
        """Return the epochs after which codes are kept: the last one and, for best_on_test, those before it.

        A specialist is trained for its weights, so that its last epoch is enough.
        """
        last, every = self.frontend.recipe(cell).training.epochs, self.backend.code_every
        earlier = range(every, last, every) if self._scores_best_on_test and cell.specialist is None else ()
        return [*earlier, last]

    @property
    def scenes_folder(self) -> Path:
        """Folder of the raw scene recordings."""
        return self._in_data(self.scenes.folder)

    @property
    def events_folder(self) -> Path:
        """Folder of the raw event recordings."""
        return self._in_data(self.events.folder)

    @property
    def archives_folder(self) -> Path:
        """Folder of the downloaded archives."""
        return self._in_data(self.download.archives)

    def _in_data(self, path: str) -> Path:
        """Return a path that is below ``data`` unless it is absolute."""
        return Path(os.path.normpath(Path(self.data) / path))

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_names()
        self._check_cells()
        self._check_frames()
        self._check_figures()
        return self

    def _check_names(self) -> None:
        if self.scenes.name == self.events.name:
            raise ValueError(
                f"scenes.name: {self.scenes.name} is events.name, too, and both are folders in results/corpora; give "
                f"one of them another name"
            )

    def require_frames(self, samples: int, sample_rate: int) -> None:
        """Check that clips are long enough for all trainings; see `Frontend.require_frames`."""
        for cell in self.trained_cells:
            self.frontend.recipe(cell).require_frames(samples, sample_rate, training_key(cell, "crop"))

    def _check_cells(self) -> None:
        try:
            cells = self.trained_cells
        except InputError as error:
            raise ValueError(str(error)) from None
        for cell in cells:
            network = self.frontend.recipe(cell).network
            if cell.heads and network.filters % cell.heads:
                raise ValueError(
                    f"cells: {cell.name}: {cell.heads} heads do not divide frontend.network.filters = "
                    f"{network.filters}; choose a multiple of {cell.heads}, or other cells"
                )
            if network.architecture == "table6" and network.filters % 2:
                raise ValueError(
                    f"frontend.network.filters: table6, the network of {cell.name}, halves them, and {network.filters} "
                    f"is odd; choose an even number"
                )
            if cell.role and self.frontend.distillation.confusion_of == "test" and not self._scores_best_on_test:
                raise ValueError(
                    f"frontend.distillation.confusion_of: test lets test clips choose the scenes of the specialists of "
                    f"{cell.base.name}; write train, or backend.protocols: [last, best_on_test]"
                )

    @property
    def _scores_best_on_test(self) -> bool:
        return "best_on_test" in self.backend.protocols

    def _check_frames(self) -> None:
        audio = self.scenes.audio
        if audio.duration == "auto":  # then, packing checks it
            return
        try:
            self.require_frames(audio.samples, audio.sample_rate)
        except InputError as error:
            raise ValueError(str(error)) from None

    def _check_figures(self) -> None:
        selected = {cell.name: cell for cell in self.selected_cells}
        for key, name in self.figures.model_dump().items():
            if name != BEST and name not in selected:
                raise ValueError(
                    f"figures.{key}: {shorten(name)} is not among the cells{nearest(name, [*selected, BEST])}; choose "
                    f"one of them, or {BEST}"
                )
        attended = self.figures.attention_cell
        if attended != BEST and selected[attended].heads is None:
            raise ValueError(
                f"figures.attention_cell: {attended} has no attention; choose a cell with heads, or {BEST}"
            )
