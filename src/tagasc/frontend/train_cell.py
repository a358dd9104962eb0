"""The job of rule train_cell: the training of one cell with one seed. An interrupted training is resumed."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.codes import CODES, CODES_BY_EPOCH, CodesByEpoch
from tagasc.artifacts.history import CELL_HISTORY, write_history
from tagasc.artifacts.scenes import WAVEFORMS
from tagasc.artifacts.weights import MODEL, write_weights
from tagasc.config import Frontend
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import Cell
from tagasc.runtime.device import choose_device
from tagasc.runtime.staging import local_copy
from tagasc.training.session import TrainingSession


def train_cell(
    cell: Cell,
    seed: int,
    frontend: Frontend,
    sample_rate: int,
    *,
    clips: Path,
    waveforms: Path,
    model: Path,
    history: Path,
    codes: Path,
    threads: int,
    tags: Path | None = None,
    codes_by_epoch: Path | None = None,
    code_epochs: Sequence[int] = (),
    staging: str | None = None,
    checkpoint_interval: float = 60.0,
) -> None:
    """Train one cell with one seed, and write its weights, its history and the codes of all clips.

    Parameters
    ----------
    cell, seed
        How tags enter the network; seed of weights, batches and mix-up.
    frontend
        Sizes of the network and recipe of the training.
    sample_rate
        Sample rate of the packed scenes in Hz.
    clips, waveforms
        The packed scenes.
    model, history, codes
        Outputs, all in one folder: `tagasc.artifacts` says what is in them.
    threads
        CPU threads. On the CPU, the same number gives the same result bit for bit.
    tags
        Tag vectors of the scenes, for a cell that uses tags.
    codes_by_epoch, code_epochs
        Optional output in the same folder, and the epochs whose codes it holds; the last epoch is one of them.
    staging
        Folder on this machine's own disk to which the waveforms are copied; see `tagasc.runtime.staging.local_copy`.
    checkpoint_interval
        Seconds between two checkpoints.

    Raises
    ------
    InputError
        If an input is missing or damaged, if the blocks leave no frame of the clips, if the training clips do not fill
        a batch, or if the loss is no longer a number.
    """
    training = frontend.training
    WAVEFORMS.check(waveforms)
    dataset = SceneDataset.load(
        clips,
        local_copy(waveforms, staging),
        tags,
        preemphasis=training.preemphasis,
        gain=training.gain,
        device=choose_device(threads),
    )
    frontend.require_frames(dataset.waveforms.shape[2], sample_rate)  # packing has checked an earlier configuration
    if cell.shuffled:
        dataset = dataset.with_shuffled_tags(seed)
    trainer = Trainer(cell, seed, frontend, sample_rate, dataset)
    parameters = sum(parameter.numel() for parameter in trainer.network.parameters())
    print(f"{cell.name}, seed {seed}: {parameters} parameters", file=sys.stderr)
    session = TrainingSession(
        model.parent,
        {
            "cell": cell.name,
            "seed": seed,
            "frontend": frontend.model_dump(),
            "sample_rate": sample_rate,
            "code_epochs": sorted(code_epochs),
        },
        [path for path in (clips, waveforms, tags) if path is not None],
        CODES_BY_EPOCH,
        trainer.network,
        trainer.optimizer,
        trainer.random,
        checkpoint_interval,
    )

    def evaluate(epoch: int) -> NDArray[np.float32]:
        values, session.history[-1]["evaluate_accuracy"] = trainer.evaluate()
        if codes_by_epoch is not None:
            # The session learns of the file when it exists: a checkpoint whose pending files are missing is ignored.
            CodesByEpoch(session.pending(codes_by_epoch.name), code_epochs).write(epoch, values)
        return values

    with session:
        for epoch in session.epochs(training.epochs, f"{cell.name} seed {seed}"):
            session.history.append({"cell": cell.name, "seed": seed, **trainer.train_epoch(epoch)})
            if epoch in code_epochs and epoch < training.epochs:
                evaluate(epoch)
        CODES.write(codes, evaluate(training.epochs)[None])
        write_history(CELL_HISTORY, history, session.history)
        write_weights(MODEL, model, trainer.network)
