"""The job of rule train_cell: the training of one cell with one seed. An interrupted training is resumed."""

import sys
from collections.abc import Sequence
from pathlib import Path

from numpy.random import SeedSequence, default_rng

from tagasc.artifacts.bundle import CHECKSUMS
from tagasc.artifacts.codes import CODES, CODES_BY_EPOCH, CROP_CODES, CodesByEpoch
from tagasc.artifacts.confused_scenes import read_pair
from tagasc.artifacts.history import CELL_HISTORY, write_history
from tagasc.artifacts.scenes import WAVEFORMS
from tagasc.artifacts.weights import MODEL, write_weights
from tagasc.config import Frontend, training_key
from tagasc.frontend.codes import compute_crop_codes
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import Cell
from tagasc.runtime.device import choose_device
from tagasc.runtime.staging import local_copy
from tagasc.training.precision import settle
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
    teachers: Sequence[Path] = (),
    confused_scenes: Path | None = None,
    codes_by_epoch: Path | None = None,
    code_epochs: Sequence[int] = (),
    crop_codes: Path | None = None,
    crop_codes_by_epoch: Path | None = None,
    start: Path | None = None,
    staging: str | None = None,
    checkpoint_interval: float = 60.0,
) -> None:
    """Train one cell with one seed, and write its weights, its history and the codes of all clips.

    Parameters
    ----------
    cell, seed
        How tags enter the network; seed of weights, batches and mix-up.
    frontend
        Sizes of the network and recipes of the trainings.
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
    teachers
        Weights of the cell that a specialist or student starts from and, for a student, of its specialists.
    confused_scenes
        The pairs of scenes from which a specialist takes its own.
    codes_by_epoch, code_epochs
        Optional output in the same folder, and the epochs whose codes it holds; the last epoch is one of them.
    crop_codes, crop_codes_by_epoch
        Optional outputs in the same folder: codes of crops of the training clips, after the last epoch and after all of
        these epochs.
    start
        Bundle from whose scene network a cell that is no specialist or student starts.
    staging
        Folder on this machine's own disk to which the waveforms are copied; see `tagasc.runtime.staging.local_copy`.
    checkpoint_interval
        Seconds between two checkpoints.

    Raises
    ------
    InputError
        If the GPU or the precision cannot be used, if an input is missing or damaged, if the blocks leave no frame of
        the clips, if the training clips do not fill a batch, or if the loss is no longer a number.
    """
    frontend = frontend.recipe(cell)
    training = frontend.training
    device = choose_device(threads)  # before any work, because it may refuse the GPU
    network = settle(frontend.network, device, "frontend.network.precision")
    frontend = frontend.model_copy(update={"network": network})
    WAVEFORMS.check(waveforms)
    dataset = SceneDataset.load(
        clips,
        local_copy(waveforms, staging),
        tags,
        preemphasis=training.preemphasis,
        gain=training.gain,
        device=device,
    )
    # Packing has checked an earlier configuration.
    frontend.require_frames(dataset.waveforms.shape[2], sample_rate, training_key(cell, "crop"))
    if cell.shuffled:
        dataset = dataset.with_shuffled_tags(seed)
    scenes = None
    if cell.specialist is not None and confused_scenes is not None:
        scenes = read_pair(confused_scenes, cell.specialist)
        print(f"{cell.name}: specialist of {' and '.join(scenes)}", file=sys.stderr)
    trainer = Trainer(cell, seed, frontend, sample_rate, dataset, teachers, scenes, start)
    parameters = sum(parameter.numel() for parameter in trainer.network.parameters())
    print(f"{cell.name}, seed {seed}: {parameters} parameters", file=sys.stderr)
    checksums = None if start is None else start / CHECKSUMS
    session = TrainingSession(
        model.parent,
        {
            "cell": cell.name,
            "seed": seed,
            "frontend": frontend.model_dump(),
            "sample_rate": sample_rate,
            "code_epochs": sorted(code_epochs),
            "crop_codes_by_epoch": crop_codes_by_epoch is not None,
        },
        [path for path in (clips, waveforms, tags, *teachers, confused_scenes, checksums) if path is not None],
        CODES_BY_EPOCH,
        trainer.learned,
        trainer.optimizer,
        trainer.random,
        checkpoint_interval,
    )

    def evaluate(epoch: int) -> None:
        values, session.history[-1]["evaluate_accuracy"] = trainer.evaluate(one_by_one=epoch == training.epochs)
        outputs = [(values, CODES, codes, codes_by_epoch)]
        if crop_codes is not None:
            # Not the trainer's generator: a training is the same with and without these codes.
            random = default_rng(SeedSequence(seed, spawn_key=(epoch,)))
            of_crops = compute_crop_codes(trainer.network, trainer.batches, random)
            outputs.append((of_crops, CROP_CODES, crop_codes, crop_codes_by_epoch))
        for of_epoch, artifact, last, every in outputs:
            if every is not None:
                # The session learns of the file when it exists: a checkpoint without its pending files is ignored.
                CodesByEpoch(session.pending(every.name), code_epochs).write(epoch, of_epoch)
            if epoch == training.epochs:
                artifact.write(last, of_epoch[None])

    with session:
        for epoch in session.epochs(training.epochs, f"{cell.name} seed {seed}"):
            session.history.append({"cell": cell.name, "seed": seed, **trainer.train_epoch(epoch)})
            if epoch in code_epochs and epoch < training.epochs:
                evaluate(epoch)
        evaluate(training.epochs)
        write_history(CELL_HISTORY, history, session.history)
        write_weights(MODEL, model, trainer.network)
