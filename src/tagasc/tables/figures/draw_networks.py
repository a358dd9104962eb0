"""Rule draw_networks: the figures that need weights, codes, predictions or tag vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tagasc.artifacts.codes import CODES as CODES_FILE
from tagasc.artifacts.codes import read_codes
from tagasc.artifacts.comparisons import COMPARISONS
from tagasc.artifacts.pictures import ATTENTION, ATTENTION_TAGS, CODES, GAINED_CLIPS, PARAMETERS
from tagasc.artifacts.predictions import read_predictions
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.tags import Tags, read_tags
from tagasc.artifacts.weights import MODEL, count_weights, read_arrays
from tagasc.config import BEST, CompareWithPaper, Figures, Frontend
from tagasc.paper.grid import HEADLINE, parse
from tagasc.tables.estimates import BASELINE
from tagasc.tables.figures.attention import attention_rows, attention_tag_rows, draw_attention, draw_attention_tags
from tagasc.tables.figures.attention_map import AttentionMap
from tagasc.tables.figures.codes import code_rows, draw_codes
from tagasc.tables.figures.families import best_cell, headline
from tagasc.tables.figures.gained_clips import draw_gained_clips, gained_rows
from tagasc.tables.figures.parameters import draw_parameters, parameter_rows
from tagasc.tables.summary import shows_paper


def draw_networks(
    frontend: Frontend,
    figures: Figures,
    compare_with_paper: CompareWithPaper,
    *,
    comparisons_path: Path,
    clips_path: Path,
    tags_path: Path,
    prediction_paths: Sequence[Path],
    model_paths: Sequence[Path],
    codes_paths: Sequence[Path],
    folder: Path,
) -> None:
    """Write the figures attention, attention_tags, codes, gained_clips and parameters.

    Parameters
    ----------
    frontend
        How the networks were trained.
    figures
        Which cells have figures of their own.
    compare_with_paper
        Whether to show the systems of Table 6; see `tagasc.tables.summary.shows_paper`.
    comparisons_path, clips_path, tags_path
        Comparisons of the cells; clips and tag vectors of the scenes.
    prediction_paths, model_paths, codes_paths
        Files of all cells and seeds, in folders ``<cell>/seed<k>``.
    folder
        The folder ``figures`` of the experiment.

    Raises
    ------
    InputError
        If a file is missing, damaged or foreign.
    """
    comparisons, clips = headline(COMPARISONS.read(comparisons_path)), read_clips(clips_path)
    tags = read_tags(tags_path, clips["filename"].tolist())
    models = _first_seeds(model_paths)
    _draw_attention(frontend, _chosen(figures.attention_cell, comparisons, models), models, clips, tags, folder)

    cell = _chosen(figures.codes_cell, comparisons)
    rows = CODES.table.empty
    if cell is not None:
        codes = read_codes(CODES_FILE, _first_seeds(codes_paths)[cell], 1, len(clips))[0]
        tested = (clips["split"] == "evaluate").to_numpy()
        rows = code_rows(cell, codes[tested], clips[tested])
    CODES.write(folder, rows, draw_codes)

    best = best_cell(comparisons)
    rows = GAINED_CLIPS.table.empty
    if best is not None and BASELINE in set(comparisons["cell"]):
        runs, baseline_runs = (_headline_runs(prediction_paths, name, clips) for name in (best, BASELINE))
        rows = gained_rows(best, runs, baseline_runs, tags.select(tags_path, runs[0]["filename"].tolist()))
    GAINED_CLIPS.write(folder, rows, draw_gained_clips)

    with_paper = shows_paper(compare_with_paper, clips)
    counts = {name: count_weights(MODEL, path) for name, path in models.items()}
    PARAMETERS.write(folder, parameter_rows(counts, comparisons, with_paper=with_paper), draw_parameters)


def _draw_attention(
    frontend: Frontend, name: str | None, models: dict[str, Path], clips: pd.DataFrame, tags: Tags, folder: Path
) -> None:
    """Write both figures of the attention of a cell; without a cell, they say that there is none."""
    rows, moved = ATTENTION.table.empty, ATTENTION_TAGS.table.empty
    if name is not None:
        cell = parse(name)
        weights = read_arrays(MODEL, models[name])
        attention = AttentionMap(cell, weights, frontend.recipe(cell).network.negative_slope)
        tested = (clips["split"] == "evaluate").to_numpy()
        vectors, scenes = tags.vectors[tested].astype(np.float64), clips.loc[tested, "scene"]
        rows = attention_rows(name, attention, vectors, scenes)
        moved = attention_tag_rows(name, attention, vectors, tags.labels, scenes)
    ATTENTION.write(folder, rows, draw_attention)
    ATTENTION_TAGS.write(folder, moved, draw_attention_tags)


def _chosen(setting: str, comparisons: pd.DataFrame, models: dict[str, Path] | None = None) -> str | None:
    """Return the cell that a key of `Figures` means; with ``models``, one of those that have heads."""
    if setting != BEST:
        return setting
    attended = None if models is None else [name for name in models if parse(name).heads is not None]
    return best_cell(comparisons, attended)


def _first_seeds(paths: Sequence[Path]) -> dict[str, Path]:
    """Return the file with the lowest seed of each cell, from paths ``<cell>/seed<k>/<file>``."""
    by_seed = sorted(paths, key=lambda path: int(path.parent.name.removeprefix("seed")), reverse=True)
    return {path.parent.parent.name: path for path in by_seed}


def _headline_runs(paths: Sequence[Path], cell: str, clips: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the predictions of each seed of a cell, of the protocol and test list that figures show."""
    own = [path for path in paths if path.parent.parent.name == cell]
    official = [run for run in read_predictions(own, clips) if run["test_list"].iloc[0] == HEADLINE[1]]
    last = [run for run in official if run["protocol"].iloc[0] == HEADLINE[0]]
    return [run.reset_index(drop=True) for run in last or official]
