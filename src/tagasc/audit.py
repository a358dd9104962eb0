"""The paper's own arithmetic: what its printed numbers say about each other, without any data.

Every statement is labelled. *computed* follows by arithmetic from printed numbers, the data set's lists and the
networks of this package; *inferred* is our reading of it, and could be wrong.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt
from statistics import NormalDist, mean, stdev
from typing import Literal

from scipy.integrate import quad
from scipy.stats import binom

from tagasc import paper
from tagasc.cells import CELLS, TABLES

# TAU Urban Acoustic Scenes 2019, development set, fold 1: clips in the two lists and in neither.
SPLITS = {"train": 9185, "evaluate": 4185, "unused": 1030}
DEVELOPMENT_CITIES = 10
OFFICIAL = SPLITS["evaluate"]
ALL_BUT_TRAIN = SPLITS["evaluate"] + SPLITS["unused"]  # what the released code of reference [22] tests on

How = Literal["truncated", "rounded"]
Architecture = Literal["table1", "table6"]
HYPOTHESES: list[tuple[int, How]] = list(product((OFFICIAL, ALL_BUT_TRAIN), ("truncated", "rounded")))
ARCHITECTURES: tuple[Architecture, ...] = ("table1", "table6")
BEST = max(TABLES[5].names, key=paper.ACCURACY.__getitem__)  # what Table 6 calls ours

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Fit:
    """How some values fit a number of clips."""

    values: int  # distinct ones
    impossible: list[float]  # those, in per cent, that no whole number of correct clips gives
    chance: float  # that of as many values, drawn at random from all hundredths, at least as many fit


@dataclass(frozen=True)
class Spread:
    """Statistics of n values; the expected maximum of n normal draws with them, and its chance to reach theirs."""

    n: int
    mean: float
    sd: float
    maximum: float
    expected_maximum: float
    chance: float


def accuracies(*numbers: int) -> list[float]:
    """Return what the paper prints in these tables, in per cent."""
    return [paper.ACCURACY[name] for number in numbers for name in TABLES[number].names]


def reachable(clips: int, how: How) -> set[int]:
    """Return the hundredths of a per cent as which k of so many clips can be printed, for k = 0, ..., clips."""
    # In whole numbers, so that no binary fraction decides; with an odd number of clips nothing lies halfway.
    half = clips if how == "rounded" else 0
    return {(20_000 * correct + half) // (2 * clips) for correct in range(clips + 1)}


def fit(values: Iterable[float], clips: int, how: How) -> Fit:
    """Test whether values in per cent are possible on so many clips."""
    possible, distinct = reachable(clips, how), sorted({round(100 * value) for value in values})
    misses = [value / 100 for value in distinct if value not in possible]
    hits = len(distinct) - len(misses)
    return Fit(len(distinct), misses, float(binom.sf(hits - 1, len(distinct), len(possible) / 10_001)))


def scene_parameters(name: str, architecture: Architecture) -> int:
    """Count a cell's trainable parameters for the paper's 80 tags, 10 scenes and stereo clips."""
    from tagasc.config import Network, Scenes  # noqa: PLC0415
    from tagasc.frontend.cost import cost  # noqa: PLC0415 - brings torch, which the other sections do without

    scenes = Scenes()
    return cost(CELLS[name], Network(architecture=architecture), 80, 10, scenes.channels, scenes.samples).parameters


def tagger_parameters() -> tuple[int, int]:
    """Count the tagger's trainable parameters as they are, and as a summary by forward hooks counts them.

    The released code of [14] holds its trunk twice, as a whole and layer by layer, behind a first convolution of its
    own. Hooks on every module then count each shared layer twice, the first convolution once, and of the two heads
    only the one that the forward pass uses.
    """
    import torch  # noqa: PLC0415

    from tagasc.config import Tagger  # noqa: PLC0415
    from tagasc.tagger.network import TwoHeadedResNet  # noqa: PLC0415

    def count(module: torch.nn.Module) -> int:
        return sum(p.numel() for p in module.parameters() if p.requires_grad)

    with torch.device("meta"):  # counts without allocating
        network = TwoHeadedResNet(Tagger(), 80)
    first = count(network.trunk.conv1)
    return count(network), 2 * (count(network.trunk) - first) + first + count(network.curated_head)


def standard_error(accuracy: float, clips: int) -> float:
    """Return the binomial standard error, in points, of an accuracy in per cent on independent clips."""
    return sqrt(accuracy * (100 - accuracy) / clips)


def expected_maximum(n: int) -> float:
    """Return the expected maximum of n standard normal draws."""
    return float(quad(lambda x: x * n * _NORMAL.pdf(x) * _NORMAL.cdf(x) ** (n - 1), -10, 10)[0])


def spread(values: list[float]) -> Spread:
    """Compare the maximum of some values with what noise alone, of their own mean and deviation, would give."""
    n, middle, sd, maximum = len(values), mean(values), stdev(values), max(values)
    chance = 1 - _NORMAL.cdf((maximum - middle) / sd) ** n
    return Spread(n, middle, sd, maximum, middle + sd * expected_maximum(n), chance)


def _chance(chance: float) -> str:
    return f"{100 * chance:.2g} %" if chance >= 1e-4 else f"{chance:.0e}".replace("e-0", "e-")


def _list(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values) or "none"


def _table(titles: str, rows: Sequence[tuple[str, ...]]) -> str:
    lines = [titles.split("; "), [":--"] * len(rows[0]), *rows]
    return "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def accuracy_statements() -> Iterator[str]:
    """Say on which test list the printed accuracies are possible."""
    rows = []
    for numbers in ((2,), (3,), (4,), (5,), (4, 5)):  # the last two together, because they fit the same list
        for clips, how in HYPOTHESES:
            f, name = fit(accuracies(*numbers), clips, how), " + ".join(map(str, numbers))
            fits = f"{f.values - len(f.impossible)} of {f.values}" if f.impossible else f"**all {f.values}**"
            rows.append((name, f"{clips:,} {how}", fits, _list(f.impossible), _chance(f.chance)))
    yield (
        f"*computed*: An accuracy on N clips is k/N, so N + 1 of the 10,001 values with two decimals are possible. The "
        f"official test list has {OFFICIAL:,} clips; {ALL_BUT_TRAIN:,} are outside the training list."
        + _table("Table; Clips; Distinct values that fit; Impossible; As many by chance", rows)
    )
    neither = set(fit(accuracies(2), OFFICIAL, "truncated").impossible)
    neither &= set(fit(accuracies(2), OFFICIAL, "rounded").impossible)
    misses = fit(accuracies(3), OFFICIAL, "truncated").impossible
    others, tried = (fit(values, ALL_BUT_TRAIN, "truncated") for values in (misses, accuracies(2)))
    yield (
        f"*computed*: Table 2's {_list(sorted(neither))} are possible on {OFFICIAL:,} neither truncated nor rounded. "
        f"Table 3's {_list(misses)} are impossible there truncated; of these, {others.values - len(others.impossible)} "
        f"of {others.values} fit {ALL_BUT_TRAIN:,} truncated (by chance {_chance(others.chance)})."
    )
    yield (
        "*inferred*: Tables 4 and 5 were scored on the official list; Table 2, and perhaps some cells of Table 3, on "
        f"all those outside the training list. So part of {paper.ACCURACY['baseline']:.2f} → {max(accuracies(5)):.2f} "
        f"may be a change of test list. For Table 2 this is the best of {len(HYPOTHESES)} hypotheses: the chance that "
        f"one of them fits is up to {_chance(len(HYPOTHESES) * tried.chance)}."
    )


def parameter_statements() -> Iterator[str]:
    """Compare the counts that the paper prints with those of the networks."""
    (trunk,) = (rival for rival in paper.TABLE6_RIVALS if "[22]" in rival.name)
    rows = []
    for name, printed in (("baseline", trunk.parameters), (BEST, paper.TABLE6_OURS.parameters)):
        for architecture in ARCHITECTURES:
            count = scene_parameters(name, architecture)
            rows.append((name, architecture, f"{count:,}", str(printed), ("no", "yes")[f"{count // 1000}k" == printed]))
    yield (
        f"*computed*: Trainable parameters, and what Table 6 prints for {trunk.name} (our baseline) and the best cell."
        + _table("Cell; Architecture; Counted; Printed; Truncates to it", rows)
    )
    once, hooked = tagger_parameters()
    agrees = "truncates" if f"{hooked // 10**6} million" == paper.TAGGER_PARAMETERS else "does not truncate"
    yield (
        f"*computed*: The tagger of [14] has {once:,} parameters; the paper says {paper.TAGGER_PARAMETERS}. The "
        f"trunk counted twice, but its first convolution and one head once, makes {hooked:,}, which {agrees} to that."
    )
    separate, shared = (scene_parameters(name, "table6") for name in ("separate-heads4-concat3-attention3", BEST))
    yield (
        "*computed*: Table 5's caption says separate layers, section 4.3 shared ones. On the trunk of [22], 3 separate "
        f"layers each make {separate:,} parameters, 3 shared {shared:,}; Table 6 prints {paper.TABLE6_OURS.parameters}."
    )
    yield (
        "*inferred*: The paper's systems have the trunk of [22], which is not what Table 1 prints. The tagger's count "
        "comes from a summary that counts shared modules twice. The caption is a slip; Table 5's layers are shared."
    )


def slip_statements() -> Iterator[str]:
    """Compare what the text says with the tables and the data set."""
    hours = paper.RECORDINGS * paper.SECONDS / 3600
    lists = " + ".join(f"{clips:,} ({split})" for split, clips in SPLITS.items())
    yield (
        f"*computed*: {paper.RECORDINGS:,} recordings of {paper.SECONDS} s are {hours:g} h; the paper says "
        f"{paper.HOURS}. The development set's lists have {lists} = {sum(SPLITS.values()):,} clips. They are from "
        f"{DEVELOPMENT_CITIES} cities; the paper says {paper.CITIES}."
    )
    fits = [f"{n:,} {how}" for n, how in HYPOTHESES if not fit([paper.TEXT_ATTENTION], n, how).impossible]
    yield (
        f"*computed*: Section 4.3 says {paper.TEXT_ATTENTION:.2f} where Table 3 has {max(accuracies(3)):.2f}. The "
        f"former is possible on: {', '.join(fits) or 'neither list'}."
    )


def noise_statements() -> Iterator[str]:
    """Say what noise alone would make of the tables' maxima and of the difference to the baseline."""
    rows = []
    for number, table in TABLES.items():
        s = spread([paper.ACCURACY[name] for name in table.names if name != "baseline"])
        figures = [f"{value:.2f}" for value in (s.mean, s.sd, s.maximum, s.expected_maximum)]
        rows.append((str(number), str(s.n), *figures, _chance(s.chance)))
    titles = "Table; n; Mean; Sd; Maximum; Expected maximum of n draws from N(mean, sd); Chance of this maximum or more"
    yield "*computed*: The proposed systems of each table, in per cent." + _table(titles, rows)
    error, runs, two_sided = standard_error(75, OFFICIAL), spread(accuracies(5)), sqrt(2) * _NORMAL.inv_cdf(0.975)
    baseline = paper.ACCURACY["baseline"]
    yield (
        f"*computed*: At 75 % on {OFFICIAL:,} clips the binomial standard error is {error:.2f} points: two equal "
        f"systems, each on a list of that size, differ by up to {two_sided * error:.2f} in 95 % of cases. Two that "
        f"scatter as Table 5 does differ by up to {two_sided * runs.sd:.2f}, and the best of {runs.n} is expected "
        f"{runs.expected_maximum - runs.mean:.2f} above a single one. Table 5's best is {runs.maximum - baseline:.2f} "
        f"above the baseline, its mean {runs.mean - baseline:.2f}."
    )
    yield (
        "*inferred*: The maxima are what each table's own scatter gives, so that no best cell is shown to be better "
        "than its neighbours. The gain over the baseline is more than such noise, if both were scored on the same "
        "clips; but the baseline is one run, the best cell was chosen on the test clips, and clips that share "
        "locations say less than as many independent ones."
    )


def report() -> str:
    """Return all statements as Markdown."""
    sections = {
        "Accuracies as whole clips": accuracy_statements,
        "Parameters": parameter_statements,
        "Text against tables and data": slip_statements,
        "What noise alone gives": noise_statements,
    }
    labels = "*computed*: by arithmetic from the paper, the data set's lists and the networks as built here"
    paragraphs = ["# The paper's own arithmetic", f"{labels}. *inferred*: our reading of it, which could be wrong."]
    for title, statements in sections.items():
        paragraphs += [f"## {title}", *statements()]
    return "\n\n".join(paragraphs) + "\n"
