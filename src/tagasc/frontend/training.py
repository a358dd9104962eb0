"""The training of one cell as a job: it goes on where an interrupted one stopped, and leaves its files whole."""

import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save_file
from tqdm import trange

from tagasc.config import Frontend
from tagasc.corpora.device import choose_device
from tagasc.frontend.codes import CodesByEpoch
from tagasc.frontend.corpus import Corpus
from tagasc.frontend.trainer import Trainer
from tagasc.tagger.checkpoint import Checkpoint, digest
from tagasc.writing import written_whole


def train_cell(
    cell: str,
    seed: int,
    frontend: Frontend,
    sample_rate: int,
    *,
    clips: Path,
    waveforms: Path,
    tags: Path,
    model: Path,
    history: Path,
    codes: Path,
    threads: int,
    codes_by_epoch: Path | None = None,
    code_epochs: Collection[int] = (),
    checkpoint_interval: float = 60.0,
) -> None:
    """Train one cell with one seed, and leave its weights, its history and the code of every clip.

    Parameters
    ----------
    cell, seed
        Name of the cell; seed of weights, batches and mix-up.
    frontend
        Sizes of the network and the recipe of its training.
    sample_rate
        Of the packed corpus, in Hz.
    clips, waveforms, tags
        The packed corpus and its tag vectors.
    model
        Weights, as safetensors.
    history
        A JSON object an epoch: epoch, loss, train_accuracy, learning_rate, seconds, clips_per_second, peak_memory_mb;
        the last one, and those of ``code_epochs``, also have evaluate_accuracy, of the network's own output layer.
    codes
        float16 (1, clips, code): the codes of the last epoch.
    codes_by_epoch, code_epochs
        Where to leave, and after which epochs to compute, float16 (epochs, clips, code); the last epoch is one of them.
    threads
        CPU threads; on the CPU the result is repeatable bit by bit for the same number.
    checkpoint_interval
        Seconds between checkpoints, which stand beside the model while the training lasts.

    Raises
    ------
    InputError
        If the corpus does not fill a batch, or the loss is no longer a number.
    """
    pre_emphasis, gain, device = frontend.training.pre_emphasis, frontend.training.gain, choose_device(threads)
    corpus = Corpus.load(clips, waveforms, tags, pre_emphasis=pre_emphasis, gain=gain, device=device)
    trainer = Trainer.of_cell(cell, seed, frontend, sample_rate, corpus)
    given = {"cell": cell, "seed": seed, "frontend": frontend.model_dump(), "sample_rate": sample_rate}
    checkpoint = Checkpoint(
        model.with_name("checkpoint.safetensors"),
        digest(given | {"code_epochs": sorted(code_epochs)}, [clips, waveforms, tags]),
        checkpoint_interval,
    )
    kept = None
    if codes_by_epoch is not None:
        kept = CodesByEpoch(codes_by_epoch, code_epochs, len(corpus.labels), trainer.code)
        if not kept.unfinished.exists():
            checkpoint.remove()  # it is of no use without the codes so far
    rows: list[dict[str, Any]] = []
    if (progress := checkpoint.load(trainer.network, trainer.optimizer)) is not None:
        rows, trainer.random.bit_generator.state = progress["history"], progress["random"]
        print(f"going on after epoch {len(rows)}", file=sys.stderr)
    elif kept is not None:
        kept.begin()

    epochs = frontend.training.epochs
    with checkpoint:
        for epoch in trange(len(rows) + 1, epochs + 1, desc=f"{cell} seed {seed}", unit="epoch", mininterval=5):
            rows.append(trainer.train_epoch(epoch))
            if kept is not None and epoch in code_epochs and epoch < epochs:
                values, rows[-1]["evaluate_accuracy"] = trainer.evaluate()
                kept.add(epoch, values)
            progress = {"history": rows, "random": trainer.random.bit_generator.state}
            checkpoint.save(trainer.network, trainer.optimizer, progress)

        values, rows[-1]["evaluate_accuracy"] = trainer.evaluate()
        with written_whole(codes) as partial:
            np.save(partial, values[None].astype("float16"), allow_pickle=False)
        with written_whole(history) as partial:
            partial.write_text("".join(json.dumps(row) + "\n" for row in rows))
        weights = {name: tensor.cpu().contiguous() for name, tensor in trainer.network.state_dict().items()}
        with written_whole(model) as partial:
            save_file(weights, partial)
        if kept is not None:
            kept.add(epochs, values)
            kept.finish()
    checkpoint.remove()
