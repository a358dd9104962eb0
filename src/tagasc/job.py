"""The frame of one workflow job: its log, and what is said when it fails."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from tagasc.errors import InputError


@contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Run the block with its output and progress bars in the rule's log file.

    An `InputError` ends the job with its one line, in the log and on the terminal; any other exception leaves its
    traceback in the log and its last line on the terminal. Both exit with status 1.
    """
    terminal = sys.stderr
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", buffering=1) as log, redirect_stdout(log), redirect_stderr(log):
        try:
            yield
        except InputError as error:
            line = f"tagasc: error: {error}"
        except Exception as error:
            traceback.print_exc()
            line = f"tagasc: {type(error).__name__}: {error} (the traceback is in {path})"
        else:
            return
        print(line, file=log)
        print(line, file=terminal, flush=True)
    sys.exit(1)
