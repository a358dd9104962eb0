import numpy as np
import pytest
import torch

from tagasc.frontend.preemphasis import preemphasis
from tagasc.runtime.errors import InputError


def test_preemphasis_is_a_filter_and_drops_the_first_sample():
    wave = np.random.default_rng(0).normal(size=(2, 480_000))
    emphasised = preemphasis(torch.from_numpy(wave), 0.97).numpy()
    assert emphasised.shape == (2, 479_999)
    np.testing.assert_allclose(emphasised[:, 10], wave[:, 11] - 0.97 * wave[:, 10], rtol=1e-12)
    np.testing.assert_allclose(emphasised, np.convolve(wave.ravel(), [1, -0.97])[:-1].reshape(2, -1)[:, 1:], atol=1e-12)


def test_a_batch_contains_the_recordings(packed, frontend, load_dataset):
    dataset = load_dataset(packed, frontend)
    waveform, tags, labels = dataset.batch(torch.tensor([13, 2]))
    scale = np.loadtxt(packed["clips"], delimiter=",", skiprows=1, usecols=5)[[13, 2]]
    wave = np.load(packed["waveforms"])[[13, 2]] * scale[:, None, None]
    np.testing.assert_allclose(waveform, 32_000 * (wave[..., 1:] - 0.97 * wave[..., :-1]), rtol=1e-4, atol=0.05)
    np.testing.assert_array_equal(tags, np.load(packed["tags"])["tags"][[13, 2]])
    assert [dataset.scenes[label] for label in labels] == ["park", "bus"]


def test_a_crop_is_a_part_of_the_whole_clip(packed, frontend, load_dataset):
    dataset = load_dataset(packed, frontend)
    rows = torch.tensor([3, 0, 7])
    whole, cropped = dataset.batch(rows)[0], dataset.batch(rows, torch.tensor([0, 17, 199]), 200)[0]
    for clip, start in enumerate([0, 17, 199]):
        torch.testing.assert_close(cropped[clip], whole[clip, :, start : start + 200])


def test_tags_are_shuffled_within_each_side_of_the_split(packed, frontend, load_dataset):
    dataset = load_dataset(packed, frontend)
    shuffled = dataset.with_shuffled_tags(0).tags
    for rows in (slice(0, 12), slice(12, 17)):
        assert sorted(shuffled[rows].tolist()) == sorted(dataset.tags[rows].tolist())
        assert not torch.equal(shuffled[rows], dataset.tags[rows])
    assert torch.equal(shuffled, dataset.with_shuffled_tags(0).tags)
    assert not torch.equal(shuffled, dataset.with_shuffled_tags(1).tags)


@pytest.mark.parametrize("damaged", ["clips", "waveforms", "tags"])
def test_a_damaged_input_is_an_error_that_names_the_file(packed, frontend, load_dataset, damaged):
    path = packed[damaged]
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=path.name):
        load_dataset(packed, frontend)
