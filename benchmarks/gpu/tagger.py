"""How fast the tagger is trained, and how fast it tags."""

from functools import partial

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from benchmarks.ceilings import fastest
from benchmarks.gpu.clock import host_seconds, peak_memory
from benchmarks.gpu.sizes import Sizes, Table
from benchmarks.training_step import SAMPLE_RATE, SAMPLES
from tagasc.artifacts.events import EventCorpus
from tagasc.audio.mel_power import MelPower
from tagasc.config import Features, Mel, SoftLabels, Stage2, TaggerNetwork, TaggerTraining, Tagging
from tagasc.runtime.device import choose_device
from tagasc.tagger.augmentation import Augmentation
from tagasc.tagger.batches import Batches, Step
from tagasc.tagger.clip_power import ClipPower
from tagasc.tagger.draws import AugmentedPool
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.learning_rate import CosineRestarts
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.loss import MultiTaskLoss
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.pools import Pool, soft_labelled_pool
from tagasc.tagger.scene_tagger import SceneTagger
from tagasc.tagger.trainer import Trainer
from tagasc.training.divergence import LossCheck
from tagasc.training.optimizer import Adam

LABELS, BANDS = 80, 128


def _network(sizes: Sizes, where: torch.device) -> TwoHeadedResNet:
    return TwoHeadedResNet(TaggerNetwork(layers=list(sizes.layers), precision=sizes.precision), LABELS).to(where)


def random_events(clips: int) -> EventCorpus:
    """Return as many curated as noisy clips, of 3 to 15 s: a second has 127 frames."""
    lengths = np.random.default_rng(0).integers(381, 1906, clips)
    return events_of(np.concatenate([lengths, np.full(clips, 1906)]), curated=clips, bands=BANDS)


def events_of(frames: NDArray[np.int64], curated: int, bands: int) -> EventCorpus:
    """Return random clips with these numbers of frames: the first ones curated, and the others noisy."""
    clips = len(frames)
    rows = {
        "filename": [f"{row}.wav" for row in range(clips)],
        "subset": ["curated"] * curated + ["noisy"] * (clips - curated),
        "labels": [f"{row % LABELS:02}" for row in range(clips)],
        "start": frames.cumsum() - frames,
        "frames": frames,
        "scale": 1.0,
    }
    # Values repeat after a while, to save time.
    some = np.random.default_rng(0).random(1_000_003, np.float32).astype(np.float16)
    power = np.resize(some, (int(frames.sum()), bands))
    return EventCorpus(pd.DataFrame(rows), [f"{label:02}" for label in range(LABELS)], power)


def make_batches(stage: int, events: EventCorpus, training: TaggerTraining, where: torch.device) -> Batches:
    """Return the batches of a stage, as `tagasc.tagger.train_fold` makes them."""
    settings, rows = Stage2(), np.arange(len(events.clips))
    curated, noisy = (Pool.with_own_labels(events, rows[events.rows(subset)]) for subset in ("curated", "noisy"))
    pools, cropped = [curated, noisy], None
    if stage == 2:
        pools, cropped = [*pools, soft_labelled_pool(curated, noisy, settings)], settings
    random = np.random.default_rng(0)
    augmented = [AugmentedPool(events, pool, training, random, cropped) for pool in pools]
    power = ClipPower.load(events, TaggerNetwork(), training, where, len(pools))
    return Batches(augmented, Augmentation(power, training.slice_frames, LogMel(Features())), training.batch_size, [0])


def tagger_trainer(sizes: Sizes, stage: int, events: EventCorpus, where: torch.device) -> Trainer:
    """Return the trainer of a stage."""
    torch.manual_seed(0)
    training, network = TaggerTraining(batch_size=sizes.slices, slice_frames=sizes.slice_frames), _network(sizes, where)
    batches = make_batches(stage, events, training, where)
    loss = MultiTaskLoss(
        noisy_double_sigmoid=False, separate_batches=True, soft_label_weight=Stage2().soft_label_weight
    )
    optimizer = Adam(network.parameters(), training.learning_rate)
    schedule = CosineRestarts(training, training.cycle_epochs * len(batches))
    check = LossCheck("the tagger", "tagger.training.learning_rate", None, lambda: None)
    return Trainer(network, batches, loss, optimizer, schedule, check)


def train_tagger(sizes: Sizes, table: Table) -> None:
    """Measure training steps of both stages."""
    where = choose_device(sizes.threads)
    events = random_events(sizes.slices * sizes.tagger_steps)
    for stage in (1, 2):
        trainer = tagger_trainer(sizes, stage, events, where)
        trainer.train_epoch(1)
        step = min(trainer.train_epoch(epoch)["seconds"] for epoch in range(2, 2 + sizes.rounds)) / len(trainer.batches)
        host = host_seconds(trainer.batches.epoch(1), partial(_train_step, trainer), where)
        table.row(
            f"stage {stage}, {sizes.slices} clips of each kind",
            f"{1e3 * step:.1f} ms per step; the host alone {1e3 * host:.1f} ms; {peak_memory(where)}",
        )
        del trainer


def _train_step(trainer: Trainer, step: Step) -> None:
    """Train one step, as `Trainer.train_epoch` does."""
    loss = trainer.loss(trainer.network, step)
    trainer.optimizer.zero_grad()
    loss.backward()
    trainer.optimizer.step()


def tag_scenes(sizes: Sizes, table: Table) -> None:
    """Measure the tagging of packed scenes with one network."""
    where = choose_device(sizes.threads)
    tagger = SceneTagger([_network(sizes, where)], Features(), Tagging(), Mel(), SAMPLE_RATE)
    scenes = np.random.default_rng(0).integers(-32768, 32768, (sizes.clips, 2, SAMPLES), dtype=np.int16)
    scale, count = np.full(sizes.clips, 1 / 32768, np.float32), tagger.clips_at_a_time(SAMPLES)

    def tag() -> None:
        for first in range(0, sizes.clips, count):
            tagger.tag(scenes[first : first + count], scale[first : first + count])

    rate = sizes.clips / fastest(tag, where, times=2)
    table.row(f"{sizes.clips} scenes", f"{rate:.1f} clips/s from int16 on, {count} at a time; {peak_memory(where)}")


def tag_noisy_clips(sizes: Sizes, table: Table) -> None:
    """Measure the tagging of noisy clips, from which soft labels are made, with one network."""
    where = choose_device(sizes.threads)
    events = random_events(sizes.clips)
    rows = np.arange(len(events.clips))[events.rows("noisy")]
    ensemble = Ensemble([_network(sizes, where)], Features(), TaggerTraining().batch_frames, SoftLabels().padding)
    best = fastest(lambda: ensemble.tag_events(events, rows), where, times=2)
    table.row(f"{sizes.clips} noisy clips", f"{sizes.clips / best:.1f} clips/s; {peak_memory(where)}")


def compute_mel_power(sizes: Sizes, table: Table) -> None:
    """Measure the mel power of clips of 10 s."""
    where, mel = choose_device(sizes.threads), Mel()
    mel_power = MelPower(mel).to(where)
    clips = list(torch.randn(sizes.slices, 10 * mel.sample_rate, device=where))
    best = fastest(lambda: mel_power.of_clips(clips), where, times=4)
    table.row(f"{len(clips)} clips of 10 s", f"{10 * len(clips) / best:,.0f} s of audio per s; {peak_memory(where)}")
