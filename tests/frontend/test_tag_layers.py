import numpy as np
import pytest
import torch

from tagasc.frontend.tag_layers import MultiHeadAttention, TagStandardisation


@pytest.mark.parametrize("rescale", [False, True])
@pytest.mark.parametrize("heads", [2, 4, 8, 16, 32])
def test_the_attention_map_is_a_softmax_within_each_head(heads, rescale):
    torch.manual_seed(0)
    attention = MultiHeadAttention(heads, 80, 128, rescale=rescale).double()
    tag = torch.rand(3, 80, dtype=torch.float64)
    with torch.no_grad():
        attention.projection.weight *= 10
        computed = attention(tag).numpy()
    weight, bias = attention.projection.weight.detach().numpy(), attention.projection.bias.detach().numpy()
    for clip in range(3):
        scores = np.exp(weight @ tag[clip].numpy() + bias)
        expected = np.concatenate([part / part.sum() for part in np.split(scores, heads)])
        np.testing.assert_allclose(computed[clip], expected * (128 / heads if rescale else 1), rtol=1e-12)
        sums = computed[clip].reshape(heads, -1).sum(axis=1)
        np.testing.assert_allclose(sums, 128 / heads if rescale else 1, rtol=1e-12)


def test_standardised_tags_are_bounded():
    standardise = TagStandardisation(3)
    training = torch.tensor([[0.0, 0.2, 0.0]] * 399 + [[0.0, 0.4, 0.02]])  # constant, varying, and rare
    standardise.fit(training)
    values = standardise(torch.tensor([[1.0, 0.21, 0.9], [0.0, 0.2005, 0.0], [-1.0, 0.0, 0.001]]))
    deviation = training.double().std(dim=0, correction=0)
    torch.testing.assert_close(values[:, 0], torch.tensor([10.0, 0.0, -10.0]))
    torch.testing.assert_close(
        values[:2, 1].double(), (torch.tensor([0.21, 0.2005]).double() - 0.2005) / deviation[1], rtol=1e-4, atol=1e-4
    )
    assert values[2, 1] == -10
    assert values[0, 2] == 10  # unbounded, it would be 899
    assert 0 < values[2, 2] < 1
