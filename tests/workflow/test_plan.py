"""tagasc plan: what it says is what Snakemake would do."""

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tagasc import cli

ROOT = Path(__file__).parents[2]

SNAKEFILE = """
class Experiment(dict):
    def model_dump(self, mode):
        return dict(self)

EXPERIMENT = Experiment(training={"rate": config.get("rate", 0.1), "epochs": 3})
NAMES = config.get("names", "a,b").split(",")

rule all:
    input: "all.txt"

rule pack:
    input: "recordings.txt"
    output: "packed.txt"
    shell: "cp {input} {output}"

rule train_thing:
    input: "packed.txt"
    output: "{name}.weights", temp("{name}.codes")
    params: training=EXPERIMENT["training"]
    shell: "cp {input} {output[0]} && cp {input} {output[1]}"

rule score:
    input: "{name}.codes"
    output: "{name}.score"
    params: digits=config.get("digits", 2)
    shell: "cp {input} {output}"

rule collect:
    input: expand("{name}.score", name=NAMES)
    output: "all.txt"
    shell: "cat {input} > {output}"
"""

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a folder in which a small workflow has run."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "Snakefile").write_text(SNAKEFILE)
    (folder / "recordings.txt").write_text("a clip")
    command = [sys.executable, "-m", "snakemake", "-c2", "--quiet", "all"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return folder


@pytest.fixture
def planned(finished, tmp_path, monkeypatch, capsys):
    """Return a function that plans in a copy of the folder, and returns the lines, with spaces collapsed."""
    folder = shutil.copytree(finished, tmp_path / "copy")
    monkeypatch.chdir(folder)

    def plan(*arguments):
        assert cli.main(["plan", *arguments]) == 0
        printed, errors = capsys.readouterr()
        assert errors == ""
        return re.sub(" +", " ", printed).splitlines()

    return plan


def test_unchanged(planned):
    assert planned() == ["Nothing to do: 6 jobs are up to date."]


def test_a_changed_key_is_named_with_both_values(planned):
    assert planned("--config", "rate=0.3") == [
        "train_thing 2 jobs training.rate changed from 0.1 to 0.3",
        "score 2 jobs after train_thing",
        "collect 1 job after score",
        "Nothing else is repeated: 1 job is up to date.",
    ]
    assert planned("--config", "rate=0.3", "--rerun-triggers", "mtime") == ["Nothing to do: 6 jobs are up to date."]


def test_a_temporary_output_that_is_needed_again(planned):
    assert planned("--config", "digits=3") == [
        "train_thing 2 jobs temporary output needed again (a.codes and 1 more)",
        "score 2 jobs digits changed from 2 to 3, after train_thing",
        "collect 1 job after score",
        "Nothing else is repeated: 1 job is up to date.",
    ]


def test_a_new_name_and_one_that_is_gone(planned):
    assert planned("--config", "names=a,c") == [
        "train_thing 1 job never run",
        "score 1 job never run",
        "collect 1 job inputs added (c.score), inputs removed (b.score), after score",
        "Nothing else is repeated: 1 training and 2 other jobs are up to date.",
    ]


def test_different_reasons_within_a_rule(planned):
    assert planned("--config", "rate=0.3", "names=a,b,c")[0] == (
        "train_thing 3 jobs 2 jobs: training.rate changed from 0.1 to 0.3; 1 job: never run"
    )


def test_an_input_with_other_content_and_not_one_that_was_only_touched(planned):
    later = Path("all.txt").stat().st_mtime + 10
    os.utime("recordings.txt", (later, later))
    assert planned() == ["Nothing to do: 6 jobs are up to date."]
    Path("recordings.txt").write_text("another clip")
    os.utime("recordings.txt", (later, later))
    assert planned()[:2] == ["pack 1 job input changed (recordings.txt)", "train_thing 2 jobs after pack"]


def test_a_deleted_output(planned):
    Path("all.txt").unlink()
    assert planned() == [
        "collect 1 job output missing (all.txt)",
        "Nothing else is repeated: 2 trainings and 3 other jobs are up to date.",
    ]


def test_another_command(planned):
    Path("Snakefile").write_text(SNAKEFILE.replace("cat {input}", "cat  {input}"))
    assert planned()[0] == "collect 1 job command changed"


def test_a_forced_rule_and_a_target(planned):
    assert planned("--forcerun", "collect")[0] == "collect 1 job forced"
    assert planned("a.score") == ["Nothing to do: 3 jobs are up to date."]


def test_an_interrupted_job(planned):
    marker = Path(".snakemake/incomplete") / base64.b64encode(b"packed.txt").decode()
    marker.write_text("")
    assert planned()[0] == "pack 1 job incomplete from an interrupted run"


@pytest.mark.parametrize(
    "mode", [["--unlock"], ["--touch"], ["--delete-all-output"], ["--cleanup-metadata", "all.txt"]]
)
def test_nothing_is_changed_whatever_the_arguments(planned, mode):
    def state():
        paths = [path for path in Path().rglob("*") if path.is_file() and "iocache" not in path.parts]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}

    before = state()
    assert planned(*mode) == ["Nothing to do: 6 jobs are up to date."]
    assert state() == before


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("arguments", [["al.txt"], ["--snakefile", "missing"], ["--no-such-option"]])
def test_a_refusal_is_one_line(arguments, capsys):
    assert cli.main(["plan", *arguments]) == 1
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert re.fullmatch(r"tagasc: error: .*(al\.txt|missing|--no-such-option).*\n", errors)


def test_snakemakes_own_help(planned):
    assert planned("all.txt", "--help")[0].startswith("usage: ")


@pytest.mark.slow
def test_a_finished_experiment(tiny, tmp_path):
    """Keys, outputs and seeds of the real workflow, and the same numbers of jobs as in Snakemake's own dry run."""
    folder, again = tiny
    shutil.copytree(folder, tmp_path / "copy", symlinks=True)

    def plan(*arguments, configfiles=()):
        files = [ROOT / "demo/experiment.yaml", "tiny.yaml", *configfiles]
        command = [sys.executable, "-m", "tagasc", "plan", "-s", ROOT / "Snakefile", *arguments, "--configfile", *files]
        done = subprocess.run(command, cwd=tmp_path / "copy", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert re.fullmatch(r"Nothing to do: \d+ jobs are up to date\.\n", plan())

    (tmp_path / "changed.yaml").write_text("frontend: {training: {learning_rate: 0.001}}\nseeds: [0, 1]\n")
    changed = plan(configfiles=[tmp_path / "changed.yaml"])
    key = "frontend.training.learning_rate changed from 0.003 to 0.001"
    assert re.search(rf"^train_cell +8 jobs +4 jobs: {key}; 4 jobs: never run$", changed, re.MULTILINE)
    dry_run = again("-n", "--quiet", "rules", configfiles=[tmp_path / "changed.yaml"])
    counts = dict(re.findall(r"^(\w+) +(\d+)$", dry_run.stdout, re.MULTILINE))
    assert dict(re.findall(r"^(\w+) +(\d+) jobs? ", changed, re.MULTILINE)) == {
        rule: count for rule, count in counts.items() if rule not in {"everything", "total"}
    }

    (tmp_path / "copy/results/experiments/tiny/tables/table3.md").unlink()
    first = plan().splitlines()[0]
    assert re.fullmatch(r"table3 +1 job  output missing \(results/experiments/tiny/tables/table3.md\)", first)


def test_the_papers_costs_follow_its_jobs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["plan", "--gpu", "h100", "--jobs", "8", "-s", str(ROOT / "Snakefile"), "table3"]) == 0
    jobs, costs = capsys.readouterr().out.split("\n\n")
    assert re.search(r"^train_cell +20 jobs +never run$", jobs, re.MULTILINE)
    rows = {line.split("  ")[0]: line.split() for line in costs.splitlines()}
    assert rows["train_cell"][:3] == ["train_cell", "20", "599"]  # PFLOP
    assert rows["train_stage1"][1:3] == ["5", "576"]
    assert rows["wall time, 8 GPUs"][-1] == "min"
    text = " ".join(costs.split())
    assert "H100: estimated from the data sheet" in text
    assert "no run on such a card is recorded" in text
    assert "Download: 62.4 GB" in text
    assert "train_cell 30 GiB" in text


def test_the_demos_costs_are_those_of_its_profile(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "demo", "demo")
    assert cli.main(["plan", "--profile", "demo", "-s", str(ROOT / "Snakefile"), "--resources", "gpu=3"]) == 0
    costs = capsys.readouterr().out.split("\n\n")[1]
    assert costs.startswith("GPU time")
    assert "TFLOP" in costs
    assert all(card in costs.splitlines()[0] for card in ("H100", "A100 80 GB", "RTX 4090"))
    assert "wall time, 3 GPUs" in costs
    assert "Download" not in costs


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--gpu", "h10"], "--gpu 'h10': is no known card; choose one of b200, "),
        (["--jobs", "0"], "--jobs 0: expected the number of GPUs, at least 1"),
        (["all", "--gpu", "h100"], "--gpu: write it in front of the arguments of snakemake"),
    ],
)
def test_a_wrong_card_or_number_is_one_line(capsys, arguments, line):
    assert cli.main(["plan", *arguments]) == 1
    printed, errors = capsys.readouterr()
    assert (printed, errors.startswith(f"tagasc: error: {line}"), errors.count("\n")) == ("", True, 1)


@pytest.mark.parametrize("option", ["--configfile", "--profile"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cores: 1\ncores: 2", "line 2: key 'cores' is repeated (first in line 1)"),
        (
            "__use_yte__: true\n?__import__('pathlib').Path('ran').touch(): {}",
            "__use_yte__ lets a file of keys run Python",
        ),
    ],
)
def test_files_of_keys_are_checked_before_snakemake_reads_them(planned, capsys, option, text, message):
    Path("given.yaml").write_text(text)
    assert cli.main(["plan", option, "given.yaml"]) == 1
    printed, errors = capsys.readouterr()
    assert (printed, errors.startswith(f"tagasc: error: given.yaml: {message}")) == ("", True)
    assert errors.count("\n") == 1
    assert not Path("ran").exists()
    assert planned() == ["Nothing to do: 6 jobs are up to date."]
