import numpy as np
import torch

from tagasc.frontend.corpus import pre_emphasise


def test_pre_emphasis():
    wave = np.random.default_rng(0).normal(size=(2, 480_000))
    emphasised = pre_emphasise(torch.from_numpy(wave), 0.97).numpy()
    assert emphasised.shape == (2, 479_999)
    np.testing.assert_allclose(emphasised[:, 10], wave[:, 11] - 0.97 * wave[:, 10], rtol=1e-12)
    np.testing.assert_allclose(emphasised, np.convolve(wave.ravel(), [1, -0.97])[:-1].reshape(2, -1)[:, 1:], atol=1e-12)


def test_a_batch_is_the_recordings(packed, frontend, load_corpus):
    corpus = load_corpus(packed, frontend)
    waveform, tags, labels = corpus.batch(torch.tensor([13, 2]))
    scale = np.loadtxt(packed["clips"], delimiter=",", skiprows=1, usecols=5)[[13, 2]]
    wave = np.load(packed["waveforms"])[[13, 2]] * scale[:, None, None]
    np.testing.assert_allclose(waveform, 32_000 * (wave[..., 1:] - 0.97 * wave[..., :-1]), rtol=1e-4, atol=0.05)
    np.testing.assert_array_equal(tags, np.load(packed["tags"])["tags"][[13, 2]])
    assert [corpus.scenes[label] for label in labels] == ["park", "bus"]


def test_a_crop_is_a_part_of_the_whole(packed, frontend, load_corpus):
    corpus = load_corpus(packed, frontend)
    rows = torch.tensor([3, 0, 7])
    whole, cropped = corpus.batch(rows)[0], corpus.batch(rows, torch.tensor([0, 17, 200]), 200)[0]
    for clip, start in enumerate([0, 17, 200]):
        torch.testing.assert_close(cropped[clip], whole[clip, :, start : start + 199])


def test_shuffled_tags_stay_on_their_side_of_the_split(packed, frontend, load_corpus):
    corpus = load_corpus(packed, frontend)
    shuffled = corpus.with_shuffled_tags(0).tags
    for rows in (slice(0, 12), slice(12, 17)):
        assert sorted(shuffled[rows].tolist()) == sorted(corpus.tags[rows].tolist())
        assert not torch.equal(shuffled[rows], corpus.tags[rows])
    assert torch.equal(shuffled, corpus.with_shuffled_tags(0).tags)
    assert not torch.equal(shuffled, corpus.with_shuffled_tags(1).tags)
