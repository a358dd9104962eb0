"""Numbers and lists in the sentences of a page."""

from collections.abc import Sequence


def per_cent(accuracy: float) -> str:
    """Return an accuracy, a fraction, in % as the tables print it.

    >>> per_cent(0.7415)
    '74.15 %'
    """
    return f"{100 * accuracy:.2f} %"


def points(difference: float) -> str:
    """Return a difference of accuracies, a fraction, in points.

    >>> points(0.0104), points(-0.5)
    ('+1.04', '-50.00')
    """
    return f"{100 * difference:+.2f}"


def p_value(p: float) -> str:
    """Return a p-value with three decimals.

    >>> p_value(0.0123), p_value(0.00001)
    ('0.012', '< 0.001')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def counted(number: int, noun: str) -> str:
    """Return a number and its noun.

    >>> counted(1, "clip"), counted(4185, "clip"), counted(0, "city")
    ('1 clip', '4,185 clips', '0 cities')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("ty") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def one_or_more(number: int, singular: str, plural: str) -> str:
    """Return the form of a verb that fits a number.

    >>> one_or_more(1, "has", "have"), one_or_more(0, "has", "have")
    ('has', 'have')
    """
    return singular if number == 1 else plural


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
