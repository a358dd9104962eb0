"""Epochs of both architectures, of the baseline and of the paper's best cell, against the plain loop and the hardware.

On a GPU an epoch has the paper's 9,185 clips of random int16 at full size. On a CPU it is a few steps, since there an
epoch is nothing but its steps; the time of a whole one is computed from them.
"""

from typing import Literal

from benchmarks.ceilings import arithmetic, bandwidth
from benchmarks.record import arguments, device, report
from benchmarks.training_step import Setting, compare, described, random_corpus, trainer_of
from tagasc.cells import parse
from tagasc.config import Network
from tagasc.frontend.cost import cost
from tagasc.frontend.network import block_widths
from tagasc.paper import ACCURACY

CLIPS = 9_185


def bytes_moved(architecture: Literal["table1", "table6"]) -> int:
    """Count the bytes that forward and backward pass move at least for a clip, in bfloat16.

    Forward, batch norm and activations cost no pass of their own: a block reads its input twice (convolution and
    shortcut, or writes and reads the shortcut's convolution), writes and reads what both convolutions give, and writes
    a third of that. The backward pass moves twice as much.
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
    """Compare four settings; on a GPU time whole epochs too."""
    parser = arguments(__doc__)
    parser.add_argument("--compile", action="store_true", help="compile our network, before the clock starts")
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
    corpus = random_corpus(CLIPS, where) if on_gpu else None
    for architecture in ("table1", "table6"):
        for cell in ("baseline", best):
            setting = Setting(
                architecture, cell, 24 if on_gpu else 4, 20 if on_gpu else 2, given.threads, given.compile
            )
            figures = compare(setting, 3)
            seconds = CLIPS / figures[0]
            if corpus is not None:
                trainer = trainer_of(setting, corpus)
                trainer.train_epoch(1)
                seconds = min(trainer.train_epoch(epoch)["seconds"] for epoch in (2, 3, 4))
            macs = cost(parse(cell), Network(architecture=architecture), 80, 10, 2, 480_000).macs
            floor = CLIPS * (6 * macs / peak), CLIPS * bytes_moved(architecture) / copied
            report(
                "epoch",
                f"{described(setting, figures)}; an epoch of {CLIPS:,} clips {seconds:,.1f} s"
                f"{'' if on_gpu else ' (computed)'}, {max(floor) / seconds:.0%} of the ceilings' "
                f"{floor[0]:,.1f} s (arithmetic) and {floor[1]:,.1f} s (bandwidth)",
                record=given.record,
            )


if __name__ == "__main__":
    main()
