"""Training of one fold's network, in either stage of Akiyama and Sato (2019) [14].

Stage 1 is multi-task training on curated and noisy labels. Stage 2 continues with soft pseudo-labels. The defaults
follow the released code of [14]. In it, both stages and all folds train the noisy head on all noisy clips; only the
soft-labelled clips of stage 2 leave a part of them out.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from tagasc.artifacts.events import MEL_POWER, EventCorpus, read_events
from tagasc.artifacts.history import TAGGER_HISTORY, write_history
from tagasc.artifacts.soft_labels import SOFT_LABELS
from tagasc.artifacts.weights import SNAPSHOTS, read_weights, write_weights
from tagasc.config import Features, Folds, Stage2, TaggerNetwork, TaggerTraining
from tagasc.runtime.device import choose_device
from tagasc.runtime.errors import InputError
from tagasc.tagger.augmentation import Augmentation
from tagasc.tagger.batches import Batches
from tagasc.tagger.clip_power import ClipPower
from tagasc.tagger.draws import AugmentedPool
from tagasc.tagger.ensemble import Ensemble
from tagasc.tagger.folds import noisy_of_fold, split_fold
from tagasc.tagger.learning_rate import CosineRestarts
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.loss import MultiTaskLoss
from tagasc.tagger.lwlrap import lwlrap
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.tagger.pools import Pool, soft_labelled_pool
from tagasc.tagger.trainer import Trainer
from tagasc.training.divergence import LossCheck
from tagasc.training.optimizer import Adam
from tagasc.training.precision import settle
from tagasc.training.session import TrainingSession


@dataclass(frozen=True)
class SecondStage:
    """What stage 2 needs in addition to stage 1.

    Parameters
    ----------
    settings
        Section ``stage2`` of the tagger's configuration.
    start
        Stage 1's last weights of the same fold.
    soft_labels
        Soft labels of the noisy clips.
    """

    settings: Stage2
    start: Path
    soft_labels: Path

    def pool(self, curated: Pool, noisy: Pool, fold: int, folds: Folds) -> Pool:
        """Return the soft-labelled pool of a fold.

        Raises
        ------
        InputError
            If the soft labels are missing, damaged, or not those of the noisy clips.
        """
        soft_labels = SOFT_LABELS.read(self.soft_labels)
        if soft_labels.shape != noisy.targets.shape:
            problem = f"has the shape {soft_labels.shape}, expected {noisy.targets.shape}, (noisy clips, labels)"
            raise SOFT_LABELS.error(self.soft_labels, problem)
        if not ((soft_labels >= 0) & (soft_labels <= 1)).all():  # NaN is neither
            raise SOFT_LABELS.error(self.soft_labels, "holds values outside [0, 1]")
        count = len(noisy.rows)
        kept = noisy_of_fold(count, fold, folds) if self.settings.noisy_by_fold else np.arange(count)
        return soft_labelled_pool(curated, Pool(noisy.rows[kept], soft_labels[kept]), self.settings)


def train_fold(
    fold: int,
    network: TaggerNetwork,
    features: Features,
    folds: Folds,
    training: TaggerTraining,
    *,
    clips: Path,
    labels: Path,
    mel_power: Path,
    snapshots: Sequence[Path],
    history: Path,
    threads: int,
    second_stage: SecondStage | None = None,
    checkpoint_interval: float = 60.0,
) -> None:
    """Train the network of one fold, for one cycle per snapshot.

    Parameters
    ----------
    fold
        Fold of the curated clips that is held out, from 0.
    network, features, folds, training
        Sections of the tagger's configuration.
    clips, labels, mel_power
        The packed events.
    snapshots
        Where to write the weights at the end of each cycle: paths in the folder of ``history``.
    history
        Where to write the history.
    threads
        CPU threads.
    second_stage
        Inputs of stage 2. None trains stage 1.
    checkpoint_interval
        Seconds between checkpoints.

    Raises
    ------
    InputError
        If there are fewer curated clips than folds, a batch has a single clip, the loss is not a number, or an input is
        missing or damaged.
    """
    stage = 1 if second_stage is None else 2
    seed = [training.seed, stage, fold]
    torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
    random = np.random.default_rng(seed)
    device = choose_device(threads)
    network = settle(network, device, "tagger.network.precision")

    events = read_events(clips, labels, mel_power)
    train, held_out = split_fold(events, fold, folds)
    curated = Pool.with_own_labels(events, train)
    noisy = Pool.with_own_labels(events, np.arange(len(events.clips))[events.rows("noisy")])
    model = TwoHeadedResNet(network, len(events.labels)).to(device)
    augmented = partial(AugmentedPool, events, training=training, random=random)
    inputs = [clips, labels, mel_power]
    soft, soft_label_weight = [], 0.0
    if second_stage is not None:
        read_weights(SNAPSHOTS, second_stage.start, model)
        settings = second_stage.settings
        soft = [augmented(pool=second_stage.pool(curated, noisy, fold, folds), stage2=settings)]
        if settings.crop == "all":
            augmented = partial(augmented, stage2=settings)
        soft_label_weight = settings.soft_label_weight
        inputs += [second_stage.start, second_stage.soft_labels]
    _require_statistics(training, fold, len(curated.rows), len(noisy.rows))
    pools = [augmented(pool=curated), augmented(pool=noisy), *soft]
    power = ClipPower.load(events, network, training, device, len(pools))
    augmentation = Augmentation(power, training.slice_frames, LogMel(features))
    batches = Batches(pools, augmentation, training.batch_size, seed)
    loss = MultiTaskLoss(
        noisy_double_sigmoid=training.noisy_double_sigmoid,
        separate_batches=training.separate_batches,
        soft_label_weight=soft_label_weight,
    )
    optimizer = Adam(model.parameters(), training.learning_rate)
    schedule = CosineRestarts(training, training.cycle_epochs * len(batches))
    check_losses = LossCheck(
        f"stage {stage}, fold {fold},",
        "tagger.training.learning_rate",
        "tagger.stage2.soft_label_weight" if stage == 2 else None,
        partial(_find_problem, events, mel_power),
    )
    trainer = Trainer(model, batches, loss, optimizer, schedule, check_losses)

    epochs = training.cycle_epochs * len(snapshots)
    sections = [network, features, folds, training, *([] if second_stage is None else [second_stage.settings])]
    parameters = {"fold": fold, "epochs": epochs, "sections": [section.model_dump() for section in sections]}
    print(f"stage {stage}, fold {fold}: {len(train)} curated clips, {epochs} epochs", file=sys.stderr)
    with TrainingSession(
        history.parent, parameters, inputs, SNAPSHOTS, model, optimizer, random, checkpoint_interval
    ) as session:
        for epoch in session.epochs(epochs, f"stage {stage} fold {fold}"):
            session.history.append(trainer.train_epoch(epoch))
            if epoch % training.cycle_epochs == 0:
                snapshot = snapshots[epoch // training.cycle_epochs - 1]
                write_weights(SNAPSHOTS, session.pending(snapshot.name), model)
        tags = Ensemble([model], features, training.batch_frames).tag_events(events, held_out)
        session.history[-1]["held_out_lwlrap"] = lwlrap(events.targets[held_out], tags)
        write_history(TAGGER_HISTORY, history, session.history)


def _require_statistics(training: TaggerTraining, fold: int, curated: int, noisy: int) -> None:
    """Check that no batch that passes the trunk by itself is a single clip, which has no batch statistics."""
    if training.separate_batches and min(training.batch_size, curated, noisy) == 1:
        raise InputError(
            f"tagger.training.separate_batches: fold {fold} trains on {curated} curated and {noisy} noisy clips in "
            f"batches of {training.batch_size}, and a single clip has no batch statistics of its own; set it to false, "
            f"choose a larger tagger.training.batch_size, or add clips"
        )


def _find_problem(events: EventCorpus, path: Path) -> str | None:
    """Return which clip has mel power that is not finite, and what to do; None if all is finite."""
    for row, name in enumerate(events.clips["filename"]):
        if not np.isfinite(events.power(row)).all():
            return str(MEL_POWER.error(path, f"holds values of {name} that are not finite"))
    return None
