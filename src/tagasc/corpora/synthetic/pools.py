"""Disjoint sources of random numbers for the demo's corpora."""

from enum import IntEnum

from numpy.random import Generator, SeedSequence, default_rng


class Pool(IntEnum):
    """Disjoint sources of random numbers: the first key of each generator.

    Each clip has a generator of its own, with its pool and its number as keys. So no instance of an event occurs in
    two of these: training scenes, evaluation scenes, curated, noisy and test events.
    """

    TRAIN = 0
    EVALUATE = 1
    UNUSED = 2
    CURATED = 3
    NOISY = 4
    TEST = 5
    LOCATION = 6
    FILE_NAMES = 7
    LABELS = 8


def generator(seed: int, pool: Pool, *key: int) -> Generator:
    """Return the generator of one item of a pool."""
    return default_rng(SeedSequence(seed, spawn_key=(pool, *key)))
