import resource

import pytest

from tagasc.runtime.errors import InputError
from tagasc.runtime.limits import check_limits, check_memory


@pytest.fixture
def limit(monkeypatch):
    """Set one limit of this process."""

    def set_limit(chosen, allowed):
        limits = {chosen: (allowed, allowed)}
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        monkeypatch.setattr(resource, "getrlimit", lambda each: limits.get(each, unlimited))

    return set_limit


@pytest.mark.parametrize(
    ("option", "limited", "needed", "unit"),
    [
        ("-f", resource.RLIMIT_FSIZE, 20_000_000, "bytes per file"),
        ("-n", resource.RLIMIT_NOFILE, 64, "open files"),
    ],
)
def test_limits_of_the_shell(limit, option, limited, needed, unit):
    limit(limited, needed)
    check_limits()
    limit(limited, needed - 1)
    with pytest.raises(InputError, match=rf"^ulimit {option}: this shell allows {needed - 1} {unit}, and a run needs"):
        check_limits()


def test_a_rule_that_is_granted_more_memory_than_the_shell_allows(limit):
    limit(resource.RLIMIT_AS, 4_000_000_000)
    check_memory({"score_cell": 1000, "train_cell": 4000})
    with pytest.raises(
        InputError, match=r"^ulimit -v: this shell allows 4000000000 .* rule train_cell is granted 4001"
    ):
        check_memory({"score_cell": 1000, "train_cell": 4001})
    limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)
    check_memory({"train_cell": 10**9})
