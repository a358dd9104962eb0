"""The base of all configuration sections, and the types that several of them share."""

from collections.abc import Hashable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

T = TypeVar("T", bound=Hashable)

NAME_PATTERN = r"^[A-Za-z0-9]([-._A-Za-z0-9]*[-_A-Za-z0-9])?$"


def expected(what: str) -> PydanticCustomError:
    """Return the error of a value that has to be ``what``; its message will name the key and the value."""
    return PydanticCustomError("expected", "input should be {what}", {"what": what})


def _no_truth(value: Any) -> Any:
    """Refuse true and false, which Python takes for 1 and 0."""
    if isinstance(value, bool):
        raise expected("a number, not true or false")
    return value


def _distinct(values: list[T]) -> list[T]:
    for value in values:
        if values.count(value) > 1:
            raise expected(f"a list without repetitions; {value!r} is repeated")
    return values


NUMBER = BeforeValidator(_no_truth)
"""Belongs behind the limits of each number; in front of them, the schema for editors would lose them."""

# Limits stop a slip before it fills a disk, the memory or the graph of jobs. Values that make sense are far from them.
Count = Annotated[int, Field(ge=1, le=1_000_000), NUMBER]
Width = Annotated[int, Field(ge=1, le=4096), NUMBER]
"""Width of a layer. A scene network of the largest width has a thousand times the paper's parameters."""
SmallCount = Annotated[int, Field(ge=1, le=100), NUMBER]
"""How many jobs, files or layers."""
Splits = Annotated[int, Field(ge=2, le=100), NUMBER]
"""Folds of a cross-validation."""
Seed = Annotated[int, Field(ge=0, le=2**32 - 1), NUMBER]
"""A seed of 32 bits, as scikit-learn takes it."""
SampleRate = Annotated[int, Field(ge=1, le=768_000), NUMBER]
"""A sample rate in Hz."""
Seconds = Annotated[float, Field(ge=0.001, le=3600), NUMBER]
Positive = Annotated[float, Field(ge=1e-9, le=1e9), NUMBER]
NotNegative = Annotated[float, Field(ge=0, le=1e9), NUMBER]
LearningRate = Annotated[float, Field(ge=1e-9, le=100), NUMBER]
Alpha = Annotated[float, Field(ge=0.001, le=1000), NUMBER]
"""Parameter of Beta(alpha, alpha), from which shares of mixtures are drawn."""
Fraction = Annotated[float, Field(ge=0, le=1), NUMBER]
Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=100)]
"""A name in paths. File systems allow 255 bytes, and names of files add words to it."""
Distinct = AfterValidator(_distinct)
"""Belongs to lists in which a repetition can only be a slip."""
Epochs = Annotated[int, Field(ge=1, le=100_000), NUMBER]
Milestones = Annotated[list[Count], Field(max_length=100), Distinct]
"""Epochs after which the learning rate is lowered."""
Crop = Seconds | Literal["auto"] | None
"""Length of random windows in s. auto is 10 ms less than a clip, None the whole clip."""

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

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)
