"""The support vector machine as a part of the exported graph."""

from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn

from tagasc.artifacts.tags import STANDARDISED_LIMIT
from tagasc.backend.fitted_machine import FittedMachine


class ExportedMachine(nn.Module):
    """What `tagasc.backend.fitted_machine.FittedMachine` decides.

    It computes in double precision, as scikit-learn does. The kernel rbf subtracts squares of similar size, and sums
    over thousands of support vectors cancel: in single precision, decisions near zero would depend on the runtime.

    Parameters
    ----------
    machine
        The arrays of the machine.
    """

    def __init__(self, machine: FittedMachine) -> None:
        super().__init__()
        self.kernel, self.gamma, self.scenes = machine.kernel, machine.gamma, len(machine.scenes)
        self.standardises = bool(len(machine.mean))
        vectors = torch.from_numpy(machine.support_vectors).double()
        self.vectors = nn.Buffer(vectors.T.contiguous())
        self.squares = nn.Buffer((vectors**2).sum(dim=1))
        self.mean = nn.Buffer(torch.from_numpy(machine.mean).double())
        self.deviation = nn.Buffer(torch.from_numpy(machine.deviation).double())
        self.coefficients = nn.Buffer(torch.from_numpy(machine.coefficients.T).double().contiguous())
        self.intercepts = nn.Buffer(torch.from_numpy(machine.intercepts).double())
        ends = [0, *accumulate(int(count) for count in machine.counts)]
        self.rows = [slice(first, last) for first, last in pairwise(ends)]
        pairs, others = machine.pairs, self.scenes - 1
        # Terms of a decision among the columns (scene, other scene) of `_decide`.
        self.first_terms = nn.Buffer(torch.tensor([one * others + other - 1 for one, other in pairs]))
        self.second_terms = nn.Buffer(torch.tensor([other * others + one for one, other in pairs]))
        # Decisions of a scene against each other one among the columns (decisions, negative decisions).
        number = {pair: place for place, pair in enumerate(pairs)}
        number |= {(other, one): len(pairs) + place for (one, other), place in number.items()}
        columns = [number[one, other] for one in range(self.scenes) for other in range(self.scenes) if one != other]
        self.columns = nn.Buffer(torch.tensor(columns))
        self.ranks = nn.Buffer(torch.arange(self.scenes, 0, -1, dtype=torch.float32) / (self.scenes + 1))

    def forward(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Map codes (batch, code), float32, to decisions.

        Returns
        -------
        margins : (batch, scenes), float32, each scene's smallest decision value against any other scene
        predicted : (batch,), int64, index of the scene that wins most pairs
        """
        decisions = self._decide(codes.double())
        values = torch.cat([decisions, -decisions], dim=1)[:, self.columns].unflatten(1, (self.scenes, -1))
        # The first scene of a pair needs a positive value, and the second one wins at zero.
        wins = torch.cat([decisions > 0, decisions <= 0], dim=1)[:, self.columns].unflatten(1, (self.scenes, -1))
        # The rank, a fraction, decides between equal numbers of votes: the first scene is taken, as in libsvm.
        predicted = (wins.float().sum(dim=2) + self.ranks).argmax(dim=1)
        return values.amin(dim=2).float(), predicted

    def _decide(self, codes: Tensor) -> Tensor:
        """Return the decision value of each pair of scenes (batch, pairs)."""
        kernel = self._kernel(codes)
        terms = torch.cat([kernel[:, rows] @ self.coefficients[rows] for rows in self.rows], dim=1)
        return terms[:, self.first_terms] + terms[:, self.second_terms] + self.intercepts

    def _kernel(self, codes: Tensor) -> Tensor:
        """Return the kernel of codes and support vectors (batch, support vectors)."""
        if self.standardises:
            codes = ((codes - self.mean) / self.deviation).clamp(-STANDARDISED_LIMIT, STANDARDISED_LIMIT)
        products = codes @ self.vectors
        if self.kernel == "linear":
            return products
        if self.kernel == "sigmoid":
            return (self.gamma * products).tanh()
        squares = (codes**2).sum(dim=1, keepdim=True) + self.squares
        return (-self.gamma * (squares - 2 * products)).exp()
