"""The training of one scene network, after reference [22] (the paper prints no hyper-parameters)."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor
from tqdm import trange

from tagasc.cells import parse
from tagasc.config import Frontend, Training
from tagasc.errors import InputError
from tagasc.frontend.codes import codes_and_predictions
from tagasc.frontend.corpus import Corpus
from tagasc.frontend.network import SceneNetwork, TagStandardisation
from tagasc.tagger.checkpoint import Checkpoint, digest
from tagasc.tagger.device import choose_device
from tagasc.writing import written_whole


@dataclass(frozen=True)
class Batch:
    """A batch before mix-up: its clips, their partners and the share of each clip in the mixture."""

    rows: Tensor
    partners: Tensor
    share: float
    starts: Tensor | None


def draw_epoch(
    epoch: int, corpus: Corpus, training: Training, crop: int | None, random: np.random.Generator
) -> Iterator[Batch]:
    """Yield the batches of an epoch (counted from 1): the training clips permuted, without an incomplete batch."""
    order = random.permutation(np.arange(corpus.train.start, corpus.train.stop))
    latest = corpus.waveforms.shape[2] - (crop or 0)
    for first in range(0, len(order) - training.batch + 1, training.batch):
        rows = torch.from_numpy(order[first : first + training.batch])
        starts = None if crop is None else torch.from_numpy(random.integers(0, latest + 1, training.batch))
        share, partners = 1.0, torch.arange(training.batch)
        if epoch >= training.mix_up_from_epoch:
            share = random.beta(training.mix_up_alpha, training.mix_up_alpha)
            partners = torch.from_numpy(random.permutation(training.batch))
        yield Batch(rows, partners, share, starts)


def mix(values: Tensor, partners: Tensor, share: float) -> Tensor:
    """Return share · values + (1 - share) · their partners, along the first dimension."""
    return values if share == 1 else share * values + (1 - share) * values[partners]


def batch_loss(
    network: SceneNetwork, corpus: Corpus, batch: Batch, crop: int | None, mix_tags: bool
) -> tuple[Tensor, Tensor]:
    """Return the mixed cross-entropy of a batch and the number of clips whose larger share is classified right."""
    waveform, tags, labels = corpus.batch(batch.rows, batch.starts, crop)
    partners, share = batch.partners.to(labels.device), batch.share
    mixed_tags = mix(tags, partners, share) if mix_tags else tags
    _, scores = network(mix(waveform, partners, share), mixed_tags)
    loss = F.cross_entropy(scores, labels)
    if share != 1:
        loss = share * loss + (1 - share) * F.cross_entropy(scores, labels[partners])
    larger = labels if share >= 0.5 else labels[partners]
    return loss, (scores.detach().argmax(dim=1) == larger).sum()


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
        the last one also has evaluate_accuracy, of the network's own output layer.
    codes
        float16 (1, clips, code): the codes of the last epoch.
    threads
        CPU threads; on the CPU the result is repeatable bit by bit for the same number.
    checkpoint_interval
        Seconds between checkpoints, which stand beside the model while the training lasts.

    Raises
    ------
    InputError
        If the corpus does not fill a batch, or the loss is no longer a number.
    """
    device = choose_device(threads)
    torch.manual_seed(seed)
    training = frontend.training
    corpus = Corpus.load(clips, waveforms, tags, pre_emphasis=training.pre_emphasis, gain=training.gain, device=device)
    if training.shuffle_tags:
        corpus = corpus.with_shuffled_tags(seed)
    corpus.check(training.batch)
    network = SceneNetwork(
        parse(cell), frontend.network, corpus.waveforms.shape[1], corpus.tags.shape[1], len(corpus.scenes)
    ).to(device)
    if isinstance(network.standardise, TagStandardisation):
        network.standardise.fit(corpus.tags[corpus.train])
    print(f"{cell}, seed {seed}: {sum(p.numel() for p in network.parameters())} parameters", file=sys.stderr)
    optimizer = torch.optim.Adam(
        network.parameters(),
        training.learning_rate,
        weight_decay=training.weight_decay,
        amsgrad=training.amsgrad,
        fused=True,
    )
    random = np.random.default_rng(seed)
    checkpoint = Checkpoint(
        model.with_name("checkpoint.safetensors"),
        digest(
            {"cell": cell, "seed": seed, "frontend": frontend.model_dump(), "sample_rate": sample_rate},
            [clips, waveforms, tags],
        ),
        checkpoint_interval,
    )
    rows: list[dict[str, Any]] = []
    if (progress := checkpoint.load(network, optimizer)) is not None:
        rows, random.bit_generator.state = progress["history"], progress["random"]
        print(f"going on after epoch {len(rows)}", file=sys.stderr)

    crop = None if training.crop is None else min(round(training.crop * sample_rate), corpus.waveforms.shape[2])
    with checkpoint:
        for epoch in trange(
            len(rows) + 1, training.epochs + 1, desc=f"{cell} seed {seed}", unit="epoch", mininterval=5
        ):
            rows.append(_train_epoch(epoch, network, optimizer, corpus, training, crop, random))
            checkpoint.save(network, optimizer, {"history": rows, "random": random.bit_generator.state})

    values, predicted = codes_and_predictions(network, corpus, training.batch)
    labels = corpus.labels[corpus.evaluate].cpu().numpy()
    rows[-1]["evaluate_accuracy"] = float((predicted[corpus.evaluate] == labels).mean())
    with written_whole(codes) as partial:
        np.save(partial, values[None].astype("float16"), allow_pickle=False)
    with written_whole(history) as partial:
        partial.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with written_whole(model) as partial:
        save_file({name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}, partial)
    checkpoint.remove()


def _train_epoch(
    epoch: int,
    network: SceneNetwork,
    optimizer: torch.optim.Optimizer,
    corpus: Corpus,
    training: Training,
    crop: int | None,
    random: np.random.Generator,
) -> dict[str, Any]:
    """Run one epoch and return its row of the history."""
    started = time.perf_counter()
    network.train()
    # Losses stay on the device until the epoch ends: reading them earlier would make the host wait for every step.
    losses: list[Tensor] = []
    correct = torch.zeros((), device=corpus.scale.device)
    for batch in draw_epoch(epoch, corpus, training, crop, random):
        loss, right = batch_loss(network, corpus, batch, crop, training.mix_tags)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        correct += right
    values = torch.stack(losses).cpu().numpy()  # waits for the device, so the clock is read after it
    seconds = time.perf_counter() - started
    if not np.isfinite(values).all():
        first = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
        raise InputError(
            f"the loss of {network.cell.name} is not a number in epoch {epoch}, batch {first} of {len(values)}; lower "
            f"frontend.training.learning_rate (now {training.learning_rate:g})"
        )
    clips = len(values) * training.batch
    return {
        "epoch": epoch,
        "loss": float(values.mean(dtype=np.float64)),
        "train_accuracy": float(correct) / clips,
        "learning_rate": training.learning_rate,
        "seconds": round(seconds, 3),
        "clips_per_second": round(clips / seconds, 1),
        "peak_memory_mb": _peak_memory(corpus.scale.device),
    }


def _peak_memory(device: torch.device) -> int:
    """Return the most memory so far in MB: of the GPU, or of the process on a CPU (the mapped corpus included)."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) // 10**6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6
