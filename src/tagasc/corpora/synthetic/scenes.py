"""Rule make_demo_scenes: synthetic scenes in the folder layout of TAU 2019.

A scene clip is a mixture of sound events over background noise. The scene decides how probable each event is. Every
event occurs in several scenes, so only their combination tells the scenes apart. The spectrum of the background
belongs to the location and says little about the scene.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import Generator
from tqdm import tqdm

from tagasc.config import Audio, DemoScenes
from tagasc.corpora.receipts import synthesised
from tagasc.corpora.synthetic.folder import clear_folder, require_rate, write_audio, write_list
from tagasc.corpora.synthetic.pools import Pool, generator
from tagasc.corpora.synthetic.sounds import EVENTS, Samples, add, event, noise, random_colour

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
"""Probability that an event occurs in a clip of a scene. Events that are not named have `OTHER_PROBABILITY`."""
OTHER_PROBABILITY = 0.04
SEEN_CITIES, UNSEEN_CITY = ("barcelona", "helsinki", "lisbon"), "milan"
CLIPS_PER_LOCATION = 8


@dataclass(frozen=True)
class SceneClip:
    """A planned scene clip: its file below the folder, its entries in the lists, its pool and its number there."""

    filename: str
    scene: str
    city: str
    location: int
    pool: Pool
    number: int


def write_demo_scenes(audio: Audio, demo: DemoScenes, folder: Path) -> None:
    """Write the synthetic scenes: audio/ (24 bits), evaluation_setup/fold1_*.csv and, last, meta.csv.

    Raises
    ------
    InputError
        If the sample rate is below 8000 Hz, or if the folder has recordings that are not the demo's.
    """
    require_rate(audio.sample_rate, "scenes.audio.sample_rate")
    clear_folder(folder, ["meta.csv", "evaluation_setup", "audio"], "scenes", synthesised(audio, demo))
    clips = plan_scenes(demo)
    for clip in tqdm(clips, desc="demo scenes", unit="clip"):
        samples, _ = synthesise_scene(audio, demo.seed, clip)
        write_audio(folder / clip.filename, samples, audio.sample_rate, "PCM_24")
    rows = [(clip.filename, clip.scene, f"{clip.city}-{clip.location}", "a") for clip in clips]
    table = pd.DataFrame(rows, columns=["filename", "scene_label", "identifier", "source_label"])
    pools = np.array([clip.pool for clip in clips])
    for name, pool, columns in (
        ("train", Pool.TRAIN, ["filename", "scene_label"]),
        ("evaluate", Pool.EVALUATE, ["filename", "scene_label"]),
        ("test", Pool.EVALUATE, ["filename"]),
    ):
        write_list(folder / f"evaluation_setup/fold1_{name}.csv", table.loc[pools == pool, columns], "\t")
    write_list(folder / "meta.csv", table, "\t")


def plan_scenes(demo: DemoScenes) -> list[SceneClip]:
    """Return the scene clips: about eight per location, and none of the unseen city in training."""
    clips: list[SceneClip] = []
    location = 0
    for scene in SCENES:
        for pool, count, min_locations in (
            (Pool.TRAIN, demo.train, len(SEEN_CITIES)),
            (Pool.EVALUATE, demo.evaluate, 2),
            (Pool.UNUSED, max(round(demo.evaluate / 10), 1), 1),
        ):
            locations = min(count, max(min_locations, -(-count // CLIPS_PER_LOCATION)))
            cities = SEEN_CITIES if pool == Pool.TRAIN else (UNSEEN_CITY, *SEEN_CITIES)
            for place, numbers in enumerate(np.array_split(np.arange(count), locations)):
                city = cities[place % len(cities)]
                for segment, number in enumerate(numbers):
                    name = f"audio/{scene}-{city}-{location}-{segment}-a.wav"
                    clips.append(SceneClip(name, scene, city, location, pool, int(number)))
                location += 1
    return clips


def synthesise_scene(audio: Audio, seed: int, clip: SceneClip) -> tuple[Samples, list[str]]:
    """Return a scene clip (samples, channels), and the names of the events that occur in it."""
    scene = list(SCENES).index(clip.scene)
    rng, rate, length = generator(seed, clip.pool, scene, clip.number), audio.sample_rate, audio.samples
    sound = 10 ** (rng.uniform(-2, 2) / 20) * _background(audio, generator(seed, Pool.LOCATION, clip.location), rng)
    level, present = np.sqrt(np.mean(sound**2)), []
    for name in EVENTS:
        if rng.random() >= SCENES[clip.scene].get(name, OTHER_PROBABILITY):
            continue
        present.append(name)
        for _ in range(1 + rng.poisson(length / rate / 8)):
            part = event(rng, name, rate) * level * 10 ** (rng.uniform(0, 18) / 20)
            middle, angle = rng.uniform(0.1, 0.9) * length, rng.uniform(0, np.pi / 2)
            for channel, gain in enumerate((np.cos(angle), np.sin(angle))):
                add(sound[channel], np.sqrt(2) * gain * part, int(middle) - len(part) // 2)
    mixed = sound.T if audio.channels == 2 else sound.mean(0)[:, None]
    return np.asarray(mixed * min(1.0, 0.9 / np.abs(mixed).max())), present


def _background(audio: Audio, place: Generator, rng: Generator) -> Samples:
    """Return background noise (2, samples).

    The location's generator decides its colour, level and stereo width, the clip's generator its course.
    """
    colour, level, width = random_colour(place), 10 ** (place.uniform(-46, -34) / 20), place.uniform(0.1, 0.7)
    common, *own = (noise(rng, audio.samples, audio.sample_rate, colour) for _ in range(3))
    time = np.arange(audio.samples) / audio.sample_rate
    swell = 1 + rng.uniform(0, 0.3) * np.sin(2 * np.pi * (rng.uniform(0.1, 1) * time + rng.uniform()))
    return np.stack([level * swell * (np.sqrt(1 - width) * common + np.sqrt(width) * side) for side in own])
