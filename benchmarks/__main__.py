"""All benchmarks, one after the other, each in its own process. Options are passed to all of them."""

import subprocess
import sys

NAMES = (
    "training_step", "epoch", "codes", "packing", "tagger_batches", "tagging", "scoring", "graph", "job_start",
    "memory", "demo", "export", "false_alarms", "learning",
)  # fmt: skip


def main() -> None:
    """Run all benchmarks, and fail if one of them fails."""
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
