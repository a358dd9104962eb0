"""The optimizer of all networks."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

_MOMENTS = ("mean", "square", "largest_square")


class Adam:
    """torch's fused Adam, called as a function.

    The class `torch.optim.Adam` computes the same, but imports torch's compiler at its first step, which takes almost
    as long as to import torch, in each of a workflow's many short jobs.

    Attributes
    ----------
    learning_rate
        Of the next step.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        learning_rate: float,
        weight_decay: float = 0.0,
        *,
        amsgrad: bool = False,
    ) -> None:
        self.parameters = list(parameters)
        self.learning_rate, self.weight_decay, self.amsgrad = learning_rate, weight_decay, amsgrad
        # In the parameters' own memory order: the fused kernel walks all of them as they lie.
        self.moments = {
            name: [torch.zeros_like(parameter.data) for parameter in self.parameters]
            for name in (_MOMENTS if amsgrad else _MOMENTS[:2])
        }
        self.steps = [torch.zeros((), dtype=torch.float32, device=parameter.device) for parameter in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change the parameters by their gradients; those without one stay."""
        used = [index for index, parameter in enumerate(self.parameters) if parameter.grad is not None]
        means, squares, largest = (
            [self.moments[name][index] for index in used] if name in self.moments else [] for name in _MOMENTS
        )
        adam(
            [self.parameters[index] for index in used],
            [gradient for parameter in self.parameters if (gradient := parameter.grad) is not None],
            means,
            squares,
            largest,
            [self.steps[index] for index in used],
            fused=True,
            amsgrad=self.amsgrad,
            beta1=0.9,
            beta2=0.999,
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
        )

    def state_dict(self) -> dict[str, Tensor]:
        """Return all moments and step counts."""
        return {
            f"{index}.{name}": tensor
            for name, tensors in (*self.moments.items(), ("step", self.steps))
            for index, tensor in enumerate(tensors)
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Take moments and step counts from another such optimizer."""
        for name, tensor in self.state_dict().items():
            tensor.copy_(state[name])
