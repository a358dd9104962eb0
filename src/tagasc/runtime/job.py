"""The frame of a workflow job: its log, its error message, and its end by a signal."""

import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TextIO

from tagasc.runtime.errors import JOB_TERMINAL, InputError


class Stopped(SystemExit):
    """The job was told to stop by SIGTERM. Its exit status is the shell's for that signal, 143."""

    def __init__(self) -> None:
        super().__init__(128 + signal.SIGTERM)


@contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Run the block with its output and progress bars in the rule's log file.

    An `InputError` ends the job with its one line, in the log and on the terminal. Any other exception leaves its
    traceback in the log and its last line on the terminal. In both cases, the exit status is 1. What `warn` prints also
    appears in both places.

    SLURM sends SIGTERM some seconds before it kills a job that is preempted, cancelled or out of time. SIGTERM raises
    `Stopped` in the block, so that temporary files are removed and a training writes its checkpoint.
    """
    terminal = sys.stderr
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("w", buffering=1) as log,
        redirect_stdout(log),
        redirect_stderr(log),
        _warnings_on(terminal),
        _stopped_by_sigterm(),
    ):
        try:
            yield
        except InputError as error:
            line = f"tagasc: error: {error}"
        except Stopped:
            print("tagasc: stopped by SIGTERM", file=log)
            raise
        except Exception as error:
            traceback.print_exc()
            line = f"tagasc: {type(error).__name__}: {error} (the traceback is in {path})"
        else:
            return
        print(line, file=log)
        print(line, file=terminal, flush=True)
    sys.exit(1)


@contextmanager
def _warnings_on(terminal: TextIO) -> Iterator[None]:
    """Print the warnings of the block on the terminal, too."""
    token = JOB_TERMINAL.set(terminal)
    try:
        yield
    finally:
        JOB_TERMINAL.reset(token)


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Raise `Stopped` in the block at the first SIGTERM; SLURM sends several, and the others are ignored."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature of a signal handler
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
