import numpy as np
import pytest
from sklearn.metrics import label_ranking_average_precision_score
from sklearn.model_selection import KFold

from tagasc.artifacts.lwlrap import BY_CLASS, BY_FOLD
from tagasc.tagger.score_tagger import score_tagger


@pytest.fixture
def scored(settings, packed, snapshots, tmp_path):
    """Return a function that scores the snapshots and returns both tables and the path of the Markdown file."""

    def score():
        sections = settings.network, settings.features, settings.folds, settings.tagging
        files = {name: tmp_path / name for name in ("by_fold", "by_class", "markdown")}
        score_tagger(*sections, **packed, snapshots=snapshots, **files, threads=1)
        return BY_FOLD.read(files["by_fold"]), BY_CLASS.read(files["by_class"]), files["markdown"]

    return score


def overall(targets, tags):
    return label_ranking_average_precision_score(targets, tags, sample_weight=targets.sum(axis=1))


def test_a_fold_is_scored_on_its_held_out_clips_and_on_the_test_clips(scored, events, ensemble, snapshots):
    by_fold, _, _ = scored()

    def tags(rows, *folds, padding=0):
        return ensemble([snapshots[fold] for fold in folds], padding).tag_events(events, rows)

    held_out = [rows for _, rows in KFold(2, shuffle=True, random_state=42).split(np.arange(10))]
    assert list(by_fold) == ["fold", "held_out_clips", "held_out_lwlrap", "test_clips", "test_lwlrap"]
    assert by_fold["fold"].tolist() == ["0", "1", "all"]
    assert by_fold["held_out_clips"].tolist() == [5, 5, 10]
    assert by_fold["test_clips"].tolist() == [4, 4, 4]
    test = [tags(range(16, 20), *folds, padding=2) for folds in ((0,), (1,), (0, 1))]  # test clips alone are padded
    np.testing.assert_allclose(by_fold["test_lwlrap"], [overall(events.targets[16:], each) for each in test])
    single = [tags(rows, fold) for fold, rows in enumerate(held_out)]
    expected = [overall(events.targets[rows], each) for rows, each in zip(held_out, single, strict=True)]
    expected.append(overall(events.targets[np.concatenate(held_out)], np.concatenate(single)))
    np.testing.assert_allclose(by_fold["held_out_lwlrap"], expected)
    swapped = [overall(events.targets[rows], tags(rows, 1 - fold)) for fold, rows in enumerate(held_out)]
    assert np.abs(np.subtract(swapped, expected[:2])).max() > 0.01


def test_the_weighted_sum_of_the_classes_is_the_row_of_all_folds(scored):
    by_fold, by_class, _ = scored()
    assert by_class["label"].tolist() == ["bark", "rain", "siren"]
    assert by_class["held_out_clips"].tolist() == [5, 3, 4]
    assert by_class["test_clips"].tolist() == [2, 1, 2]
    for kind in ("held_out", "test"):
        assert by_class[f"{kind}_weight"].sum() == pytest.approx(1)
        total = (by_class[f"{kind}_weight"] * by_class[f"{kind}_lwlrap"]).sum()
        assert total == pytest.approx(by_fold[f"{kind}_lwlrap"].iloc[-1])


def test_markdown_shows_the_same_numbers(scored):
    by_fold, by_class, markdown = scored()
    text = markdown.read_text()
    rows = [[entry.strip() for entry in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    assert rows[0] == ["fold", "held-out clips", "held-out lwlrap", "test clips", "test lwlrap"]
    last = by_fold.iloc[-1]
    assert rows[4] == ["all", "10", f"{last['held_out_lwlrap']:.4f}", "4", f"{last['test_lwlrap']:.4f}"]
    rain = by_class.iloc[1]
    assert rows[8][:2] == ["rain", "3"]
    assert rows[8][5:] == [f"{rain['test_weight']:.4f}", f"{rain['test_lwlrap']:.4f}"]


@pytest.mark.usefixtures("without_records")
def test_a_class_without_test_clips_has_no_lwlrap(scored, packed):
    text = packed["clips"].read_text().replace("17.wav,test,rain", "17.wav,test,siren")
    packed["clips"].write_text(text)
    _, by_class, markdown = scored()
    rain = by_class.set_index("label").loc["rain"]
    assert (rain["test_clips"], rain["test_weight"]) == (0, 0)
    assert np.isnan(rain["test_lwlrap"])
    (line,) = [line for line in markdown.read_text().splitlines() if line.startswith("| rain")]
    assert [entry.strip() for entry in line.strip("|").split("|")][4:] == ["0", "0.0000", "–"]
