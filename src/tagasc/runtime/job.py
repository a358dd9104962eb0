"""The frame of a workflow job: its log, its error message, and its end by a signal."""

import io
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TextIO

from tagasc.runtime.errors import JOB_TERMINAL
from tagasc.runtime.system_errors import Grant, as_input_error, one_line_exit


class Stopped(SystemExit):
    """The job was told to stop by SIGTERM. Its exit status is the shell's for that signal, 143."""

    def __init__(self) -> None:
        super().__init__(128 + signal.SIGTERM)


@contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Run the block with its output and progress bars in the rule's log file.

    An `InputError` ends the job with its one line, in the log and on the terminal. So does what the operating system
    refuses, such as a full disk. Any other exception leaves its traceback in the log and its last line on the terminal.
    In all cases, the exit status is 1. What `warn` prints also appears in both places. A log that the disk has no space
    for does not stop the job.

    SLURM sends SIGTERM some seconds before it kills a job that is preempted, cancelled or out of time. SIGTERM raises
    `Stopped` in the block, so that temporary files are removed and a training writes its checkpoint.
    """
    terminal = sys.stderr
    path, folder = Path(snakemake.log[0]), Path(snakemake.output[0]).parent
    grant = Grant(snakemake.rule, getattr(snakemake.resources, "mem_mb", None))
    with one_line_exit():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _LogFile(path, terminal)
    with (
        io.TextIOWrapper(io.BufferedWriter(file), encoding="utf-8", line_buffering=True) as log,
        redirect_stdout(log),
        redirect_stderr(log),
        _warnings_on(terminal),
        _stopped_by_sigterm(),
    ):
        try:
            yield
        except Stopped:
            print("tagasc: stopped by SIGTERM", file=log)
            raise
        except Exception as error:
            if (refused := as_input_error(error, folder, grant)) is not None:
                line = f"tagasc: error: {refused}"
            else:
                traceback.print_exc()
                line = f"tagasc: {type(error).__name__}: {error} (the traceback is in {path})"
        else:
            return
        print(line, file=log)
        print(line, file=terminal, flush=True)
    sys.exit(1)


class _LogFile(io.FileIO):
    """A log file. If the disk refuses a write, one warning appears on the terminal, and that part is lost."""

    def __init__(self, path: Path, terminal: TextIO) -> None:
        super().__init__(path, "w")
        self._terminal: TextIO | None = terminal

    def write(self, data: Any, /) -> int:
        """Write to the file, or drop the data."""
        try:
            return super().write(data)
        except OSError as error:
            if self._terminal is not None:
                print(f"tagasc: warning: {self.name}: the log is incomplete ({error.strerror})", file=self._terminal)
                self._terminal = None
            return len(data)


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
