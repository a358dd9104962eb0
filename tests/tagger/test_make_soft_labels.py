import numpy as np
import pytest

from tagasc.artifacts.soft_labels import SOFT_LABELS
from tagasc.runtime.errors import InputError
from tagasc.tagger.make_soft_labels import make_soft_labels, sharpen


def test_sharpening_squares_and_normalises():
    tags = np.array([[0.5, 0.1, 0.4], [0.0, 0.2, 0.2], [1e-20, 3e-20, 0.0]], np.float32)
    sharp = sharpen(tags, 2.0)
    np.testing.assert_allclose(sharp[:2], [[25 / 42, 1 / 42, 16 / 42], [0, 0.5, 0.5]], rtol=1e-6)
    np.testing.assert_allclose(sharp[2], [0.1, 0.9, 0], rtol=1e-6)
    np.testing.assert_allclose(sharpen(tags, 1.0)[0], tags[0], rtol=1e-6)


def test_a_power_that_leaves_no_soft_labels_is_refused():
    tags = np.array([[0.5, 0.1], [1e-38, 0.0]], np.float32)
    with pytest.raises(
        InputError, match=r"^tagger\.soft_labels\.power: with 10, all soft labels of 1 of 2 noisy clips"
    ):
        sharpen(tags, 10.0)


def test_soft_labels_are_the_sharpened_mean_of_the_snapshots(settings, packed, events, snapshots, ensemble, tmp_path):
    sections = settings.network, settings.features, settings.tagging, settings.soft_labels
    make_soft_labels(*sections, **packed, snapshots=snapshots, output=tmp_path / "soft.npy", threads=1)
    squared = ensemble(snapshots).tag_events(events, range(10, 16)).astype(float) ** 2
    expected = squared / squared.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(SOFT_LABELS.read(tmp_path / "soft.npy"), expected, rtol=1e-4)
