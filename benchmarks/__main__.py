"""All benchmarks, one after the other, each in a process of its own; options are handed on."""

import subprocess
import sys

NAMES = (
    "training_step", "epoch", "codes", "packing", "tagging", "scoring", "graph", "job_start", "memory", "demo",
    "learning",
)  # fmt: skip


def main() -> None:
    """Run them, and fail if one does."""
    failed = []
    for name in NAMES:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]]
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
