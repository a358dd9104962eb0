"""Every number that the paper prints: J. Jung et al., Acoustic Scene Classification using Audio Tagging, 2020.

Statistics of these numbers are computed where they are needed and never written down.
"""

from dataclasses import dataclass

from tagasc.paper.grid import TABLES, cells_of_table

# Accuracies in per cent, row by row, as the paper lays out its tables.
_PRINTED: dict[int, tuple[float, ...]] = {
    2: (73.63, 74.15, 74.36, 74.84, 74.22, 75.66, 75.22, 74.07),
    3: (
        *(75.67, 76.58, 75.93, 75.50),  # the text of section 4.3 gives 76.57 for the best of them
        *(75.45, 75.22, 76.24, 76.17),
        *(74.41, 74.36, 74.89, 75.17),
        *(73.61, 74.47, 74.43, 75.96),
        *(75.14, 75.57, 75.24, 75.31),
    ),
    4: (
        *(74.76, 75.74, 75.17, 75.14),
        *(75.31, 75.84, 76.24, 75.34),
    ),
    5: (
        *(76.12, 75.62, 75.34, 75.69),
        *(75.43, 76.00, 76.24, 76.75),
        *(75.84, 74.71, 75.96, 75.69),
        *(76.00, 75.81, 75.91, 75.72),
        *(75.26, 75.45, 76.24, 76.27),
    ),
}

ACCURACY: dict[str, float] = {
    name: value for number, values in _PRINTED.items() for name, value in zip(TABLES[number].names, values, strict=True)
}
"""Accuracy of each cell in per cent. The paper says that it is on the official test set of fold 1."""


def accuracies(*tables: int) -> list[float]:
    """Return the accuracies that the paper prints in these tables, in per cent and in the order of the cells.

    >>> max(accuracies(5))
    76.75
    """
    return [ACCURACY[name] for number in tables for name in cells_of_table(number)]


@dataclass(frozen=True)
class System:
    """A row of Table 6: ``parameters`` and ``accuracy`` in per cent as printed; None where the paper prints "-"."""

    name: str
    parameters: str | None
    accuracy: float


TABLE6_CITED = (
    System("Huang et al. [2]", "53452k", 76.08),
    System("Jung et al. [22]", "636k", 75.81),
    System("Zheng et al. [8]", None, 69.23),
)
"""The systems of other papers."""
TABLE6_BASELINE = TABLE6_CITED[1]
"""The cited system that is the paper's own baseline: Jung et al. (2019) [22]."""
TABLE6_OURS = System("Ours", "676k", 76.75)
"""The paper's own system."""

TEXT_ATTENTION = 76.57
"""The accuracy of Table 3's best cell according to the text of section 4.3."""
TAGGER_PARAMETERS = "44 million"
"""Section 4.2, of the tagger."""
CITIES = 12
"""Section 4.1, of the data, like the three numbers below."""
RECORDINGS = 14_400
SECONDS = 10
HOURS = 40
