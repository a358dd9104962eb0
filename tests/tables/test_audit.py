from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import comb

import numpy as np
import pytest

from tagasc import cli
from tagasc.corpora import tau2019
from tagasc.paper import numbers as paper
from tagasc.tables import audit, audit_statistics


def possible(clips, mode):
    """Return every accuracy on a number of clips, printed with two decimals by decimal arithmetic."""
    hundredth = Decimal("0.01")
    return {str((Decimal(100 * k) / Decimal(clips)).quantize(hundredth, mode)) for k in range(clips + 1)}


@pytest.fixture(scope="module")
def markdown():
    return audit.report()


@pytest.mark.parametrize("clips", [4185, 5215])
@pytest.mark.parametrize(("how", "mode"), [("truncated", ROUND_DOWN), ("rounded", ROUND_HALF_UP)])
def test_possible_accuracies_are_those_of_decimal_arithmetic(clips, how, mode):
    found = audit_statistics.possible_hundredths(clips, how)
    assert {f"{value / 100:.2f}" for value in found} == possible(clips, mode)
    assert len(found) == clips + 1


def test_tables_4_and_5_fit_the_official_list_truncated_and_nothing_else():
    values = paper.accuracies(4, 5)
    found = audit_statistics.fit(values, 4185, "truncated")
    assert (found.values, found.impossible) == (22, [])
    assert found.chance == pytest.approx((4186 / 10_001) ** 22) == pytest.approx(5e-9, rel=0.1)
    assert all(
        audit_statistics.fit(values, *other).impossible for other in audit.HYPOTHESES if other != (4185, "truncated")
    )


def test_table_3_misses_the_official_list_at_four_values_that_fit_the_longer_one():
    found = audit_statistics.fit(paper.accuracies(3), 4185, "truncated")
    assert (found.values, found.impossible) == (20, [73.61, 74.41, 74.47, 74.89])
    p = 4186 / 10_001
    assert found.chance == pytest.approx(sum(comb(20, k) * p**k * (1 - p) ** (20 - k) for k in range(16, 21)))
    assert not audit_statistics.fit(found.impossible, 5215, "truncated").impossible


def test_table_2_fits_only_the_longer_list():
    values = paper.accuracies(2)
    for how in ("truncated", "rounded"):
        assert {73.63, 75.66} <= set(audit_statistics.fit(values, 4185, how).impossible)
    found = audit_statistics.fit(values, 5215, "truncated")
    assert (found.values, found.impossible) == (8, [])
    assert found.chance == pytest.approx(0.005, abs=0.001)


def test_equal_values_count_once():
    assert audit_statistics.fit([76.24, 76.24, 76.75], 4185, "truncated").values == 2


def test_the_lists_add_up_to_the_development_set():
    assert sum(tau2019.CLIPS.values()) == paper.RECORDINGS == 14_400
    assert audit.ALL_BUT_TRAIN == 5215
    assert paper.RECORDINGS * paper.SECONDS == paper.HOURS * 3600


def test_the_44_million_parameters_of_the_tagger_count_shared_layers_twice():
    assert audit.tagger_parameters() == (24_592_224, 44_210_576)


def test_parameters_truncate_to_the_printed_ones_with_the_trunk_of_22_only(markdown):
    for line in (
        "| baseline | table1 | 714,058 | 636k | no |",
        "| baseline | table6 | 636,736 | 636k | yes |",
        "| shared-heads4-layers3 | table1 | 748,986 | 676k | no |",
        "| shared-heads4-layers3 | table6 | 676,784 | 676k | yes |",
    ):
        assert line in markdown.splitlines()


@pytest.mark.parametrize("n", [7, 20])
def test_the_expected_maximum_is_that_of_a_simulation(n):
    draws = np.random.default_rng(0).standard_normal((100_000, n)).max(axis=1)
    assert audit_statistics.expected_maximum(n) == pytest.approx(draws.mean(), abs=0.01)


def test_table_5_is_what_noise_gives():
    found = audit_statistics.spread(paper.accuracies(5))
    assert (found.n, round(found.mean, 2), round(found.sd, 2), found.maximum) == (20, 75.80, 0.44, 76.75)
    draws = np.random.default_rng(1).normal(found.mean, found.sd, (100_000, 20)).max(axis=1)
    assert found.expected_maximum == pytest.approx(draws.mean(), abs=0.01)
    assert found.chance == pytest.approx((draws >= 76.75).mean(), abs=0.01)


def test_the_standard_error_is_binomial():
    assert audit_statistics.standard_error(75, 4185) == pytest.approx(0.67, abs=0.005)
    assert audit_statistics.standard_error(75, 4185) == pytest.approx(100 * (0.75 * 0.25 / 4185) ** 0.5)


def test_every_paragraph_is_labelled(markdown):
    title, labels, *paragraphs = markdown.strip().split("\n\n")
    assert title.startswith("# ")
    assert "*computed*" in labels
    assert "*inferred*" in labels
    assert all(text.startswith(("## ", "| ", "*computed*: ", "*inferred*: ")) for text in paragraphs)
    assert sum(text.startswith("## ") for text in paragraphs) == 4
    assert sum(text.startswith("*inferred*") for text in paragraphs) >= 3
    for table in (text.splitlines() for text in paragraphs if text.startswith("| ")):
        assert len({line.count("|") for line in table}) == 1


def test_the_inconsistencies_are_named(markdown):
    assert "76.57 where Table 3 has 76.58" in markdown
    assert "from 10 cities; the paper says 12" in markdown
    assert "are 40 h; the paper says 40" in markdown


def test_the_command_prints_or_writes(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(audit, "report", lambda: "# 73.63 → 76.75\n")
    assert cli.main(["audit"]) == 0
    assert capsys.readouterr().out == "# 73.63 → 76.75\n"
    path = tmp_path / "new" / "audit.md"
    assert cli.main(["audit", "--output", str(path)]) == 0
    assert capsys.readouterr().out == ""
    assert path.read_text(encoding="utf-8") == "# 73.63 → 76.75\n"


def test_an_output_file_that_cannot_be_written_is_an_error_of_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(audit, "report", lambda: "")
    assert cli.main(["audit", "--output", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"tagasc: error: {tmp_path}: a folder is where a file is needed")
    assert error.count("\n") == 1
