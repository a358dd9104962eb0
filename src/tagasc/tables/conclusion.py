"""Sentences of conclusion.md: whether it matters how tags enter, or only that there are tags."""

from collections.abc import Sequence
from math import isnan

from tagasc.artifacts.controls import CONTROLS, PAIRED_CONTROLS
from tagasc.paper.grid import HEADLINE, parse
from tagasc.tables.crossed_effects import Estimate
from tagasc.tables.estimates import BASELINE, Estimates
from tagasc.tables.evaluation import Evaluation


def conclude(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return the paragraphs of the conclusion, about protocol last on the official test list.

    Cells with shuffled tags do not count, nor do students, which gain from their teachers. The baseline is only
    compared with the controls on its codes.
    """
    found = [it for it in evaluations if (it.protocol, it.test_list) == HEADLINE]
    if not found:
        return ["This run has no scores of protocol last, so nothing is concluded."]
    (evaluation,) = found
    estimates = Estimates(evaluation)
    controls = [name for name in evaluation.cells if name in CONTROLS]
    cells = [name for name in evaluation.cells if name not in CONTROLS and parse(name).takes_own_tags]
    if not cells or not controls:
        return ["This run has no cell that sees tags, or no control, so nothing is concluded."]
    return [_about_cells(estimates, cells, controls), *_about_the_baseline(estimates, evaluation.cells)]


def _about_cells(estimates: Estimates, cells: Sequence[str], controls: Sequence[str]) -> str:
    """Return the verdict, and the sentence that tells how to read it."""
    cell, control = _best(estimates, cells), _best(estimates, controls)
    difference = estimates.difference(cell, control)
    covered = "the choice of locations and chance between trainings"
    if not difference.covers_trainings:
        covered = "the choice of locations alone, because there is one seed"
    return (
        f"{_verdict(difference)} from how tags enter, beyond tags as features: {_best_of(cells, 'cell')}, {cell}, "
        f"reaches {_per_cent(estimates, cell)}, and {_best_of(controls, 'control')}, {control}, "
        f"{_per_cent(estimates, control)}, {_points(difference)}. Both were selected on these same "
        f"{estimates.n_clips:,} clips, which favours the larger family; the interval covers {covered}."
    )


def _about_the_baseline(estimates: Estimates, systems: Sequence[str]) -> list[str]:
    """Return the paragraph about the baseline; none if it was not trained."""
    controls = [name for name in systems if name in PAIRED_CONTROLS]
    if BASELINE not in systems or not controls:
        return []
    control = _best(estimates, controls)
    return [
        f"The baseline reaches {_per_cent(estimates, BASELINE)}, and {_best_of(controls, 'control')} that "
        f"{'classify' if len(controls) > 1 else 'classifies'} its codes, {control}, {_per_cent(estimates, control)}, "
        f"{_points(estimates.difference(control, BASELINE))}."
    ]


def _verdict(difference: Estimate) -> str:
    low, high = difference.interval
    if difference.covers_trainings and low > 0:
        return "There is a gain"
    if difference.covers_trainings and high < 0:
        return "There is no gain"
    return "This run cannot tell whether there is a gain"


def _best(estimates: Estimates, names: Sequence[str]) -> str:
    return max(names, key=lambda name: estimates.accuracy(name).value)


def _best_of(names: Sequence[str], kind: str) -> str:
    return f"the only {kind}" if len(names) == 1 else f"the best of {len(names)} {kind}s"


def _per_cent(estimates: Estimates, name: str) -> str:
    return f"{100 * estimates.accuracy(name).value:.2f} %"


def _points(difference: Estimate) -> str:
    low, high = difference.interval
    interval = f"95 % interval {100 * low:+.2f} to {100 * high:+.2f}"
    if isnan(difference.variance):
        interval = "no interval, because all clips come from one location"
    return f"a difference of {100 * difference.value:+.2f} points ({interval})"
