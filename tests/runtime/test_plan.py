"""The text of a plan."""

from tagasc.runtime.plan import Cause, PlannedJob, format_plan


def planned(rule, *causes):
    return PlannedJob(rule, tuple(Cause(*cause) if isinstance(cause, tuple) else Cause(cause) for cause in causes))


def lines(*jobs):
    return format_plan(jobs).splitlines()


def test_one_line_per_rule_in_the_order_of_the_jobs_and_one_on_what_stays():
    rate = "frontend.training.learning_rate changed from 0.0001 to 0.0003"
    assert lines(
        planned("pack_scenes", "recordings changed"),
        *[planned("train_cell", rate)] * 20,
        *[planned("train_cell")] * 36,
        *[planned("score_cell", "after train_cell")] * 20,
        planned("describe_tags"),
    ) == [
        "pack_scenes   1 job   recordings changed",
        f"train_cell   20 jobs  {rate}",
        "score_cell   20 jobs  after train_cell",
        "Nothing else is repeated: 36 trainings and 1 other job are up to date.",
    ]


def test_nothing_to_do():
    assert lines(*[planned("train_cell")] * 2, planned("table2")) == ["Nothing to do: 3 jobs are up to date."]
    assert lines(planned("table2")) == ["Nothing to do: 1 job is up to date."]


def test_a_first_run_says_nothing_of_other_jobs():
    assert lines(planned("train_cell", "never run")) == ["train_cell  1 job  never run"]


def test_different_reasons_are_counted_and_the_two_most_frequent_are_named():
    jobs = [planned("train_cell", "never run"), *[planned("train_cell", "forced")] * 3]
    assert lines(*jobs) == ["train_cell  4 jobs  3 jobs: forced; 1 job: never run"]
    jobs += [planned("train_cell", "never run"), planned("train_cell", "script changed")]
    assert lines(*jobs) == ["train_cell  6 jobs  3 jobs: forced; 2 jobs: never run; 1 job: other reasons"]


def test_jobs_that_differ_only_in_their_files_share_a_reason():
    jobs = [planned("score_cell", ("output missing", f"seed{seed}.csv"), "after train_cell") for seed in range(3)]
    assert lines(*jobs) == ["score_cell  3 jobs  output missing (seed0.csv and 2 more), after train_cell"]
    both = planned("pack", ("output missing", "a"), ("output missing", "b"))
    assert lines(both, both) == ["pack  2 jobs  output missing (a and 1 more)"]


def test_many_causes_are_shortened():
    assert lines(planned("write_config", *"abcde")) == ["write_config  1 job  a, b, c, d, e"]
    assert lines(planned("write_config", *"abcdef")) == ["write_config  1 job  a, b, c, d, 2 more changes"]


def test_one_line_on_what_stays_without_trainings():
    assert lines(planned("a", "forced"), planned("b"), planned("c"))[-1] == (
        "Nothing else is repeated: 2 jobs are up to date."
    )
