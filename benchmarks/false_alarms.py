"""False alarms and coverage of the intervals in comparisons.csv, and how many seeds a difference needs, by simulation.

All simulated systems have the same expected accuracy, so every significant difference is a false alarm. The former test
is here for comparison: bootstrap intervals over locations and seeds, and sign flips of locations.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from benchmarks.record import arguments, machine, report
from benchmarks.simulated import Population, Sample, Setting
from tagasc.artifacts.markdown import markdown_table
from tagasc.tables.crossed_effects import Estimate, Spread, Term, estimate
from tagasc.tables.locations import Locations

Floats = NDArray[np.float64]
Test = Callable[[Sample], tuple[Floats, Floats, Floats]]
"""Returns p of each difference from the baseline, and the intervals (systems, 2) of differences and of accuracies."""

PAPER = (15,) * 9 + (14,)
SEEDS = (1, 2, 3, 5)
MANY_SEEDS = (2, 3, 4, 5, 7, 10, 15, 20)
POINTS = (0.5, 1.0, 2.0, 3.0, 5.0)


def settings() -> list[Setting]:
    """Return what is simulated: the paper's test list, and small and uneven ones; equal spreads, and unequal ones."""
    lists: tuple[tuple[str, Sequence[int], Sequence[int] | None], ...] = (
        ("149 locations of 28 clips", PAPER, (28,)),
        ("149 locations of 1 to 60 clips", PAPER, None),
        ("30 locations of 28 clips", (3,) * 10, (28,)),
        ("30 locations of 1 to 60 clips", (3,) * 10, None),
        ("the demo: 18 locations, 120 clips", (3,) * 6, (7, 7, 6)),
        ("12 locations of 28 clips", (2,) * 6, (28,)),
        ("12 locations of 1 to 60 clips", (2,) * 6, None),
        ("9 scenes with one location of 20 clips", (1,) * 9, (20,)),
    )
    return [
        *(Setting(*lists[0], (sd,) * 12) for sd in (0.0, 0.5, 1.0, 2.0)),
        *(Setting(*lists[0], (1.0,) * systems) for systems in (4, 56)),
        *(
            Setting(*lists[0], (baseline, *(0.5, 2.0) * (systems // 2)))
            for systems in (4, 12, 56)
            for baseline in (0.5, 2.0)
        ),
        *(Setting(*test_list, (sd,) * 12) for test_list in lists[1:] for sd in (0.0, 2.0)),
    ]


def crossed_effects(sample: Sample) -> tuple[Floats, Floats, Floats]:
    """Test with crossed random effects, as rule compare_cells does."""
    accuracies, differences = estimates(sample)
    return (
        np.array([it.p for it in differences]),
        np.array([it.interval for it in differences]),
        np.array([it.share_interval for it in accuracies]),
    )


def estimates(sample: Sample) -> tuple[list[Estimate], list[Estimate]]:
    """Return the accuracies of all systems, and the differences of all but the baseline from it."""
    locations = Locations(sample.scenes, np.arange(len(sample.clips)).astype(str), sample.clips)
    spread = Spread.pooled(locations, list(sample.correct))
    terms = [Term(runs, spread) for runs in sample.correct]
    baseline = Term(sample.correct[0], spread, -1)
    return [estimate(locations, it) for it in terms], [estimate(locations, it, baseline) for it in terms[1:]]


def sign_flips(sample: Sample) -> tuple[Floats, Floats, Floats]:
    """Test as the project once did: sign flips of locations, and bootstrap intervals over locations and seeds."""
    random, n, runs = np.random.default_rng(0), 400, sample.correct.shape[1]
    times = np.zeros((n, len(sample.clips)))
    for scene in np.unique(sample.scenes):
        (members,) = np.nonzero(sample.scenes == scene)
        times[:, members] = random.multinomial(len(members), np.full(len(members), 1 / len(members)), size=n)
    accuracies = np.einsum("dl,srl->srd", times, sample.correct, optimize=True) / (times @ sample.clips)
    seeds = random.multinomial(runs, np.full(runs, 1 / runs), size=n)

    def interval(values: Floats) -> Floats:
        return np.quantile(np.einsum("srd,dr->sd", values, seeds) / runs, (0.025, 0.975), axis=1).T

    differences = (sample.correct[1:] - sample.correct[0]).sum(axis=1)
    sums = random.choice((-1, 1), size=(n, len(sample.clips))) @ differences.T
    p = (1 + (np.abs(sums) >= np.abs(differences.sum(axis=1))).sum(axis=0)) / (1 + n)
    return p, interval(accuracies[1:] - accuracies[0]), interval(accuracies)


def errors(test: Test, setting: Setting, trainings: int, repetitions: int) -> Floats:
    """Return the shares of false alarms, and of intervals of differences and accuracies that miss the true value."""
    population = Population(setting, seed=trainings)
    shares = []
    for _ in range(repetitions):
        sample = population.draw(trainings)
        p, differences, accuracies = test(sample)
        shares.append(
            (
                np.mean(p < 0.05),
                _missed(differences, sample.truth[1:] - sample.truth[0]),
                _missed(accuracies, sample.truth),
            )
        )
    return np.array(shares).mean(axis=0)


def _missed(intervals: Floats, truth: Floats) -> float:
    return float(np.mean((truth < intervals[:, 0]) | (truth > intervals[:, 1])))


def power(spread: float, trainings: int, repetitions: int) -> Floats:
    """Return the share of differences of `POINTS` that are significant in a single test at the paper's size."""
    population = Population(Setting("", PAPER, (28,), (spread,) * 12), seed=trainings)
    found = np.zeros(len(POINTS))
    for _ in range(repetitions):
        for it in estimates(population.draw(trainings))[1]:
            reach = stdtrit(it.df, 0.975) * np.sqrt(it.variance)
            found += np.abs(it.value + np.array(POINTS) / 100) > reach
    return found / (repetitions * 11)


def seeds_table(repetitions: int) -> str:
    """Return the table of seeds that show a difference with a power of 80 %, and the power of 2, 5 and 20 seeds."""
    columns = []
    for spread in (0.5, 1.0, 2.0):
        powers = np.array([power(spread, trainings, repetitions) for trainings in MANY_SEEDS])
        columns.append([_seeds(of_points) for of_points in powers.T])
    rows = [[f"{points:g}", *needed] for points, needed in zip(POINTS, zip(*columns, strict=True), strict=True)]
    return markdown_table(["difference (points)", "spread 0.5", "spread 1", "spread 2"], rows, "rlll")


def _seeds(powers: Floats) -> str:
    enough = np.flatnonzero(powers >= 0.8)
    needed = f"{MANY_SEEDS[enough[0]]}" if len(enough) else f"> {MANY_SEEDS[-1]}"
    some = " / ".join(f"{100 * powers[MANY_SEEDS.index(trainings)]:.0f}" for trainings in (2, 5, 20))
    return f"{needed} ({some} %)"


def errors_table(given: Iterable[Setting], repetitions: int) -> tuple[str, Floats]:
    """Return the table of errors of both tests, and those of crossed random effects (settings, seeds, kinds)."""
    rows, new = [], []
    for setting in given:
        old, ours = (
            np.array([errors(test, setting, trainings, times) for trainings in SEEDS])
            for test, times in ((sign_flips, repetitions // 4), (crossed_effects, repetitions))
        )
        new.append(ours)
        rows.append(
            [
                setting.name,
                str(len(setting.spreads)),
                _spreads(setting.spreads),
                *(_per_cent(which[1:, 0]) for which in (old, ours)),
                *(_per_cent(1 - which[:, kind]) for kind in (1, 2) for which in (old, ours)),
            ]
        )
    titles = ["test list", "systems", "spread", "false alarms: old", "new", "differences: old", "new"]
    return markdown_table([*titles, "accuracies: old", "new"], rows, "lrlllllll"), np.array(new)


def _spreads(spreads: Sequence[float]) -> str:
    baseline, *others = spreads
    if set(others) == {baseline}:
        return f"{baseline:g}"
    return f"{baseline:g}, others {' or '.join(f'{spread:g}' for spread in sorted(set(others)))}"


def _per_cent(shares: Floats) -> str:
    return " / ".join(f"{100 * share:.1f}" for share in shares)


def main() -> None:
    """Print both tables."""
    parser = arguments(__doc__)
    parser.add_argument(
        "--repetitions",
        type=int,
        default=300,
        help="experiments per setting and number of seeds; the former test and power take a quarter",
    )
    given = parser.parse_args()
    table, new = errors_table(settings(), given.repetitions)
    print(f"\n{machine()}\n\n{table}\n\n{seeds_table(given.repetitions // 4)}\n")
    report(
        "false alarms",
        f"{len(new)} settings of {given.repetitions} experiments each, from two seeds on: false alarms at most "
        f"{new[:, 1:, 0].max():.1%}, coverage of differences at least {1 - new[:, 1:, 1].max():.1%}, of accuracies "
        f"{1 - new[:, 1:, 2].max():.1%}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
