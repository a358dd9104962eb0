"""Section ``comparisons``: intervals and tests."""

from typing import Annotated

from pydantic import Field

from tagasc.config.section import Section, Seed


class Comparisons(Section):
    """How far differences from the baseline can be trusted: bootstrap intervals and paired tests over locations."""

    n_resamples: Annotated[int, Field(ge=100)] = 20000
    """Random resamples per interval and test. The smallest p is 1 / (1 + n_resamples), and Holm's correction multiplies
    it by the number of cells in a table, up to 20. Use 1,000 for a first look and 20,000 for numbers to print."""
    seed: Seed = 0
    """Seed of the resamples. Another seed shows how many digits of an interval or a p-value to believe."""
