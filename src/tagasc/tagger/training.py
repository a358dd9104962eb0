"""The two training stages of the tagger: multi-task learning, and soft pseudo-labels (Akiyama and Sato [14])."""

import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from tqdm import trange

from tagasc.config import Tagger
from tagasc.corpora.device import choose_device
from tagasc.corpora.packed import PackedEvents, load_events
from tagasc.errors import InputError
from tagasc.tagger.adam import Adam
from tagasc.tagger.batches import Pool, augmented_batch
from tagasc.tagger.checkpoint import Checkpoint, digest
from tagasc.tagger.folds import split_fold
from tagasc.tagger.lwlrap import lwlrap
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.prediction import tag_events
from tagasc.writing import written_whole


@dataclass(frozen=True)
class Pools:
    """What one fold trains on: curated, noisy and, in stage 2, soft-labelled clips; ``held_out`` are curated rows."""

    curated: Pool
    noisy: Pool
    soft: Pool | None
    held_out: NDArray[np.int64]


def pools_of_fold(events: PackedEvents, fold: int, settings: Tagger, soft_labels: Path | None) -> Pools:
    """Split the curated clips into a fold's training and held-out clips; all noisy clips are in every fold.

    With soft labels (noisy clips, classes), a third pool holds the curated training clips with their own labels and the
    noisy clips with the soft ones; ``settings.soft_curated_share`` of what is drawn are curated ones.

    Raises
    ------
    InputError
        If there are fewer curated clips than folds.
    """
    train, held_out = split_fold(events, fold, settings)
    noisy = np.arange(len(events.clips))[events.rows("noisy")]
    curated_pool = Pool(train, events.targets[train])
    pools = Pools(curated_pool, Pool(noisy, events.targets[noisy]), None, held_out)
    if soft_labels is None:
        return pools
    soft = np.load(soft_labels, allow_pickle=False)
    share = settings.soft_curated_share
    mass = [np.full(len(train), share / len(train)), np.full(len(noisy), (1 - share) / len(noisy))]
    return replace(
        pools,
        soft=Pool(
            np.concatenate([curated_pool.rows, noisy]),
            np.concatenate([curated_pool.targets, soft]),
            np.concatenate(mass),
        ),
    )


def learning_rate(step: int, steps_per_cycle: int, settings: Tagger) -> float:
    """Return the learning rate of a step (counted from 0): a cosine from highest to lowest, restarted every cycle."""
    phase = (step % steps_per_cycle) / steps_per_cycle
    low, high = settings.lowest_learning_rate, settings.learning_rate
    return low + (high - low) * (1 + math.cos(math.pi * phase)) / 2


def step_loss(
    network: TwoHeadedResNet,
    curated: tuple[Tensor, Tensor],
    noisy: tuple[Tensor, Tensor],
    soft: tuple[Tensor, Tensor] | None,
    settings: Tagger,
) -> Tensor:
    """Return BCE of the curated head + BCE of the noisy head (+ weight · MSE of the curated head to soft labels).

    Each argument is spectrograms (batch, 1, band, frame) and targets (batch, classes). All pass the trunk together.
    """
    parts = [curated, noisy] if soft is None else [curated, noisy, soft]
    features = network(torch.cat([spectrograms for spectrograms, _ in parts]))
    curated_features, noisy_features, *soft_features = features.split([len(targets) for _, targets in parts])
    noisy_scores = network.noisy_head(noisy_features)
    if settings.noisy_double_sigmoid:
        noisy_scores = noisy_scores.sigmoid()
    loss = F.binary_cross_entropy_with_logits(network.curated_head(curated_features), curated[1])
    loss = loss + F.binary_cross_entropy_with_logits(noisy_scores, noisy[1])
    if soft is not None:
        predicted = network.curated_head(soft_features[0]).sigmoid()
        loss = loss + settings.soft_label_weight * F.mse_loss(predicted, soft[1])
    return loss


def train_fold(
    fold: int,
    settings: Tagger,
    *,
    clips: Path,
    labels: Path,
    mel: Path,
    snapshots: Sequence[Path],
    history: Path,
    threads: int,
    start: Path | None = None,
    soft_labels: Path | None = None,
    checkpoint_interval: float = 60.0,
) -> None:
    """Train the network of one fold, for as many cycles as there are snapshots to write.

    Parameters
    ----------
    fold
        Which fold of the curated clips is held out, from 0.
    settings
        The tagger's section of the configuration.
    clips, labels, mel
        The packed events.
    snapshots
        One file of weights for the end of each cycle.
    history
        A JSON object an epoch: epoch, loss, learning_rate, seconds; the last one also has held_out_lwlrap.
    threads
        CPU threads.
    start, soft_labels
        Stage 2 only: stage 1's last weights of the same fold, and the soft labels of the noisy clips.
    checkpoint_interval
        Seconds between checkpoints.

    Raises
    ------
    InputError
        If there are fewer curated clips than folds, or the loss is no longer a number.
    """
    stage = 1 if soft_labels is None else 2
    seed = [settings.seed, stage, fold]
    torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
    random = np.random.default_rng(seed)
    device = choose_device(threads)
    events = load_events(clips, labels, mel)
    pools = pools_of_fold(events, fold, settings, soft_labels)
    if start is None:
        network = TwoHeadedResNet(settings, len(events.labels)).to(device)
    else:
        network = TwoHeadedResNet.load(start, settings, len(events.labels), device)
    optimizer = Adam(network.parameters(), settings.learning_rate)
    inputs = [path for path in (clips, labels, mel, start, soft_labels) if path is not None]
    checkpoint = Checkpoint(
        history.with_name("checkpoint.safetensors"),
        digest({"fold": fold, "stage": stage, "settings": settings.model_dump()}, inputs),
        checkpoint_interval,
    )
    rows: list[dict[str, Any]] = []
    if (progress := checkpoint.load(network, optimizer)) is not None:
        rows, random.bit_generator.state = progress["history"], progress["random"]
        print(f"going on after epoch {len(rows)}", file=sys.stderr)

    epochs = len(snapshots) * settings.cycle_epochs
    print(f"stage {stage}, fold {fold}: {len(pools.curated.rows)} curated clips, {epochs} epochs", file=sys.stderr)
    with checkpoint:
        for epoch in trange(len(rows) + 1, epochs + 1, desc=f"stage {stage} fold {fold}", unit="epoch", mininterval=5):
            rows.append(_train_epoch(epoch, network, optimizer, events, pools, settings, random, device))
            if epoch % settings.cycle_epochs == 0:
                network.save(_unfinished(snapshots[epoch // settings.cycle_epochs - 1]))
            checkpoint.save(network, optimizer, {"history": rows, "random": random.bit_generator.state})

        tags = tag_events([network], events, pools.held_out, settings, device)
        rows[-1]["held_out_lwlrap"] = lwlrap(events.targets[pools.held_out], tags)
    with written_whole(history) as partial:
        partial.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for snapshot in snapshots:
        _unfinished(snapshot).replace(snapshot)
    checkpoint.remove()


def _unfinished(snapshot: Path) -> Path:
    """Return where a snapshot waits for the training's end.

    Snakemake deletes the outputs of an interrupted job before it runs again, and a training that goes on in a later
    cycle would not write the snapshots of earlier ones a second time.
    """
    return snapshot.with_name(f"unfinished-{snapshot.name}")


def _train_epoch(
    epoch: int,
    network: TwoHeadedResNet,
    optimizer: Adam,
    events: PackedEvents,
    pools: Pools,
    settings: Tagger,
    random: np.random.Generator,
    device: torch.device,
) -> dict[str, Any]:
    """Run one epoch, a pass over the curated clips, and return its row of the history."""
    started = time.perf_counter()
    network.train()
    order = random.permutation(len(pools.curated.rows))
    batches = np.split(order, range(settings.batch, len(order), settings.batch))  # the incomplete one is kept
    noisy_order = pools.noisy.draw(len(batches) * settings.batch, random).reshape(len(batches), -1)
    total, rate = torch.zeros((), device=device), 0.0
    for number, (curated_positions, noisy_positions) in enumerate(zip(batches, noisy_order, strict=True)):
        rate = learning_rate((epoch - 1) * len(batches) + number, settings.cycle_epochs * len(batches), settings)
        optimizer.learning_rate = rate
        curated = augmented_batch(events, pools.curated, curated_positions, settings, random, device)
        noisy = augmented_batch(events, pools.noisy, noisy_positions, settings, random, device)
        soft = None
        if pools.soft is not None:
            drawn = pools.soft.draw(settings.batch, random)
            soft = augmented_batch(events, pools.soft, drawn, settings, random, device, crop=True)
        loss = step_loss(network, curated, noisy, soft, settings)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
    mean_loss = float(total) / len(batches)
    if not math.isfinite(mean_loss):
        raise InputError(
            f"the tagger's loss is not a number after epoch {epoch}; lower tagger.learning_rate "
            f"(now {settings.learning_rate:g})"
        )
    seconds = time.perf_counter() - started
    return {"epoch": epoch, "loss": mean_loss, "learning_rate": rate, "seconds": round(seconds, 3)}
