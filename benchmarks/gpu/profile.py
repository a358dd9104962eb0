"""Where the time of a training step goes."""

from torch.autograd import DeviceType  # type: ignore[attr-defined]  # documented there, defined elsewhere
from torch.profiler import ProfilerActivity, profile

from benchmarks.gpu.scenes import CELLS, scene_trainer
from benchmarks.gpu.sizes import Sizes, Table
from benchmarks.training_step import random_dataset
from tagasc.runtime.device import choose_device


def profile_step(sizes: Sizes, table: Table) -> None:
    """List the kernels of one training step that take longest; on a CPU, the operations."""
    dataset = random_dataset(sizes.batch, choose_device(sizes.threads))
    trainer = scene_trainer(sizes, "table1", CELLS[1], dataset, sizes.batch, "auto", sizes.precision)
    for epoch in range(1, 4):
        trainer.train_epoch(epoch)
    on_gpu = dataset.device.type == "cuda"
    kind, activity = (DeviceType.CUDA, ProfilerActivity.CUDA) if on_gpu else (DeviceType.CPU, ProfilerActivity.CPU)
    with profile(activities={ProfilerActivity.CPU, activity}) as profiled:
        trainer.train_epoch(4)
    found = [
        (event.self_device_time_total if on_gpu else event.self_cpu_time_total, event.count, event.key)
        for event in profiled.key_averages()
        if event.device_type == kind and not event.is_user_annotation
    ]
    total = sum(time for time, _, _ in found)
    table.row(
        f"one step of table1 {CELLS[1]}",
        f"{sum(count for _, count, _ in found)} {'kernels' if on_gpu else 'operations'}, {total / 1e3:.2f} ms",
    )
    for time, count, name in sorted(found, reverse=True)[:15]:
        table.row(name[:80], f"{time / 1e3:.2f} ms, {time / total:.0%}, {count} calls")
