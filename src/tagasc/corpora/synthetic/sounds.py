"""Synthetic sound events and noise for the demo's corpora.

Each event is a function ``(rng, rate) -> samples``. It draws pitch, decay, rhythm, modulation and noise colour from
``rng``, so that two instances differ like two recordings. All energy is below 4 kHz, because the demo's sample rate
is 8 kHz. Higher rates add samples but no content.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Samples = NDArray[np.floating[Any]]
LOWEST_RATE = 8000
"""Lowest supported sample rate in Hz."""
HIGHEST = 3800.0
"""Highest frequency of a tone in Hz, below half of the lowest rate."""


@dataclass(frozen=True)
class Colour:
    """A noise spectrum: a tilt in dB per octave, and bell-shaped peaks (Hz, octaves, dB) on top of it."""

    tilt: float
    peaks: tuple[tuple[float, float, float], ...] = ()

    def gain(self, frequencies: Samples) -> Samples:
        """Return the amplitude factor at each frequency in Hz; it is 0 below 30 Hz."""
        octaves = np.log2(np.maximum(frequencies, 30.0) / 1000.0)
        level = self.tilt * octaves
        for centre, width, height in self.peaks:
            level = level + height * np.exp(-0.5 * ((octaves - np.log2(centre / 1000.0)) / width) ** 2)
        return np.asarray(np.where(frequencies < 30.0, 0.0, 10.0 ** (level / 20.0)))


def random_colour(rng: Generator) -> Colour:
    """Return a random noise colour: a tilt and three peaks or dips."""
    peaks = [(100 * 2 ** rng.uniform(0, 5.3), rng.uniform(0.2, 0.8), rng.uniform(-8, 8)) for _ in range(3)]
    return Colour(rng.uniform(-8, -2), tuple(peaks))


def noise(rng: Generator, samples: int, rate: int, colour: Colour) -> Samples:
    """Return Gaussian noise (samples,) of the given colour, with an RMS of 1."""
    # A power of two, because Fourier transforms of prime lengths are slow.
    length = 1 << max(samples - 1, 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(length)) * colour.gain(np.fft.rfftfreq(length, 1 / rate))
    shaped = np.fft.irfft(spectrum, length)[:samples]
    return _unit(shaped)


def active_level(sound: Samples, rate: int) -> float:
    """Return the RMS of the parts of a sound (samples,) that are within 10 dB of its loudest 20 ms."""
    window = max(rate // 50, 1)
    power = np.convolve(sound**2, np.ones(window) / window, mode="same")
    return float(np.sqrt(np.mean(sound[power > 0.1 * power.max()] ** 2)))


def add(buffer: Samples, part: Samples, start: int) -> None:
    """Add ``part`` (samples,) to ``buffer`` (samples,) from ``start`` on; samples outside the buffer are lost."""
    first, last = max(start, 0), min(start + len(part), len(buffer))
    if first < last:
        buffer[first:last] += part[first - start : last - start]


def bark(rng: Generator, rate: int) -> Samples:
    """Return one to three barks: a hoarse harmonic burst whose pitch rises and falls."""
    pitch, formant, rise = rng.uniform(250, 800), rng.uniform(600, 1800), rng.uniform(0.1, 0.5)
    hoarse = rng.uniform(0.1, 0.6)
    barks = [_seconds(rate, rng.uniform(0.09, 0.25)) for _ in range(rng.integers(1, 4))]

    def one(time: Samples) -> Samples:
        arch = np.sin(np.pi * time / time[-1])
        voice = _harmonics(pitch * (1 + rise * arch), rate, Colour(-6.0, ((formant, 0.7, 18.0),)))
        breath = noise(rng, len(time), rate, Colour(-3.0, ((formant, 1.0, 12.0),)))
        return np.asarray(np.sqrt(arch.clip(0)) * np.exp(-4 * time / time[-1]) * (_unit(voice) + hoarse * breath))

    return _join([one(time) for time in barks], rng.uniform(0.05, 0.25), rate)


def chirp(rng: Generator, rate: int) -> Samples:
    """Return two to eight syllables of a bird: fast sweeps between 1.7 and 3.8 kHz."""
    base, span = rng.uniform(2000, 3200), rng.uniform(0.1, 0.45) * rng.choice([-1, 1])
    trill, depth = rng.uniform(15, 45), rng.uniform(0, 0.08)

    def one(time: Samples) -> Samples:
        place = time / time[-1]
        track = base * 2 ** (span * (place - 0.5)) * (1 + depth * np.sin(2 * np.pi * trill * time))
        return np.asarray(np.sin(np.pi * place) ** rng.uniform(0.5, 2) * _tone(track, rate))

    length = rng.uniform(0.04, 0.15)
    count = rng.integers(2, 9)
    parts = [one(_seconds(rate, length * rng.uniform(0.7, 1.4))) for _ in range(count)]
    return _join(parts, rng.uniform(0.02, 0.12), rate)


def church_bell(rng: Generator, rate: int) -> Samples:
    """Return one stroke of a bell: inharmonic partials, of which the higher ones fade first."""
    time = _seconds(rate, rng.uniform(0.8, 1.8))
    pitch, decay = rng.uniform(220, 600), rng.uniform(1.5, 4.0)
    bell = np.zeros_like(time)
    for ratio in (0.5, 1.0, 1.19, 1.5, 2.0, 2.52, 3.01, 4.1):
        partial = np.full_like(time, pitch * ratio * rng.uniform(0.985, 1.015))
        bell += rng.uniform(0.2, 1.0) * np.exp(-decay * ratio**0.7 * time) * _tone(partial, rate)
    return np.asarray(bell * np.minimum(time / 0.004, 1))


def keys_jangling(rng: Generator, rate: int) -> Samples:
    """Return fifteen to fifty pings of a bunch of keys: short resonances between 2.2 and 3.8 kHz."""
    resonances = rng.uniform(2200, HIGHEST, size=7)
    jangle = np.zeros(len(_seconds(rate, rng.uniform(0.4, 1.2))))
    time = _seconds(rate, 0.1)
    for onset in rng.beta(rng.uniform(0.6, 2), rng.uniform(0.6, 2), size=rng.integers(15, 50)):
        ping = np.zeros_like(time)
        for resonance in rng.choice(resonances, 3, replace=False):
            ping += rng.uniform(0.2, 1) * _tone(np.full_like(time, resonance), rate)
        add(jangle, rng.exponential() * np.exp(-time / rng.uniform(0.006, 0.03)) * ping, int(onset * len(jangle)))
    return jangle


def raindrop(rng: Generator, rate: int) -> Samples:
    """Return four to fifteen drops: a click and a short rising tone, like a bubble in water."""
    rain = np.zeros(len(_seconds(rate, rng.uniform(0.5, 1.5))))
    time = _seconds(rate, 0.08)
    low, high = rng.uniform(600, 1000), rng.uniform(1400, 2600)
    rise, decay = rng.uniform(3, 12), rng.uniform(0.006, 0.02)
    for onset in rng.uniform(size=rng.integers(4, 16)):
        track = np.minimum(rng.uniform(low, high) * (1 + rise * time), HIGHEST)
        drop = np.exp(-time / (decay * rng.uniform(0.6, 1.5))) * _tone(track, rate)
        drop[: max(rate // 2000, 1)] += rng.uniform(-1, 1)
        add(rain, rng.uniform(0.2, 1) * drop, int(onset * len(rain)))
    return rain


def footsteps(rng: Generator, rate: int) -> Samples:
    """Return two to four steps in a regular rhythm: a thump of the heel and a scuff of the sole."""
    thump, scuff = rng.uniform(70, 180), Colour(-2.0, ((rng.uniform(500, 2200), 0.5, 20.0),))
    share, decay = rng.uniform(0.2, 0.8), rng.uniform(0.015, 0.05)

    def one() -> Samples:
        time = _seconds(rate, 0.18)
        heel = np.exp(-time / 0.04) * _tone(np.full_like(time, thump * rng.uniform(0.9, 1.1)), rate)
        late = np.maximum(time - rng.uniform(0.01, 0.05), 0)
        sole = np.where(late > 0, np.exp(-late / decay), 0) * noise(rng, len(time), rate, scuff)
        return np.asarray((1 - share) * heel + share * sole)

    return _join([one() for _ in range(rng.integers(2, 5))], rng.uniform(0.15, 0.45), rate)


def siren(rng: Generator, rate: int) -> Samples:
    """Return a wailing, yelping or two-tone siren: a pitch that swings between 0.4 and 1.8 kHz."""
    time = _seconds(rate, rng.uniform(0.9, 1.8))
    swing = np.sin(2 * np.pi * (rng.uniform(0.7, 4) * time + rng.uniform()))
    swing = [swing, np.tanh(8 * swing), 2 / np.pi * np.arcsin(swing)][rng.integers(3)]
    track = rng.uniform(600, 1250) * (1 + rng.uniform(0.15, 0.4) * swing)
    return _harmonics(track, rate, Colour(rng.uniform(-14, -6)), max_partials=5) * _fade(time)


def bus(rng: Generator, rate: int) -> Samples:
    """Return the engine of a bus: beating harmonics that glide with the speed, over low noise."""
    time = _seconds(rate, rng.uniform(1.0, 1.8))
    track = rng.uniform(35, 90) * (1 + rng.uniform(-0.3, 0.4) * time / time[-1])
    colour = Colour(rng.uniform(-9, -5), ((rng.uniform(100, 500), 0.6, rng.uniform(3, 9)),))
    engine = _unit(_harmonics(track, rate, colour, max_partials=30))
    beat = 1 + rng.uniform(0, 0.6) * np.sin(2 * np.pi * rng.uniform(4, 14) * time)
    hiss = noise(rng, len(time), rate, Colour(-7.0))
    return np.asarray((engine * beat + rng.uniform(0.1, 0.6) * hiss) * _fade(time))


def applause(rng: Generator, rate: int) -> Samples:
    """Return clapping hands: 20 to 150 decaying bursts of noise per second."""
    time = _seconds(rate, rng.uniform(0.8, 1.8))
    claps = np.zeros_like(time)
    onsets = rng.integers(len(time), size=int(rng.uniform(20, 150) * time[-1]))
    np.add.at(claps, onsets, rng.uniform(0.2, 1, size=len(onsets)))
    decay = np.exp(-_seconds(rate, 0.08) / rng.uniform(0.004, 0.015))
    colour = Colour(0.0, ((rng.uniform(900, 2400), rng.uniform(0.5, 0.9), 20.0),))
    return np.convolve(claps, decay)[: len(time)] * noise(rng, len(time), rate, colour) * _fade(time)


def microwave_oven(rng: Generator, rate: int) -> Samples:
    """Return one to four beeps of a steady pitch between 1.1 and 3 kHz, over a faint hum."""
    pitch, length = rng.uniform(1100, 3000), rng.uniform(0.1, 0.35)
    colour = Colour(rng.uniform(-25, -8))

    def one() -> Samples:
        time = _seconds(rate, length)
        return _harmonics(np.full_like(time, pitch), rate, colour, max_partials=3) * _fade(time, 0.005)

    beeps = _join([_unit(one()) for _ in range(rng.integers(1, 5))], rng.uniform(0.05, 0.3), rate)
    hum = _harmonics(np.full_like(beeps, rng.choice([100.0, 120.0])), rate, Colour(-12.0), max_partials=4)
    return beeps + rng.uniform(0, 0.15) * _unit(hum)


EVENTS: dict[str, Callable[[Generator, int], Samples]] = {
    "Applause": applause,
    "Bark": bark,
    "Bus": bus,
    "Chirp_and_tweet": chirp,
    "Church_bell": church_bell,
    "Keys_jangling": keys_jangling,
    "Microwave_oven": microwave_oven,
    "Raindrop": raindrop,
    "Siren": siren,
    "Walk_and_footsteps": footsteps,
}
"""The demo's events, sorted by name."""


def event(rng: Generator, name: str, rate: int) -> Samples:
    """Return a new instance (samples,) of an event at ``rate`` Hz: about 0.1 to 3 s, with an active level of 1."""
    sound = EVENTS[name](rng, rate)
    return sound / active_level(sound, rate)


def _seconds(rate: int, duration: float) -> Samples:
    """Return the times of the samples of a sound, in s."""
    return np.arange(max(round(duration * rate), 8)) / rate


def _tone(track: Samples, rate: int) -> Samples:
    """Return a sine whose frequency in Hz follows ``track``."""
    return np.asarray(np.sin(2 * np.pi * np.cumsum(track) / rate))


def _harmonics(track: Samples, rate: int, colour: Colour, max_partials: int = 20) -> Samples:
    """Return a harmonic tone with partials weighted by ``colour`` and silent above `HIGHEST`."""
    total = np.zeros_like(track)
    for number in range(1, max_partials + 1):
        if track.min() * number > HIGHEST:
            break
        total += np.where(track * number <= HIGHEST, colour.gain(track * number), 0) * _tone(track * number, rate)
    return total


def _unit(sound: Samples) -> Samples:
    """Scale a sound to an RMS of 1."""
    return np.asarray(sound / np.sqrt(np.mean(sound**2)))


def _fade(time: Samples, seconds: float = 0.05) -> Samples:
    """Return an envelope that rises from 0 and falls to 0 within the given time in s."""
    return np.asarray(np.clip(np.minimum(time, time[-1] - time) / seconds, 0, 1))


def _join(parts: list[Samples], gap: float, rate: int) -> Samples:
    """Join sounds with a gap in s between them."""
    pause = np.zeros(round(gap * rate))
    joined = [piece for part in parts for piece in (part, pause)]
    return np.concatenate(joined[:-1])
