"""The demo's two corpora, synthesised in the folder layouts of TAU 2019 and FSDKaggle2019.

A scene clip is a mixture of sound events over background noise. A scene decides how probable each event is: every
event occurs in several scenes, so their combination tells them apart and no single one does. The background's spectrum
belongs to the location and says little about the scene. An event clip holds one or two events.

Every clip draws from a generator of its own, keyed by the seed, one of the disjoint pools of `Pool` and the clip's
place in it: no instance of an event in the training scenes occurs in the evaluated ones or in the tagger's clips, nor
the other way round.
"""

import shutil
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from numpy.random import Generator, SeedSequence, default_rng
from tqdm import tqdm

from tagasc.config import Demo, Events, Scenes
from tagasc.corpora.synthesis import EVENTS, Colour, Samples, add, event, noise
from tagasc.errors import InputError
from tagasc.writing import written_whole

SCENES: dict[str, dict[str, float]] = {
    "airport": {"Microwave_oven": 0.95, "Keys_jangling": 0.9, "Walk_and_footsteps": 0.9, "Bus": 0.4},
    "metro_station": {"Bus": 0.95, "Microwave_oven": 0.9, "Raindrop": 0.6, "Walk_and_footsteps": 0.5, "Siren": 0.2},
    "park": {"Chirp_and_tweet": 0.95, "Bark": 0.9, "Raindrop": 0.5, "Walk_and_footsteps": 0.5},
    "public_square": {"Applause": 0.95, "Church_bell": 0.95, "Chirp_and_tweet": 0.5, "Walk_and_footsteps": 0.5},
    "shopping_mall": {
        "Keys_jangling": 0.95, "Applause": 0.9, "Walk_and_footsteps": 0.5, "Church_bell": 0.3, "Microwave_oven": 0.3,
    },
    "street_traffic": {"Bus": 0.95, "Siren": 0.9, "Bark": 0.5, "Raindrop": 0.2},
}  # fmt: skip
"""Probability that an event occurs in a clip of a scene; events that are not named have the probability `STRAY`."""
STRAY = 0.04
SEEN_CITIES, UNSEEN_CITY = ("barcelona", "helsinki", "lisbon"), "milan"
CLIPS_PER_LOCATION = 8
SECOND_EVENT, WRONG_LABEL = 0.2, 0.3
"""Probability that an event clip holds a second event; share of the noisy clips with a wrong label."""
LOWEST_RATE = 8000
MARKER = "synthesised.txt"


class Pool(IntEnum):
    """Disjoint sources of random numbers: the first key of each generator."""

    TRAIN = 0
    EVALUATE = 1
    UNUSED = 2
    CURATED = 3
    NOISY = 4
    TEST = 5
    LOCATION = 6
    FILE_NAMES = 7
    LABELS = 8


@dataclass(frozen=True)
class SceneClip:
    """A scene clip to be: its file below the folder, what stands in the lists, and its place in its pool."""

    filename: str
    scene: str
    city: str
    location: int
    pool: Pool
    number: int


@dataclass(frozen=True)
class EventClip:
    """An event clip to be: its file, the events that it holds, the labels that it is given, and its place."""

    fname: str
    events: tuple[str, ...]
    labels: tuple[str, ...]
    pool: Pool
    number: int


def generator(demo: Demo, pool: Pool, *key: int) -> Generator:
    """Return the generator of one thing in a pool."""
    return default_rng(SeedSequence(demo.seed, spawn_key=(pool, *key)))


def plan_scenes(demo: Demo) -> list[SceneClip]:
    """Return the scene clips: about eight a location, the unseen city only outside of training."""
    clips: list[SceneClip] = []
    location = 0
    for scene in SCENES:
        for pool, count, fewest in (
            (Pool.TRAIN, demo.train, len(SEEN_CITIES)),
            (Pool.EVALUATE, demo.evaluate, 2),
            (Pool.UNUSED, max(round(demo.evaluate / 10), 1), 1),
        ):
            locations = min(count, max(fewest, -(-count // CLIPS_PER_LOCATION)))
            cities = SEEN_CITIES if pool == Pool.TRAIN else (UNSEEN_CITY, *SEEN_CITIES)
            for place, numbers in enumerate(np.array_split(np.arange(count), locations)):
                city = cities[place % len(cities)]
                for segment, number in enumerate(numbers):
                    name = f"audio/{scene}-{city}-{location}-{segment}-a.wav"
                    clips.append(SceneClip(name, scene, city, location, pool, int(number)))
                location += 1
    return clips


def synthesise_scene(settings: Scenes, demo: Demo, clip: SceneClip) -> tuple[Samples, list[str]]:
    """Return a scene clip (samples, channels) at ``settings.sample_rate`` Hz, and the events that occur in it."""
    scene = list(SCENES).index(clip.scene)
    rng, rate, length = generator(demo, clip.pool, scene, clip.number), settings.sample_rate, settings.samples
    sound = 10 ** (rng.uniform(-2, 2) / 20) * _background(settings, generator(demo, Pool.LOCATION, clip.location), rng)
    level, present = np.sqrt(np.mean(sound**2)), []
    for name in EVENTS:
        if rng.random() >= SCENES[clip.scene].get(name, STRAY):
            continue
        present.append(name)
        for _ in range(1 + rng.poisson(settings.duration / 8)):
            part = event(rng, name, rate) * level * 10 ** (rng.uniform(0, 18) / 20)
            middle, angle = rng.uniform(0.1, 0.9) * length, rng.uniform(0, np.pi / 2)
            for channel, gain in enumerate((np.cos(angle), np.sin(angle))):
                add(sound[channel], np.sqrt(2) * gain * part, int(middle) - len(part) // 2)
    mixed = sound.T if settings.channels == 2 else sound.mean(0)[:, None]
    return np.asarray(mixed * min(1.0, 0.9 / np.abs(mixed).max())), present


def plan_events(demo: Demo, pool: Pool, count: int) -> list[EventClip]:
    """Return the event clips of a pool, ``count`` a class, sorted by file name."""
    clips = []
    rng = generator(demo, Pool.LABELS, pool)
    start = int(generator(demo, Pool.FILE_NAMES).integers(1 << 32))
    for index, first in enumerate(EVENTS):
        wrong = rng.permutation(count) < round(WRONG_LABEL * count) if pool == Pool.NOISY else np.zeros(count, bool)
        for place in range(count):
            others = [name for name in EVENTS if name != first]
            second = [str(rng.choice(others))] if rng.random() < SECOND_EVENT else []
            label = str(rng.choice([name for name in others if name not in second])) if wrong[place] else first
            number = index * count + place
            # Steps of an odd length modulo a power of two: no name occurs twice, within a pool or between pools.
            name = f"{(start + (number * 3 + pool - Pool.CURATED) * 0x9E3779B1) % (1 << 32):08x}.wav"
            clips.append(EventClip(name, (first, *second), tuple(sorted([label, *second])), pool, number))
    return sorted(clips, key=lambda clip: clip.fname)


def synthesise_event(settings: Events, demo: Demo, clip: EventClip) -> Samples:
    """Return an event clip (samples,) at ``settings.sample_rate`` Hz, 0.3 to about 4 s long."""
    rng, rate = generator(demo, clip.pool, clip.number), settings.sample_rate
    parts = [event(rng, name, rate) * 10 ** (rng.uniform(-6, 0) / 20) for name in clip.events]
    length = max(round(0.3 * rate), max(map(len, parts)) + round(rng.uniform(0.02, 0.8) * rate))
    lowest, highest = (0, 15) if clip.pool == Pool.NOISY else (15, 45)
    sound = 10 ** (-rng.uniform(lowest, highest) / 20) * noise(rng, length, rate, _colour(rng))
    for part in parts:
        add(sound, part, int(rng.integers(max(length - len(part), 0) + 1)))
    return np.asarray(sound * rng.uniform(0.1, 0.9) / np.abs(sound).max())


def write_demo_scenes(settings: Scenes, demo: Demo, folder: Path) -> None:
    """Write the scene corpus: audio/ (24 bit), evaluation_setup/fold1_*.csv and, last, meta.csv, tab-separated.

    Raises
    ------
    InputError
        For a rate below 8000 Hz, or a folder with recordings that are not the demo's.
    """
    _prepare(folder, ["meta.csv", "evaluation_setup", "audio"], settings.sample_rate, "scenes", demo)
    clips = plan_scenes(demo)
    for clip in tqdm(clips, desc="demo scenes", unit="clip"):
        samples, _ = synthesise_scene(settings, demo, clip)
        _write_audio(folder / clip.filename, samples, settings.sample_rate, "PCM_24")
    rows = [(clip.filename, clip.scene, f"{clip.city}-{clip.location}", "a") for clip in clips]
    table = pd.DataFrame(rows, columns=["filename", "scene_label", "identifier", "source_label"])
    pools = np.array([clip.pool for clip in clips])
    for name, pool, columns in (
        ("train", Pool.TRAIN, ["filename", "scene_label"]),
        ("evaluate", Pool.EVALUATE, ["filename", "scene_label"]),
        ("test", Pool.EVALUATE, ["filename"]),
    ):
        _write_table(folder / f"evaluation_setup/fold1_{name}.csv", table.loc[pools == pool, columns], "\t")
    _write_table(folder / "meta.csv", table, "\t")


def write_demo_events(settings: Events, demo: Demo, folder: Path) -> None:
    """Write the event corpus: three folders of clips (16 bit, one channel) and, last, the tables of FSDKaggle2019.meta.

    Raises
    ------
    InputError
        For a rate below 8000 Hz, or a folder with recordings that are not the demo's.
    """
    pools = {"train_curated": Pool.CURATED, "train_noisy": Pool.NOISY, "test": Pool.TEST}
    counts = {"train_curated": demo.curated, "train_noisy": demo.noisy, "test": demo.test}
    names = ["FSDKaggle2019.meta", *(f"FSDKaggle2019.audio_{part}" for part in pools)]
    _prepare(folder, names, settings.sample_rate, "events", demo)
    parts = {part: plan_events(demo, pool, counts[part]) for part, pool in pools.items()}
    for part, clips in parts.items():
        for clip in tqdm(clips, desc=f"demo events, {part}", unit="clip"):
            path = folder / f"FSDKaggle2019.audio_{part}" / clip.fname
            _write_audio(path, synthesise_event(settings, demo, clip), settings.sample_rate, "PCM_16")
    for part, clips in parts.items():
        table = pd.DataFrame(
            {"fname": [clip.fname for clip in clips], "labels": [",".join(clip.labels) for clip in clips]}
        )
        if part == "test":
            table["usage"] = ["Public" if clip.number % 2 else "Private" for clip in clips]
        source = "flickr_video_URL" if part == "train_noisy" else "freesound_id"
        table[source] = [clip.number for clip in clips]
        table["license"] = "CC0"
        _write_table(folder / f"FSDKaggle2019.meta/{part}_post_competition.csv", table, ",")


def _background(settings: Scenes, place: Generator, rng: Generator) -> Samples:
    """Return background noise (2, samples): level, colour and width of the location, its course of the clip."""
    colour, level, width = _colour(place), 10 ** (place.uniform(-46, -34) / 20), place.uniform(0.1, 0.7)
    common, *own = (noise(rng, settings.samples, settings.sample_rate, colour) for _ in range(3))
    time = np.arange(settings.samples) / settings.sample_rate
    swell = 1 + rng.uniform(0, 0.3) * np.sin(2 * np.pi * (rng.uniform(0.1, 1) * time + rng.uniform()))
    return np.stack([level * swell * (np.sqrt(1 - width) * common + np.sqrt(width) * side) for side in own])


def _colour(rng: Generator) -> Colour:
    """Return a random noise colour: a tilt and three peaks or dips."""
    peaks = [(100 * 2 ** rng.uniform(0, 5.3), rng.uniform(0.2, 0.8), rng.uniform(-8, 8)) for _ in range(3)]
    return Colour(rng.uniform(-8, -2), tuple(peaks))


def _prepare(folder: Path, names: list[str], rate: int, section: str, demo: Demo) -> None:
    """Make room for files and folders, the tables first, replacing an earlier demo's but nobody's recordings."""
    if rate < LOWEST_RATE:
        raise InputError(
            f"{section}.sample_rate: {rate} Hz is too low for the demo's sounds; take {LOWEST_RATE} or more"
        )
    marker = folder / MARKER
    for path in (folder / name for name in names):
        # Snakemake makes the folders of a job's outputs: an empty one is nobody's.
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            if not marker.exists():
                raise InputError(
                    f"{path}: was not synthesised, and the demo would overwrite it; name another {section}.folder, or "
                    f"set {section}.source: folder to use the recordings that are there"
                )
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    with written_whole(marker) as partial:
        partial.write_text(
            f"Synthesised by tagasc, demo.seed {demo.seed}; the demo replaces this folder's recordings.\n"
        )


def _write_audio(path: Path, samples: Samples, rate: int, subtype: str) -> None:
    """Write samples (samples,) or (samples, channels) in [-1, 1] to a WAV file."""
    with written_whole(path) as partial:
        soundfile.write(partial, samples, rate, subtype=subtype)


def _write_table(path: Path, table: pd.DataFrame, separator: str) -> None:
    """Write a table with a header."""
    with written_whole(path) as partial:
        table.to_csv(partial, sep=separator, index=False, lineterminator="\n")
