"""What a check has found: facts, problems that stop a run, and what weakens its results."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Findings:
    """What a check has found, as lines of text.

    Parameters
    ----------
    facts
        What there is.
    stops
        Problems that will stop a run: what is wrong, where, and what to do.
    weakens
        What makes the results less trustworthy, in the same form.
    """

    facts: list[str] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    weakens: list[str] = field(default_factory=list)

    def __add__(self, other: "Findings") -> "Findings":
        """Return the findings of two checks, with an empty line between their facts."""
        return Findings([*self.facts, "", *other.facts], self.stops + other.stops, self.weakens + other.weakens)

    def lines(self) -> Iterator[str]:
        """Yield all lines, and last one that counts the problems.

        >>> list(Findings(["4 clips"], ["meta.csv: is empty; copy it again"]).lines())
        ['4 clips', '', 'Will stop a run:', '- meta.csv: is empty; copy it again', '', '1 problem will stop a run.']
        """
        yield from self.facts
        for title, problems in (("Weakens the results:", self.weakens), ("Will stop a run:", self.stops)):
            if problems:
                yield from ("", title, *(f"- {problem}" for problem in problems))
        count = len(self.stops)
        yield ""
        yield f"{count} problem{'s' if count > 1 else ''} will stop a run." if count else "Nothing will stop a run."
