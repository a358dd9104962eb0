"""Epochs of both architectures, for the baseline and the best cell, compared with a plain loop and the hardware.

On a GPU, an epoch has the paper's 9,185 clips at full size, of random int16. On a CPU, a few steps are timed and the
duration of an epoch is computed from them.
"""

from typing import Literal

from benchmarks.ceilings import arithmetic, bandwidth
from benchmarks.record import arguments, device, report
from benchmarks.training_step import Setting, compare, describe, random_dataset, trainer_of
from tagasc.config import Network
from tagasc.frontend.cost import cost
from tagasc.frontend.operations import block_widths
from tagasc.paper.grid import parse
from tagasc.paper.numbers import ACCURACY

CLIPS = 9_185


def bytes_moved(architecture: Literal["table1", "table6"]) -> int:
    """Return the smallest number of bytes that forward and backward pass of one clip can move, in bfloat16.

    In the forward pass, batch norm and activations move nothing themselves. A block reads its input for the convolution
    and for the shortcut. If the shortcut is a convolution, its output is written and read as well. The outputs of the
    two convolutions are written and read, and a third of the last one is written after pooling. The backward pass moves
    twice as much.
    """
    settings = Network(architecture=architecture)
    frames = 479_999 // 12
    values = frames * settings.filters
    for inputs, middle, outputs in block_widths(settings):
        shortcut = inputs if inputs == outputs else 2 * outputs
        values += frames * (inputs + 2 * middle + 2 * outputs + shortcut) + frames // 3 * outputs
        frames //= 3
    return 3 * 2 * values


def main() -> None:
    """Compare four settings. On a GPU, time whole epochs as well."""
    parser = arguments(__doc__)
    parser.add_argument("--compile", action="store_true", help="compile tagasc's network before the clock starts")
    given = parser.parse_args()
    where = device()
    on_gpu = where.type == "cuda"
    peak, copied = arithmetic(where), bandwidth(where)
    report(
        "ceilings",
        f"{peak / 1e12:.2f} TFLOP/s (product of matrices of 4,096 in bfloat16), {copied / 1e9:.0f} GB/s (copy)",
        record=given.record,
    )
    best = max((cell for cell in ACCURACY if cell.startswith("shared")), key=ACCURACY.__getitem__)
    dataset = random_dataset(CLIPS, where) if on_gpu else None
    for architecture in ("table1", "table6"):
        for cell in ("baseline", best):
            setting = Setting(
                architecture, cell, 24 if on_gpu else 4, 20 if on_gpu else 2, given.threads, given.compile
            )
            rates = compare(setting, 3)
            seconds = CLIPS / rates[0]
            if dataset is not None:
                trainer = trainer_of(setting, dataset)
                trainer.train_epoch(1)
                seconds = min(trainer.train_epoch(epoch)["seconds"] for epoch in (2, 3, 4))
            macs = cost(parse(cell), Network(architecture=architecture), 80, 10, 2, 480_000).macs
            floor = CLIPS * (6 * macs / peak), CLIPS * bytes_moved(architecture) / copied
            report(
                "epoch",
                f"{describe(setting, rates)}; an epoch of {CLIPS:,} clips {seconds:,.1f} s"
                f"{'' if on_gpu else ' (computed)'}, {max(floor) / seconds:.0%} of the ceilings' "
                f"{floor[0]:,.1f} s (arithmetic) and {floor[1]:,.1f} s (bandwidth)",
                record=given.record,
            )


if __name__ == "__main__":
    main()
