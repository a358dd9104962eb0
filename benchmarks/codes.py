"""Codes of whole clips per second, compared with the plain network in eager float32."""

import time

import torch

from benchmarks.ceilings import fastest
from benchmarks.record import arguments, device, report
from benchmarks.reference import plain_network
from benchmarks.training_step import Setting, random_dataset, trainer_of
from tagasc.config import Network
from tagasc.paper.grid import parse
from tagasc.runtime.device import choose_device
from tagasc.runtime.precision import resolve


def main() -> None:
    """Time both on random clips of 2 × 480,000 samples."""
    given = arguments(__doc__).parse_args()
    on_gpu = device().type == "cuda"
    setting = Setting("table1", "baseline", 24 if on_gpu else 4, 40 if on_gpu else 4, given.threads)
    clips = setting.batch * setting.steps
    torch.set_num_threads(given.threads)
    where = device()

    plain = plain_network(parse(setting.cell), Network(architecture="table1"), 2, 80, 10).to(where).eval()
    waveform, tags = torch.randn(setting.batch, 2, 479_999, device=where), torch.rand(setting.batch, 80, device=where)
    with torch.no_grad():  # first, because choose_device makes glibc keep freed memory for the rest of the process
        reference = setting.batch / fastest(lambda: plain(waveform, tags), where)

    trainer = trainer_of(setting, random_dataset(clips, choose_device(given.threads)))
    trainer.evaluate()
    started = time.perf_counter()
    trainer.evaluate()
    own = clips / (time.perf_counter() - started)
    report(
        "codes",
        f"table1 baseline, batch {setting.batch}: {own:.1f} clips/s from int16 to codes, in "
        f"{resolve('auto', where)}; plain network on a prepared batch {reference:.1f} clips/s; ratio "
        f"{own / reference:.2f}",
        record=given.record,
    )


if __name__ == "__main__":
    main()
