"""Time and memory of comparisons, figures and the overview page, at the paper's size with five seeds: 280 trainings.

The experiment is made up, with 14,400 clips, 80 tags, 90 epochs and two protocols. Each rule has a process of its own,
whose start and imports count.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.record import arguments, report

RULES = ("compare_cells", "draw_comparisons", "draw_networks", "draw_learning", "draw_time", "write_overview")
PREPARE = "prepare"
"""Stands for the preparation where a rule is named."""

# ruff: noqa: PLC0415 - no rule pays for the imports of another


def prepare(results: Path, seeds: int) -> None:
    """Write the made-up experiment, and what tables would have written."""
    from benchmarks.made_up import PAPER, MadeUp
    from tagasc.config import Backend, Experiment
    from tagasc.tables.write_table import write_cell_table, write_table6
    from tagasc.tagger.describe_tags import describe_tags

    experiment = Experiment(seeds=list(range(seeds)), backend=Backend(protocols=["last", "best_on_test"]))
    made_up = MadeUp(results, experiment, PAPER)
    made_up.write()
    scores = made_up.paths("cells", "scores.csv")
    protocols, folder = experiment.backend.protocols, made_up.folder / "tables"
    for number in (2, 3, 4, 5):
        write_cell_table(
            number, protocols, True, score_paths=scores, clips_path=made_up.clips_path, folder=folder
        )  # fmt: skip
    write_table6(
        protocols,
        True,
        experiment.frontend,
        2,
        score_paths=scores,
        tags_path=made_up.tags_path,
        clips_path=made_up.clips_path,
        folder=folder,
    )
    telling = made_up.tags_path.with_name("telling_tags.csv")
    describe_tags(made_up.clips_path, made_up.tags_path, telling, telling.with_suffix(".svg"))


def run(rule: str, results: Path) -> None:
    """Run what a rule runs."""
    from tagasc.config import Experiment

    experiment = Experiment(backend={"protocols": ["last", "best_on_test"]})
    folder = results / "experiments" / experiment.name
    clips = results / "corpora" / experiment.scenes.name / "clips.csv"
    tags = results / "tags" / experiment.tagger.name / f"{experiment.scenes.name}.npz"
    compared = {f"{name}_path": folder / f"{name}.csv" for name in ("comparisons", "classwise", "breakdown")}

    def cells(name: str) -> list[Path]:
        return sorted(folder.glob(f"cells/*/*/{name}"))

    if rule == "compare_cells":
        from tagasc.tables.compare_cells import compare_cells

        predictions = cells("predictions.csv") + sorted(folder.glob("controls/*/*/predictions.csv"))
        compare_cells(
            True,
            prediction_paths=predictions,
            score_paths=cells("scores.csv"),
            clips_path=clips,
            **compared,
            conclusion_path=folder / "conclusion.md",
        )
    elif rule == "draw_comparisons":
        from tagasc.tables.figures.draw_comparisons import draw_comparisons

        draw_comparisons(True, **compared, clips_path=clips, folder=folder / "figures")
    elif rule == "draw_networks":
        from tagasc.tables.figures.draw_networks import draw_networks

        draw_networks(
            experiment.frontend,
            experiment.figures,
            True,
            comparisons_path=folder / "comparisons.csv",
            clips_path=clips,
            tags_path=tags,
            prediction_paths=cells("predictions.csv"),
            model_paths=cells("model.safetensors"),
            codes_paths=cells("codes.npy"),
            folder=folder / "figures",
        )
    elif rule == "draw_learning":
        from tagasc.tables.figures.draw_learning import draw_learning

        draw_learning(cells("history.jsonl"), cells("scores.csv"), folder=folder / "figures")
    elif rule == "draw_time":
        from tagasc.tables.figures.draw_time import draw_time

        draw_time([("experiment", folder / "benchmarks")], folder=folder / "figures")
    else:
        from tagasc.tables.overview.write_overview import write_overview

        write_overview(
            experiment.model_dump(mode="json"),
            Path(__file__).parents[1],
            folder=folder,
            telling_tags_path=tags.with_name("telling_tags.svg"),
            clips_path=clips,
            history_paths=cells("history.jsonl"),
            output_path=folder / "overview.html",
        )


def measure(rule: str, results: Path, *options: str) -> tuple[float, float]:
    """Run a rule, or the preparation, in a process of its own; return seconds and peak memory in MB.

    This process stays small, because a child's peak memory is at least that of its parent.
    """
    started = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.overview", "--rule", rule, str(results), *options]
    process = subprocess.Popen(command)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{rule} failed")
    return time.perf_counter() - started, usage.ru_maxrss * 1024 / 1e6


def main() -> None:
    """Measure all rules."""
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="seeds of each of the 56 cells (default: 5)")
    parser.add_argument("--rule", nargs=2, help="run one rule on a results tree, for the benchmark itself")
    given = parser.parse_args()
    if given.rule:
        rule, folder = given.rule
        if rule == PREPARE:
            prepare(Path(folder), given.seeds)
        else:
            run(rule, Path(folder))
        return
    with TemporaryDirectory() as folder:
        measure(PREPARE, Path(folder), "--seeds", str(given.seeds))
        measured = {rule: measure(rule, Path(folder)) for rule in RULES}
        page = Path(folder) / "experiments/paper/overview.html"
        size = page.stat().st_size / 1e6
    texts = [f"{rule} {seconds:.1f} s and {memory:,.0f} MB" for rule, (seconds, memory) in measured.items()]
    drawing = sum(seconds for rule, (seconds, _) in measured.items() if rule != "compare_cells")
    results = (
        f"{56 * given.seeds} trainings of the paper's size: {', '.join(texts)}; figures and page together "
        f"{drawing:.1f} s; the page has {size:.1f} MB"
    )
    report("overview", results, record=given.record)


if __name__ == "__main__":
    main()
