"""Lists of recordings in every bad state: refused before any training, or packed with the same result."""

from functools import partial

import pytest

from tests.faults.damage import DAMAGES
from tests.faults.fault import Fault, params
from tests.faults.recordings import (
    CURATED,
    EVALUATE,
    EVENT,
    META,
    TRAIN,
    first_row,
    link_to_itself,
    move,
    plan_and_pack,
    rewrite,
    rows,
    same_packing,
)

GROUP = "recordings and lists"
SURVIVED = {
    "a byte order mark": lambda text: "\ufeff" + text,
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "no last line end": lambda text: text.rstrip("\n"),
    "rows in another order": rows(lambda lines: lines[::-1]),
    "a blank line at the end": lambda text: text + "\n",
}
"""Changes of a list that change nothing."""
REFUSED = {
    "a header and no row": rows(lambda _: []),
    "no header": lambda text: text.partition("\n")[2],
    "another delimiter": lambda text: text.replace("\t", ";"),
    "a doubled column": lambda text: "".join(f"{line.split(chr(9))[0]}\t{line}\n" for line in text.splitlines()),
    "a missing column": lambda text: "".join(f"{line.split(chr(9))[0]}\n" for line in text.splitlines()),
    "two cells too many": first_row(lambda line: line.replace("\n", "\tmore\tand more\n")),
    "a cell too few": first_row(lambda line: line.partition("\t")[0] + "\n"),
    "a blank label": first_row(lambda line: "\t".join([line.split("\t")[0], " ", *line.split("\t")[2:]])),
    "a name twice": rows(lambda lines: [*lines, lines[0]]),
    "an absolute name": first_row(lambda line: f"/etc/{line}"),
    "a name that leaves the folder": first_row(lambda line: f"../{line}"),
    "a name with a zero byte": first_row(lambda line: f"a\0{line}"),
    "a name of 300 characters": first_row(lambda line: "x" * 300 + line),
    "an empty name": first_row(lambda line: line[line.index("\t") :]),
    "a name with a line end": first_row(lambda line: '"a\nb"' + line[line.index("\t") :]),
    "a cell of 200,000 characters": first_row(lambda line: "x" * 200_000 + line),
    "a quote that nobody closes": first_row(lambda line: '"' + line),
}
"""Changes of a list of scenes that are refused with its name."""
OF_EVENTS = ("a name twice", "no header", "a header and no row", "a name of 300 characters")
"""Those of them that are refused of a list of events, too."""
STILL_A_LIST = ("with one byte more", "without the last byte")


def faults():
    for section, lists in (("scenes", (META, TRAIN, EVALUATE)), ("events", (CURATED,))):
        act, same = partial(plan_and_pack, section), partial(same_packing, section=section)
        for path in lists:
            for name, change in SURVIVED.items():
                yield Fault(f"{path.name}: {name}", GROUP, rewrite(path, change), act, "same", (), same)
            yield Fault(f"{path.name}: a link to it", GROUP, partial(move, path, "moved"), act, "same", (), same)
            yield Fault(f"{path.name}: a link to itself", GROUP, partial(link_to_itself, path), act, words=(path.name,))
            for name, damage in DAMAGES.items():
                if "flipped" not in name and name not in STILL_A_LIST:
                    yield Fault(f"{path.name}: {name}", GROUP, partial(damage, path), act, words=(path.name,))
            for name, change in REFUSED.items():
                if section == "scenes" or name in OF_EVENTS:
                    words = (EVENT.parent.name if "300" in name and section == "events" else path.name,)
                    yield Fault(f"{path.name}: {name}", GROUP, rewrite(path, change), act, words=words)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("fault", params(faults(), lambda fault: fault.name.startswith("meta.csv")))
def test_a_bad_list_is_refused_before_any_training(expect, fault):
    expect(fault)
