"""How fast a GPU does a job's work: measured in finished trainings, given by the user, or read from a data sheet."""

from dataclasses import dataclass
from typing import Protocol

from tagasc.costs.work import Work
from tagasc.runtime.gpus import ARITHMETIC_SHARE, BANDWIDTH_SHARE, Gpu

_START_SECONDS = 5.0
"""Start of a job: Python and torch; 2 to 5 s were measured on a core of an AMD EPYC."""
_READ_BYTES = 0.5e9
"""Bytes per second at which a job is expected to read its packed corpus."""


class Speed(Protocol):
    """The speed of a GPU.

    Attributes
    ----------
    title
        The GPU's name, as the head of a column.
    source
        Where the speed comes from: a sentence without its full stop.
    """

    @property
    def title(self) -> str: ...  # noqa: D102 - described above

    @property
    def source(self) -> str: ...  # noqa: D102

    def seconds(self, work: Work) -> float:
        """Return the seconds of the computation."""
        ...


def job_seconds(speed: Speed, work: Work) -> float:
    """Return the seconds of a job: its start, the reading of its corpus, and the computation."""
    return _START_SECONDS + work.input_bytes / _READ_BYTES + speed.seconds(work)


@dataclass(frozen=True)
class DataSheet:
    """The speed of a card of which no training is known."""

    gpu: Gpu

    @property
    def title(self) -> str:
        """The card's name."""
        return self.gpu.title

    @property
    def source(self) -> str:
        """What the estimate assumes."""
        return (
            f"estimated from the data sheet, at {100 * ARITHMETIC_SHARE:.0f} % of its TFLOP/s or "
            f"{100 * BANDWIDTH_SHARE:.0f} % of its memory bandwidth; no run on such a card is recorded"
        )

    def seconds(self, work: Work) -> float:
        """Return the longest of the times of arithmetic, of the GPU's memory, and of the host, which work together."""
        peak = 1e12 * {"float32": self.gpu.float32, "tf32": self.gpu.tf32}.get(work.precision, self.gpu.bfloat16)
        return max(
            work.operations / (ARITHMETIC_SHARE * peak),
            work.moved / (BANDWIDTH_SHARE * 1e9 * self.gpu.bandwidth),
            work.host_seconds,
        )


@dataclass(frozen=True)
class Given:
    """TFLOP/s that the user expects a card to sustain."""

    teraflops: float

    @property
    def title(self) -> str:
        """The number."""
        return f"{self.teraflops:g} TFLOP/s"

    @property
    def source(self) -> str:
        """Who gave it."""
        return "as given"

    def seconds(self, work: Work) -> float:
        """Return the time of the operations, or of the host if that is longer."""
        return max(work.operations / (1e12 * self.teraflops), work.host_seconds)


@dataclass(frozen=True)
class Measured:
    """The speed of a device in finished trainings.

    Parameters
    ----------
    device
        Its name in their histories.
    rates
        Operations per second, by network: those of the scenes, of the events, or both.
    trainings
        Number of trainings that were read.
    other
        The speed for a network that has no trainings; None if nothing is known of the device.
    origin
        When and where it was measured; None for the user's own trainings.
    """

    device: str
    rates: dict[str, float]
    trainings: int
    other: Speed | None = None
    origin: str | None = None

    @property
    def title(self) -> str:
        """The device's name."""
        return self.device

    @property
    def source(self) -> str:
        """What was measured, and what is assumed of the rest."""
        names = {"scenes": "scene networks", "events": "tagger"}
        rates = " and ".join(f"{rate / 1e12:.3g} TFLOP/s of the {names[key]}" for key, rate in self.rates.items())
        own = f"measured here in {self.trainings} training{'s' * (self.trainings > 1)}"
        text = f"{self.origin or own}, {rates}"
        for key, name in names.items():
            if key not in self.rates:
                rest = "assumed to be as fast" if self.other is None else self.other.source
                text += f"; {name}: {rest}"
        return text

    def seconds(self, work: Work) -> float:
        """Return the time of the operations at the measured rate; it includes the work of the host."""
        if work.network in self.rates:
            return work.operations / self.rates[work.network]
        if self.other is not None:
            return self.other.seconds(work)
        return work.operations / max(self.rates.values())
