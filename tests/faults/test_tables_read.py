"""Reading of csv files: arbitrary bytes raise one kind of error, and whatever is written is read back."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tagasc.artifacts.record import record_path
from tagasc.runtime.errors import InputError
from tests.artifacts.test_table import FILE, HEADER
from tests.faults.fault import run_frame

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=5)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
ROW = st.tuples(CELL, st.integers(-(2**63), 2**63 - 1), FINITE, st.none() | FINITE)


@QUICK
@example(b"")
@example(HEADER.encode() + b"a,1,1.0,\xff\n")
@example(HEADER.encode() + b"a,1,1.0," + b"9" * 5000 + b"\n")
@example(HEADER.encode() + b"a," + b"9" * 5000 + b",1.0,\n")
@example(HEADER.encode() + b"x" * 200_000 + b",1,1.0,\n")
@example(HEADER.encode() + b"a,1_0,1.0,\n")
@given(st.binary(max_size=200) | st.text().map(lambda text: (HEADER + text).encode("utf-8", "surrogatepass")))
def test_arbitrary_bytes_are_read_or_refused(tmp_path, content):
    path = tmp_path / "lengths.csv"
    path.write_bytes(content)
    status, said = run_frame(lambda: FILE.read(path))
    assert status in {0, 1}, said
    assert not status or said.startswith(f"\ntagasc: error: {path}: ")


@QUICK
@example([("a", 2**62 + 1, 5e-324, 1.7976931348623157e308)])
@given(st.lists(ROW, min_size=1, max_size=5))
def test_a_written_table_is_read_back(tmp_path, rows):
    path = tmp_path / "lengths.csv"
    table = pd.DataFrame(rows, columns=FILE.names)
    FILE.write(path, table)
    assert record_path(path).exists()
    read = FILE.read(path)
    for name in FILE.names:
        written = [None if pd.isna(value) else value for value in table[name]]
        assert [None if pd.isna(value) else value for value in read[name]] == written


@pytest.mark.parametrize("name", FILE.names)
def test_a_column_that_is_given_twice_is_refused(tmp_path, name):
    path = Path(tmp_path, "lengths.csv")
    path.write_text(f"{HEADER.strip()},{name}\na,1,1.0,,a\n")
    with pytest.raises(InputError, match="expected the columns clip, frames"):
        FILE.read(path)
