import pytest
import torch
import torch.nn.functional as F

from tagasc.frontend.trunk import ResidualBlock


@pytest.mark.parametrize(("inputs", "middle", "outputs"), [(4, 4, 4), (6, 3, 3)])
def test_a_residual_block_equals_its_formula(inputs, middle, outputs):
    torch.manual_seed(0)
    block = ResidualBlock(inputs, middle, outputs, slope=0.3).double()
    for _ in range(3):  # running statistics that differ from 0 and 1
        block(torch.randn(2, inputs, 1, 20, dtype=torch.float64) * 2 + 1)
    block.eval()
    x = torch.randn(2, inputs, 20, dtype=torch.float64)
    first, norm1, _, second, norm2 = block.residual
    y = F.conv1d(x, first.weight[:, :, 0], first.bias, padding=1)
    y = (y - norm1.running_mean[:, None]) / torch.sqrt(norm1.running_var + 1e-5)[:, None]
    y = torch.where(y > 0, y, 0.3 * y)
    y = F.conv1d(y, second.weight[:, :, 0], second.bias, padding=1)
    y = (y - norm2.running_mean[:, None]) / torch.sqrt(norm2.running_var + 1e-5)[:, None]
    shortcut = x if inputs == outputs else F.conv1d(x, block.shortcut.weight[:, :, 0], block.shortcut.bias, padding=1)
    y = y + shortcut
    y = torch.where(y > 0, y, 0.3 * y)[:, :, :18].unflatten(2, (6, 3)).amax(3)
    torch.testing.assert_close(block(x[:, :, None])[:, :, 0], y)
