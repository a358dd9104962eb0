"""A file of the results tree: where it stands, which rule writes it, and what is in it."""

from dataclasses import dataclass
from pathlib import Path

from tagasc.runtime.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A file of the results tree.

    Parameters
    ----------
    path
        Where it stands below ``results/``, with placeholders in angle brackets.
    rule
        The rule that writes it.
    meaning
        What is in it, for ``results/README.md``.
    """

    path: str
    rule: str
    meaning: str

    def error(self, path: str | Path, problem: str) -> InputError:
        """Return the error for a file that is missing, damaged or foreign, with the remedy.

        >>> Artifact(path="x.csv", rule="make_x", meaning="").error("results/x.csv", "is cut short")
        InputError('results/x.csv: is cut short; delete it, and rule make_x writes it again')
        """
        return InputError(f"{path}: {problem}; delete it, and rule {self.rule} writes it again")
