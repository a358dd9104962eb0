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


@pytest.mark.parametrize("padding", [0, 5])
def test_soft_labels_are_the_sharpened_mean_of_the_snapshots(
    settings, packed, events, snapshots, ensemble, tmp_path, padding
):
    soft_labels = settings.soft_labels.model_copy(update={"padding": padding} if padding else {})  # 0 is the default
    sections = settings.network, settings.features, settings.training, soft_labels
    make_soft_labels(*sections, **packed, snapshots=snapshots, output=tmp_path / "soft.npy", threads=1)
    made = SOFT_LABELS.read(tmp_path / "soft.npy")
    for frames in (0, 5):
        squared = ensemble(snapshots, padding=frames).tag_events(events, range(10, 16)).astype(float) ** 2
        expected = squared / squared.sum(axis=1, keepdims=True)
        assert np.allclose(made, expected, rtol=1e-4, atol=0) == (frames == padding)
