"""The choice of the cards for which a run is estimated."""

from pathlib import Path

from tagasc.config import Experiment
from tagasc.costs.measured import find_measured
from tagasc.costs.recorded import find_recorded
from tagasc.costs.speeds import DataSheet, Given, Speed
from tagasc.runtime.errors import InputError
from tagasc.runtime.gpus import COMMON, GPUS, find_gpu, gpu_of_device


def choose_speeds(given: str | None, experiment: Experiment, results: Path) -> list[Speed]:
    """Return the speeds to estimate with.

    Parameters
    ----------
    given
        The name of a card, or TFLOP/s. None takes the devices of finished trainings, or else those of the project's
        record, or else common cards.
    experiment, results
        The experiment, and the results tree with finished trainings.

    Raises
    ------
    InputError
        If the card is not known, or if the number is not positive.
    """
    card = None if given is None else read_card(given)
    if isinstance(card, Given):
        return [card]
    own, recorded = find_measured(experiment, results), find_recorded(experiment)
    if card is None:
        return list[Speed]((own or recorded)[:3]) or [DataSheet(GPUS[name]) for name in COMMON]
    on_this = [speed for speed in [*own, *recorded] if gpu_of_device(speed.device) == card.gpu]
    return [on_this[0]] if on_this else [card]


def read_card(text: str) -> Given | DataSheet:
    """Return the speed of a card that a user names, or the TFLOP/s that they give.

    Raises
    ------
    InputError
        If the card is not known, or if the number is not positive.

    Examples
    --------
    >>> read_card("50").title, read_card("h100").title
    ('50 TFLOP/s', 'H100')
    """
    try:
        number = float(text)
    except ValueError:
        return DataSheet(find_gpu(text))
    if not 0 < number < 1e6:
        raise InputError(f"--gpu {text}: expected the TFLOP/s that a card sustains, a number above 0, or its name")
    return Given(number)
