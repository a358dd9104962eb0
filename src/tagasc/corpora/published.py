"""What the data sets' own pages say is in them, and where a folder differs."""

from typing import NamedTuple

import pandas as pd

TAU_CLIPS = {  # train, evaluate, unused
    "airport": (911, 421, 108),
    "bus": (928, 415, 97),
    "metro": (902, 433, 105),
    "metro_station": (897, 435, 108),
    "park": (946, 386, 108),
    "public_square": (945, 387, 108),
    "shopping_mall": (896, 441, 103),
    "street_pedestrian": (924, 429, 87),
    "street_traffic": (942, 402, 96),
    "tram": (894, 436, 110),
}
"""Clips of TAU Urban Acoustic Scenes 2019, development, by scene and by split of its fold."""
TAU_LOCATIONS = {"train": 325, "evaluate": 149, "unused": 40}
TAU_CITIES = 10
FSD_CLIPS = {"curated": 4970, "noisy": 19815, "test": 4481}
"""Clips of FSDKaggle2019 by subset."""
FSD_LABELS = 80


class Count(NamedTuple):
    """How many there are of something; ``published`` is None for recordings that nobody has published."""

    what: str
    found: int
    published: int | None

    @property
    def difference(self) -> str | None:
        """What is wrong, in words."""
        if self.published in (None, self.found):
            return None
        return f"{self.what}: {self.found}, not {self.published}"


def count_scenes(clips: pd.DataFrame, *, published: bool) -> list[Count]:
    """Count what `list_scenes` returns: clips by split and scene, locations by split, cities."""
    splits = ["train", "evaluate", "unused"]
    by_scene = {
        (str(scene), split): TAU_CLIPS.get(str(scene), (0, 0, 0))[place]
        for scene in sorted({*clips["scene"], *(TAU_CLIPS if published else ())})
        for place, split in enumerate(splits)
    }
    found = clips.value_counts(["scene", "split"]).to_dict()
    counts = [("clips", len(clips), sum(map(sum, TAU_CLIPS.values())))]
    for split in splits:
        of_split = clips[clips["split"] == split]
        total = sum(number for (_, other), number in by_scene.items() if other == split)
        counts += [
            (f"clips in {split}", len(of_split), total),
            (f"locations in {split}", of_split["location"].nunique(), TAU_LOCATIONS[split]),
        ]
    counts.append(("cities", clips["city"].nunique(), TAU_CITIES))
    counts += [
        (f"clips of {scene} in {split}", found.get((scene, split), 0), n) for (scene, split), n in by_scene.items()
    ]
    return [Count(what, here, there if published else None) for what, here, there in counts]


def count_events(clips: pd.DataFrame, *, published: bool) -> list[Count]:
    """Count what `list_events` returns without dropping any: clips by subset, and the curated clips' labels."""
    curated = clips.loc[clips["subset"] == "curated", "labels"]
    labels = {label for given in curated for label in given.split(",")}
    counts = [(f"{subset} clips", int((clips["subset"] == subset).sum()), n) for subset, n in FSD_CLIPS.items()]
    counts += [("clips", len(clips), sum(FSD_CLIPS.values())), ("labels", len(labels), FSD_LABELS)]
    return [Count(what, here, there if published else None) for what, here, there in counts]
