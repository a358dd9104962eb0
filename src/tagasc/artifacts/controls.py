"""The controls: support vector machines that show what tags give without a network that takes them."""

from dataclasses import dataclass
from typing import Literal

Feature = Literal["tags", "codes"]


@dataclass(frozen=True)
class Control:
    """A control that needs no training of its own.

    Parameters
    ----------
    meaning
        What it is, for ``results/README.md``.
    features
        What the support vector machine is given: tag vectors, codes of the baseline, or both.
    tuned
        Whether the features are standardised, and kernel and C chosen together by cross-validation. Otherwise the
        features are classified exactly as the codes of a cell are.
    fused
        Whether each feature has a machine of its own, whose decisions are added.
    """

    meaning: str
    features: tuple[Feature, ...]
    tuned: bool = True
    fused: bool = False


CONTROLS: dict[str, Control] = {
    "tags_alone": Control("tag vectors, classified as codes of cells are", ("tags",), tuned=False),
    "baseline_with_tags": Control(
        "the baseline's codes with tag vectors appended, classified as codes of cells are; tags hardly count there, "
        "because their variance is far below that of codes",
        ("codes", "tags"),
        tuned=False,
    ),
    "tuned_tags": Control("tag vectors, standardised, kernel and C chosen by cross-validation", ("tags",)),
    "tuned_baseline": Control("the baseline's codes, tuned in the same way: what tuning alone gives", ("codes",)),
    "tuned_baseline_with_tags": Control(
        "the baseline's codes with tag vectors appended, tuned in the same way", ("codes", "tags")
    ),
    "late_fusion": Control(
        "one tuned machine on tag vectors and one on the baseline's codes, whose decision values are added",
        ("tags", "codes"),
        fused=True,
    ),
}
"""The controls by name, each scored for every seed."""
PAIRED_CONTROLS = tuple(name for name, control in CONTROLS.items() if "codes" in control.features)
"""The controls that take the baseline's codes: run k belongs to the baseline's run k, and they need the baseline."""
