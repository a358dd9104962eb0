import random

import pytest

DAMAGES = {
    "missing": lambda path, _: path.unlink(),
    "a folder": lambda path, _: (path.unlink(), path.mkdir()),
    "empty": lambda path, _: path.write_bytes(b""),
    "garbage": lambda path, _: path.write_bytes(random.Random(0).randbytes(1000)),
    "zeros": lambda path, content: path.write_bytes(bytes(len(content))),
    "other text": lambda path, _: path.write_text("<html>Please log in</html>\n"),
    "one byte": lambda path, content: path.write_bytes(content[:1]),
    "a quarter": lambda path, content: path.write_bytes(content[: len(content) // 4]),
    "half": lambda path, content: path.write_bytes(content[: len(content) // 2]),
    "without the last byte": lambda path, content: path.write_bytes(content[:-1]),
}


@pytest.fixture(params=DAMAGES)
def damage(request):
    """Return a function that damages a file in one of many ways."""
    return lambda path: DAMAGES[request.param](path, path.read_bytes())
