"""Reading text files of the results tree."""

from pathlib import Path

from tagasc.artifacts.artifact import Artifact


def read_text(artifact: Artifact, path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    InputError
        If the file is missing, damaged or foreign, or if it is no text in UTF-8.
    """
    try:
        return artifact.read_bytes(path).decode()
    except UnicodeDecodeError:
        raise artifact.error(path, "is no text in UTF-8") from None
