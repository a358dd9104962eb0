"""The paper's own arithmetic: what its printed numbers say about each other, without any data.

Every statement is labelled. *computed* follows by arithmetic from printed numbers, the data set's lists and the
networks of this package. *inferred* is our interpretation, and could be wrong.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from tagasc.artifacts.markdown import markdown_table
from tagasc.config import Architecture, Audio, Network, TaggerNetwork
from tagasc.corpora import tau2019
from tagasc.paper import numbers as paper
from tagasc.paper.grid import CELLS, TABLES
from tagasc.tables.audit_statistics import Printing, fit, largest_difference, spread, standard_error
from tagasc.tables.table6 import ARCHITECTURES

OFFICIAL = tau2019.CLIPS["evaluate"]
ALL_BUT_TRAIN = OFFICIAL + tau2019.CLIPS["unused"]  # what the released code of Jung et al. (2019) [22] tests on

_PRINTINGS: tuple[Printing, ...] = ("truncated", "rounded")
HYPOTHESES: list[tuple[int, Printing]] = list(product((OFFICIAL, ALL_BUT_TRAIN), _PRINTINGS))
BEST = max(TABLES[5].names, key=paper.ACCURACY.__getitem__)
"""The cell that Table 6 calls ours."""


def report() -> str:
    """Return all statements as Markdown."""
    sections = {
        "Accuracies as numbers of clips": accuracy_statements,
        "Parameters": parameter_statements,
        "Text, tables and data": inconsistency_statements,
        "What noise alone gives": noise_statements,
    }
    labels = "*computed*: by arithmetic from the paper, the data set's lists and the networks of this package"
    paragraphs = ["# The paper's own arithmetic", f"{labels}. *inferred*: our interpretation, which could be wrong."]
    for title, statements in sections.items():
        paragraphs += [f"## {title}", *statements()]
    return "\n\n".join(paragraphs) + "\n"


def accuracy_statements() -> Iterator[str]:
    """Yield on which test list the printed accuracies are possible."""
    rows = []
    for tables in ((2,), (3,), (4,), (5,), (4, 5)):  # the last two together, because they fit the same list
        for clips, printing in HYPOTHESES:
            found = fit(paper.accuracies(*tables), clips, printing)
            hits = found.values - len(found.impossible)
            fits = f"{hits} of {found.values}" if found.impossible else f"**all {found.values}**"
            name, impossible = " + ".join(map(str, tables)), _listed(found.impossible)
            rows.append((name, f"{clips:,} {printing}", fits, impossible, _percentage(found.chance)))
    yield (
        f"*computed*: An accuracy on N clips is k/N, so N + 1 of the 10,001 values with two decimals are possible. The "
        f"official test list has {OFFICIAL:,} clips; {ALL_BUT_TRAIN:,} clips are outside the training list."
    )
    yield _table(["Table", "Clips", "Distinct values that fit", "Impossible", "As many by chance"], rows)
    neither = set(fit(paper.accuracies(2), OFFICIAL, "truncated").impossible)
    neither &= set(fit(paper.accuracies(2), OFFICIAL, "rounded").impossible)
    misses = fit(paper.accuracies(3), OFFICIAL, "truncated").impossible
    others, tried = (fit(values, ALL_BUT_TRAIN, "truncated") for values in (misses, paper.accuracies(2)))
    yield (
        f"*computed*: Table 2's {_listed(sorted(neither))} are impossible on {OFFICIAL:,} clips, both truncated and "
        f"rounded. Table 3's {_listed(misses)} are impossible there truncated; of these, "
        f"{others.values - len(others.impossible)} of {others.values} fit {ALL_BUT_TRAIN:,} truncated (by chance "
        f"{_percentage(others.chance)})."
    )
    yield (
        "*inferred*: Tables 4 and 5 were scored on the official list. Table 2, and perhaps some cells of Table 3, were "
        f"scored on all clips outside the training list. Part of {paper.ACCURACY['baseline']:.2f} → "
        f"{max(paper.accuracies(5)):.2f} may therefore be a change of test list. For Table 2 this is the best of "
        f"{len(HYPOTHESES)} hypotheses: the chance that one of them fits is up to "
        f"{_percentage(len(HYPOTHESES) * tried.chance)}."
    )


def parameter_statements() -> Iterator[str]:
    """Yield a comparison of the parameters that the paper prints with those of the networks."""
    baseline, ours = paper.TABLE6_BASELINE, paper.TABLE6_OURS
    rows = []
    for name, printed in (("baseline", baseline.parameters), (BEST, ours.parameters)):
        for architecture in ARCHITECTURES:
            count = scene_parameters(name, architecture)
            rows.append((name, architecture, f"{count:,}", str(printed), ("no", "yes")[f"{count // 1000}k" == printed]))
    yield (
        f"*computed*: Trainable parameters, and what Table 6 prints for {baseline.name} (our baseline) and for the "
        "best cell."
    )
    yield _table(["Cell", "Architecture", "Counted", "Printed", "Truncates to it"], rows)
    once, twice = tagger_parameters()
    agrees = "truncates" if f"{twice // 10**6} million" == paper.TAGGER_PARAMETERS else "does not truncate"
    yield (
        f"*computed*: The tagger of Akiyama and Sato (2019) [14] has {once:,} parameters; the paper says "
        f"{paper.TAGGER_PARAMETERS}. With the trunk counted twice, but its first convolution and one head once, there "
        f"are {twice:,}, which {agrees} to that."
    )
    separate, shared = (scene_parameters(name, "table6") for name in ("separate-heads4-concat3-attention3", BEST))
    yield (
        "*computed*: Table 5's caption says separate layers, section 4.3 says shared ones. On the trunk of [22], 3 "
        f"separate layers each give {separate:,} parameters, 3 shared ones {shared:,}; Table 6 prints "
        f"{ours.parameters}."
    )
    yield (
        "*inferred*: The paper's systems have the trunk of [22], which is not the one of Table 1. The tagger's count "
        "comes from a summary that counts shared modules twice. The caption is a slip; Table 5's layers are shared."
    )


def scene_parameters(name: str, architecture: Architecture) -> int:
    """Count a cell's trainable parameters for the paper's 80 tags, 10 scenes and stereo clips."""
    from tagasc.frontend.cost import cost  # noqa: PLC0415 - imports torch, which the other sections do not need

    audio = Audio()
    return cost(CELLS[name], Network(architecture=architecture), 80, 10, audio.channels, audio.samples).parameters


def tagger_parameters() -> tuple[int, int]:
    """Count the tagger's trainable parameters: as they are, and as a summary by forward hooks counts them.

    The released code of [14] holds its trunk twice, as a whole and layer by layer, behind a first convolution of its
    own. Hooks on every module then count each shared layer twice, the first convolution once, and of the two heads
    only the one that the forward pass uses.
    """
    import torch  # noqa: PLC0415

    from tagasc.tagger.network import TwoHeadedResNet  # noqa: PLC0415

    def count(module: torch.nn.Module) -> int:
        return sum(p.numel() for p in module.parameters() if p.requires_grad)

    with torch.device("meta"):  # counts without allocating
        network = TwoHeadedResNet(TaggerNetwork(), 80)
    first = count(network.trunk.conv1)
    return count(network), 2 * (count(network.trunk) - first) + first + count(network.curated_head)


def inconsistency_statements() -> Iterator[str]:
    """Yield where the text differs from the tables and the data set."""
    hours = paper.RECORDINGS * paper.SECONDS / 3600
    lists = " + ".join(f"{clips:,} ({split})" for split, clips in tau2019.CLIPS.items())
    yield (
        f"*computed*: {paper.RECORDINGS:,} recordings of {paper.SECONDS} s are {hours:g} h; the paper says "
        f"{paper.HOURS}. The development set's lists have {lists} = {sum(tau2019.CLIPS.values()):,} clips. They are "
        f"from {tau2019.CITIES} cities; the paper says {paper.CITIES}."
    )
    fits = [f"{n:,} {how}" for n, how in HYPOTHESES if not fit([paper.TEXT_ATTENTION], n, how).impossible]
    yield (
        f"*computed*: Section 4.3 says {paper.TEXT_ATTENTION:.2f} where Table 3 has {max(paper.accuracies(3)):.2f}. "
        f"The former is possible on: {', '.join(fits) or 'neither list'}."
    )


def noise_statements() -> Iterator[str]:
    """Yield what noise alone would make of the tables' maxima and of the difference from the baseline."""
    rows = []
    for number, table in TABLES.items():
        s = spread([paper.ACCURACY[name] for name in table.names if name != "baseline"])
        values = [f"{value:.2f}" for value in (s.mean, s.sd, s.maximum, s.expected_maximum)]
        rows.append((str(number), str(s.n), *values, _percentage(s.chance)))
    titles = ["Table", "n", "Mean", "Sd", "Maximum", "Expected maximum of n draws from N(mean, sd)"]
    yield "*computed*: The proposed systems of each table, in per cent."
    yield _table([*titles, "Chance of this maximum or more"], rows)
    error, runs, baseline = standard_error(75, OFFICIAL), spread(paper.accuracies(5)), paper.ACCURACY["baseline"]
    yield (
        f"*computed*: At 75 % on {OFFICIAL:,} clips the binomial standard error is {error:.2f} points. Two equal "
        f"systems, each on a list of that size, differ by up to {largest_difference(error):.2f} in 95 % of cases. Two "
        f"that vary as Table 5 does differ by up to {largest_difference(runs.sd):.2f}, and the best of {runs.n} is "
        f"expected {runs.expected_maximum - runs.mean:.2f} above a single one. Table 5's best is "
        f"{runs.maximum - baseline:.2f} above the baseline, its mean {runs.mean - baseline:.2f}."
    )
    yield (
        "*inferred*: The maxima are what each table's own spread gives, so no best cell is shown to be better than its "
        "neighbours. The gain over the baseline exceeds such noise, if both were scored on the same clips. But the "
        "baseline is one run, the best cell was selected on the test clips, and clips that share locations say less "
        "than as many independent ones."
    )


def _percentage(chance: float) -> str:
    return f"{100 * chance:.2g} %" if chance >= 1e-4 else f"{chance:.0e}".replace("e-0", "e-")


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values) or "none"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return markdown_table(titles, rows, "l" * len(titles))
