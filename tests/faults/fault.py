"""A fault, what is expected of it, and what is seen."""

from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest
from _pytest.mark import ParameterSet

from tagasc.runtime.errors import InputError

Outcome = Literal["same", "refused", "poor", "bad"]
OUTCOMES: dict[Outcome, str] = {
    "same": "survived with the same result",
    "refused": "refused in one line",
    "poor": "refused poorly: a raw exception, several lines or missing words",
    "bad": "silently wrong, or work lost",
}


def _never(_: object) -> bool:
    return False


@dataclass(frozen=True)
class Fault:
    """A fault.

    Parameters
    ----------
    name, group
        What it is called, and where it is counted.
    inject
        Damages something in the current folder.
    act
        Meets the damage, as a user or a job would.
    expected
        ``same`` or ``refused``; ``poor`` where Snakemake itself ends before our code is reached.
    words
        What the line of a refusal has to say, or what is said when the result is the same.
    is_same
        Whether the result is that of an undisturbed run, whose folder is given; called after ``act`` has succeeded.
    again
        What a user does after the refusal. The result must then be the same.
    """

    name: str
    group: str
    inject: Callable[[], object]
    act: Callable[[], object]
    expected: Outcome = "refused"
    words: tuple[str, ...] = ()
    is_same: Callable[[Path], bool] = _never
    again: Callable[[], object] | None = None


def params(faults: Iterable[Fault], is_quick: Callable[[Fault], bool] = _never) -> list[ParameterSet]:
    """Return parameters of a test; those of faults that are not quick are marked as slow."""
    return [
        pytest.param(fault, id=ascii(fault.name)[1:-1], marks=[] if is_quick(fault) else [pytest.mark.slow])
        for fault in faults
    ]


@dataclass(frozen=True)
class Seen:
    """What is seen of a fault: its outcome, and everything that was said."""

    outcome: Outcome
    said: str


def classify(fault: Fault, undisturbed: Path) -> Seen:
    """Inject a fault into the current folder and return what is seen."""
    fault.inject()
    status, said = run_frame(fault.act)
    if status == 0:
        same = fault.is_same(undisturbed) and all(word in said for word in fault.words)
        return Seen("same" if same else "bad", said)
    errors = list({line for line in said.splitlines() if line.startswith("tagasc: error: ")})
    one_line = status == 1 and len(errors) == 1 and "raceback" not in said  # a job names the place of its traceback
    if not one_line or not all(word in errors[0] for word in fault.words):
        return Seen("poor", f"status {status}: {said}")
    if fault.again is not None:
        status, more = run_frame(fault.again)
        said += more
        if status != 0 or not fault.is_same(undisturbed):
            return Seen("bad", f"{said}status {status} of the second run")
    return Seen("refused", said)


def run_frame(act: Callable[[], object]) -> tuple[int | str, str]:
    """Run something as a process would, and return its exit status and everything that the terminal shows.

    The status of an exception that nobody turned into a line is its name.
    """
    terminal = StringIO()
    status: int | str = 0
    try:
        with redirect_stderr(terminal), redirect_stdout(terminal):
            act()
    except InputError as error:
        status = 1
        terminal.write(f"\ntagasc: error: {error}\n")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        terminal.write(f"\n{end.code}\n" if isinstance(end.code, str) else "")
    except BaseException as error:
        status = type(error).__name__
        terminal.write(f"\nTraceback: {type(error).__name__}: {error}\n")
    return status, terminal.getvalue()
