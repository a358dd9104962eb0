"""The types of keys that are paths."""

import os
import re
from typing import Annotated

from pydantic import AfterValidator

from tagasc.config.section import expected


def _check_text(path: str) -> str:
    if not path.strip():
        raise expected("a path, and not blank")
    if path != path.strip():
        raise expected("a path without spaces at its ends")
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", path):
        raise expected("a path without line breaks and other control characters")
    return path


def _expand(path: str) -> str:
    """Return a path with the values of ``~`` and variables, in the shortest form that names the same place."""
    path = re.sub(r"\$(?:(\w+)|\{(\w+)\})", _variable, path)
    if "$" in path:
        raise expected("a path in which each $ starts the name of a variable")
    path = os.path.normpath(os.path.expanduser(path))  # noqa: PTH111 - the method of Path raises errors
    if path.startswith("~"):
        raise expected("a path in a home folder that exists, and ~ starts none here")
    if "{" in path or "}" in path:
        raise expected("a path without braces, which Snakemake takes for wildcards")
    return _check_text(re.sub("^//+", "/", path))


def _variable(match: re.Match[str]) -> str:
    name = match[1] or match[2]
    value = os.environ.get(name)
    if not value:  # with an empty one, $SCRATCH/data would be /data
        raise expected(f"a path with variables that are set; ${name} is not")
    return value


def _expand_file(image: str) -> str:
    return image if "://" in image else _expand(image)


UserPath = Annotated[str, AfterValidator(_check_text), AfterValidator(_expand)]
"""A path as a user types it, with ``~`` and variables. Its value has neither, no ``..`` and no slash at its end."""
NodePath = Annotated[str, AfterValidator(_check_text)]
"""A path whose ``~`` and variables are those of the machine that uses it."""
Image = Annotated[str, AfterValidator(_check_text), AfterValidator(_expand_file)]
"""A container image: a file, or an address with ``://``."""
