"""What packing changes in recordings of another format: counted, and questioned where it is mostly silence."""

from pathlib import Path

from tagasc.artifacts.verified import Count
from tagasc.config import Audio
from tagasc.corpora.audio_files import Inspection

MAX_PADDING = 0.1
"""Share of added silence in the packed clips above which it weakens the results."""

MAX_CROPPING = 0.1
"""Share of the recorded audio above which cutting it off weakens the results."""


def count_conversions(inspection: Inspection, sample_rate: int) -> list[Count]:
    """Count the clips that packing changes, by kind of change. The kinds that concern lengths are for scenes only."""
    changes = list(inspection.changes.values())
    counts = [
        ("clips resampled", sum(change.resampled for change in changes)),
        ("clips mixed down to fewer channels", sum(change.mixed_down for change in changes)),
        ("clips doubled from one channel to two", sum(change.doubled for change in changes)),
    ]
    if inspection.samples is not None:
        longest = max((change.padding for change in changes if not change.mended), default=0)
        counts += [
            ("clips cropped", sum(change.padding < 0 and not change.mended for change in changes)),
            ("clips padded", sum(change.padding > 0 and not change.mended for change in changes)),
            ("longest padding in ms", round(1000 * max(longest, 0) / sample_rate)),
            ("clips mended by one or two samples", sum(change.mended for change in changes)),
        ]
    return [Count(what, number, None) for what, number in counts]


def padding_problem(inspection: Inspection, audio: Audio, folder: Path) -> str | None:
    """Return what is wrong if more than a tenth of the packed scenes is silence that padding has added, else None."""
    if not inspection.samples or not inspection.changes:
        return None
    paddings = [change.padding for change in inspection.changes.values() if change.padding > 0]
    share = sum(paddings) / (inspection.samples * len(inspection.changes))
    if share <= MAX_PADDING:
        return None
    seconds = inspection.samples / audio.sample_rate
    return (
        f"{folder}: {100 * share:.0f} % of the packed clips will be silence, because {len(paddings)} of "
        f"{len(inspection.changes)} recordings are shorter than {seconds:g} s and are padded; set "
        f"scenes.audio.duration to a shorter length{'' if audio.duration == 'auto' else ', or to auto'}"
    )


def rate_problem(inspection: Inspection, audio: Audio, folder: Path) -> str | None:
    """Return what is wrong if some recordings have a lower sample rate than they are resampled to, else None."""
    rates = [header.sample_rate for header in inspection.headers.values()]
    lower = [rate for rate in rates if rate < audio.sample_rate]
    if not lower:
        return None
    return (
        f"{folder}: {len(lower)} of {len(rates)} recordings have a lower sample rate than {audio.sample_rate} Hz, so "
        f"that a network can tell recorders apart; set scenes.audio.sample_rate: {min(lower)}, unless the recorders of "
        f"all scenes are the same"
    )


def cropping_problem(inspection: Inspection, audio: Audio, folder: Path) -> str | None:
    """Return what is wrong if cropping discards more than a tenth of the recorded audio, else None."""
    if not inspection.samples:
        return None
    cropped = [-change.padding for change in inspection.changes.values() if change.padding < 0]
    recorded = sum(inspection.samples - change.padding for change in inspection.changes.values())
    if sum(cropped) <= MAX_CROPPING * recorded:
        return None
    seconds = inspection.samples / audio.sample_rate
    return (
        f"{folder}: {100 * sum(cropped) / recorded:.0f} % of the recorded audio will be cut off, because "
        f"{len(cropped)} of {len(inspection.changes)} recordings are longer than {seconds:g} s; cut them into several "
        f"clips, or set a longer scenes.audio.duration"
    )
