"""The base of all configuration sections, and the types that several of them share."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]

Source = Literal["download", "copy", "folder", "demo"]
Verify = Literal["quick", "full"]
OnMismatch = Literal["error", "convert"]
CompareWithPaper = Literal["auto"] | bool

PUBLISHED_SOURCES = ("download", "copy")
"""Sources that are the published data sets themselves, not recordings in their layout."""
READ_ONLY_SOURCES = ("copy", "folder")
"""Sources that the user has put there and that no rule writes."""
WRITTEN_SOURCES = ("download", "demo")
"""Sources that rules write."""


class Section(BaseModel):
    """A group of keys. Unknown keys are errors, and values cannot be changed after validation.

    A key's docstring says how to choose its value; it becomes the key's comment in ``config.yaml``. A check that spans
    keys is a model validator of their section; its message starts with the name of the key, relative to the section.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
