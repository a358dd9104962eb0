"""The model card of a bundle: what the system is, what it was trained on, and how far to trust it."""

from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tagasc.artifacts.bundle import Manifest
from tagasc.config import Experiment
from tagasc.corpora import fsdkaggle2019, tau2019

_TEMPLATE = "card.md.jinja"
_OWN = "recordings of whoever trained it; ask them"
_MADE = "synthesised by tagasc; anything"


def write_card(path: Path, manifest: Manifest, experiment: Experiment, clips: pd.DataFrame) -> None:
    """Write the model card in Markdown.

    Parameters
    ----------
    path
        Where to write it.
    manifest
        Description of the system.
    experiment
        Its configuration.
    clips
        The table of scene clips.
    """
    environment = Environment(  # noqa: S701 - Markdown, not HTML
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    splits = {
        name: {
            "clips": int((clips["split"] == name).sum()),
            "locations": int(clips.loc[clips["split"] == name, "location"].nunique()),
        }
        for name in ("train", "evaluate")
    }
    text = environment.get_template(_TEMPLATE).render(
        it=manifest,
        seconds=manifest.audio.samples / manifest.audio.sample_rate,
        splits=splits,
        chance=1 / len(manifest.scenes),
        scenes_name=experiment.scenes.name,
        events_name=experiment.events.name,
        scenes_licence=_licence(experiment.scenes.source, tau2019.LICENCE),
        events_licence=_licence(experiment.events.source, fsdkaggle2019.LICENCE),
        from_demo=experiment.scenes.source == "demo",
    )
    path.write_text(text, encoding="utf-8")


def _licence(source: str, published: str) -> str:
    return {"demo": _MADE, "folder": _OWN}.get(source, published)
