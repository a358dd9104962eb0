"""Rule make_demo_events: synthetic sound events in the folder layout of FSDKaggle2019."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from tagasc.config import DemoEvents
from tagasc.corpora.receipts import synthesised
from tagasc.corpora.synthetic.folder import clear_folder, require_rate, write_audio, write_list
from tagasc.corpora.synthetic.pools import Pool, generator
from tagasc.corpora.synthetic.sounds import EVENTS, Samples, add, event, noise, random_colour

SECOND_EVENT = 0.2
"""Probability that a clip holds a second event."""
WRONG_LABEL = 0.3
"""Share of the noisy clips that have a wrong label."""


@dataclass(frozen=True)
class EventClip:
    """A planned event clip: its file, the events that it holds, its labels, its pool and its number there."""

    fname: str
    events: tuple[str, ...]
    labels: tuple[str, ...]
    pool: Pool
    number: int


def write_demo_events(sample_rate: int, demo: DemoEvents, folder: Path) -> None:
    """Write the synthetic events: three folders of clips (16 bits, mono) and, last, the lists in FSDKaggle2019.meta.

    Raises
    ------
    InputError
        If the sample rate is below 8000 Hz, or if the folder has recordings that are not the demo's.
    """
    require_rate(sample_rate, "events.mel.sample_rate")
    subsets = {
        "train_curated": plan_events(demo.seed, Pool.CURATED, demo.curated),
        "train_noisy": plan_events(demo.seed, Pool.NOISY, demo.noisy),
        "test": plan_events(demo.seed, Pool.TEST, demo.test),
    }
    names = ["FSDKaggle2019.meta", *(f"FSDKaggle2019.audio_{subset}" for subset in subsets)]
    clear_folder(folder, names, "events", synthesised(sample_rate, demo))
    for subset, clips in subsets.items():
        for clip in tqdm(clips, desc=f"demo events, {subset}", unit="clip"):
            path = folder / f"FSDKaggle2019.audio_{subset}" / clip.fname
            write_audio(path, synthesise_event(sample_rate, demo.seed, clip), sample_rate, "PCM_16")
    for subset, clips in subsets.items():
        table = pd.DataFrame(
            {"fname": [clip.fname for clip in clips], "labels": [",".join(clip.labels) for clip in clips]}
        )
        if subset == "test":
            table["usage"] = ["Public" if clip.number % 2 else "Private" for clip in clips]
        source = "flickr_video_URL" if subset == "train_noisy" else "freesound_id"
        table[source] = [clip.number for clip in clips]
        table["license"] = "CC0"
        write_list(folder / f"FSDKaggle2019.meta/{subset}_post_competition.csv", table, ",")


def plan_events(seed: int, pool: Pool, count: int) -> list[EventClip]:
    """Return the event clips of a pool, ``count`` per event, sorted by filename."""
    clips = []
    rng = generator(seed, Pool.LABELS, pool)
    start = int(generator(seed, Pool.FILE_NAMES).integers(1 << 32))
    for index, first in enumerate(EVENTS):
        wrong = rng.permutation(count) < round(WRONG_LABEL * count) if pool == Pool.NOISY else np.zeros(count, bool)
        for place in range(count):
            others = [name for name in EVENTS if name != first]
            second = [str(rng.choice(others))] if rng.random() < SECOND_EVENT else []
            label = str(rng.choice([name for name in others if name not in second])) if wrong[place] else first
            number = index * count + place
            # Steps of an odd length modulo a power of two, so that no name occurs twice in any pool.
            name = f"{(start + (number * 3 + pool - Pool.CURATED) * 0x9E3779B1) % (1 << 32):08x}.wav"
            clips.append(EventClip(name, (first, *second), tuple(sorted([label, *second])), pool, number))
    return sorted(clips, key=lambda clip: clip.fname)


def synthesise_event(sample_rate: int, seed: int, clip: EventClip) -> Samples:
    """Return an event clip (samples,) at a sample rate in Hz, 0.3 to about 4 s long."""
    rng = generator(seed, clip.pool, clip.number)
    parts = [event(rng, name, sample_rate) * 10 ** (rng.uniform(-6, 0) / 20) for name in clip.events]
    length = max(round(0.3 * sample_rate), max(map(len, parts)) + round(rng.uniform(0.02, 0.8) * sample_rate))
    lowest, highest = (0, 15) if clip.pool == Pool.NOISY else (15, 45)
    sound = 10 ** (-rng.uniform(lowest, highest) / 20) * noise(rng, length, sample_rate, random_colour(rng))
    for part in parts:
        add(sound, part, int(rng.integers(max(length - len(part), 0) + 1)))
    return np.asarray(sound * rng.uniform(0.1, 0.9) / np.abs(sound).max())
