"""Whole runs on a real SLURM, with preemption, time limits, failures, Ctrl-C and a lost controller."""

import re
import signal

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

NAME = "name: disturbed\n"
EPOCHS = "frontend: {training: {epochs: 120}}\n"
HEALTHY, BROKEN = ["baseline", "codecat"], "attention-heads2-layers0"
CELLS = f"cells: [{', '.join([*HEALTHY, BROKEN])}]\n"


def cell_folder(clone, cell, name="disturbed"):
    return clone / f"results/experiments/{name}/cells/{cell}/seed0"


def log(clone, cell, name="disturbed"):
    path = clone / f"results/experiments/{name}/logs/train_cell/{cell}-seed0.log"
    return path.read_text() if path.exists() else ""


def epochs_done(text):
    """Return how far the progress bar in a training's log is."""
    return max([int(done) for done in re.findall(r"(\d+)/\d+ \[", text)], default=0)


def trainings(cluster, states="all"):
    """Return the SLURM jobs that train, by cell."""
    jobs = [job for job in cluster.jobs(states) if "rule_train_cell" in job["comment"]]
    return {re.search(r"wildcards_(.+)_0$", job["comment"])[1]: job for job in jobs}


def freeze(job):
    """Stop the training of a SLURM job; SLURM wakes it up when it signals the job."""
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if any(part.endswith("train_cell.py") for part in command) and process.environ().get("SLURM_JOB_ID") == job:
            process.send_signal(signal.SIGSTOP)
            return
    raise AssertionError(f"job {job} trains nothing")


def planned(run, **keys):
    process = run("-n", "--quiet", "rules", **keys)
    assert process.wait() == 0, process.text
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", process.text, re.MULTILINE)}


@pytest.mark.timeout(1500)
def test_disturbed_trainings_end_in_the_weights_of_undisturbed_ones(cluster, clone, run, tiny, tmp_path):
    again = tiny[1]
    (clone / "cells.yaml").write_text(NAME + CELLS + EPOCHS)
    files = ["cells.yaml"]
    # A folder in place of the record of its codes makes every attempt at a cell fail.
    obstacle = cell_folder(clone, BROKEN) / ".codes.npy.digest"
    obstacle.mkdir(parents=True)
    first = run("--retries", "1", configfiles=files)

    def all_train():
        assert first.process.poll() is None, first.text
        return all(epochs_done(log(clone, cell)) for cell in HEALTHY)

    cluster.wait_until(all_train)
    running = trainings(cluster, "RUNNING")
    # They are frozen until SLURM signals them, because it checks time limits only every half minute.
    for cell in HEALTHY:
        freeze(running[cell]["id"])
    late = running["codecat"]["id"]
    cluster.call("scontrol", "update", f"jobid={late}", "EndTime=now+1")
    cluster.wait_until(lambda: cluster.job(late)["state"] == "TIMEOUT")
    cluster.wait_until(lambda: "stopped; the next attempt continues from" in log(clone, "codecat"))
    cluster.call("sbatch", "-p", "urgent", "-t", "1", "--gpus=4", "--output=/dev/null", "--wrap", "sleep 1")
    cluster.wait_until(lambda: "stopped; the next attempt continues from" in log(clone, "baseline"))

    (tmp_path / "name.yaml").write_text("name: undisturbed\n")
    models = [f"results/experiments/undisturbed/cells/{cell}/seed0/model.safetensors" for cell in HEALTHY]
    whole = again(*models, configfiles=[clone / "cells.yaml", tmp_path / "name.yaml"])
    assert whole.returncode == 0, whole.stderr

    assert first.wait() == 1
    assert "Error in rule train_cell" in first.text
    assert f"results/experiments/disturbed/logs/train_cell/{BROKEN}-seed0.log" in first.text
    for cell in HEALTHY:
        assert (cell_folder(clone, cell) / "scores.csv").exists()
        assert "continuing after epoch" in log(clone, cell)
    for job in cluster.jobs():
        if "rule_train_cell" in job["comment"]:
            assert job["gpus"] == "gres:gpu:1"
        if "rule_score_cell" in job["comment"]:
            assert job["gpus"] == job["gres"] == "N/A"

    obstacle.rmdir()
    rules = planned(run, configfiles=files)
    assert rules["train_cell"] == rules["score_cell"] == 1
    second = run(configfiles=files)
    assert second.wait() == 0, second.text
    assert (clone / "results/experiments/disturbed/tables/table6.md").exists()
    assert not list(clone.rglob(".partial-*"))
    assert not list(clone.rglob("checkpoint.safetensors"))

    for cell in HEALTHY:
        weights = (cell_folder(clone, cell) / "model.safetensors").read_bytes()
        assert weights == (cell_folder(tiny[0], cell, "undisturbed") / "model.safetensors").read_bytes(), cell


@pytest.mark.timeout(1500)
def test_forty_jobs_are_in_the_queue_and_ctrl_c_cancels_them(cluster, clone, run, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    # All 56 cells; four trainings find a GPU, on one node.
    (clone / "cells.yaml").write_text(f"name: interrupted\ncells: all\nstaging: {disk}\n{EPOCHS}")
    earlier = {job["id"] for job in cluster.jobs()}
    first = run(configfiles=["cells.yaml"])
    most = 0
    frozen = set()  # so that each still trains when the next three have started

    def four_train_and_the_others_wait():
        nonlocal most
        assert first.process.poll() is None, first.text
        queue = cluster.jobs("PENDING,RUNNING")
        most = max(most, len(queue))
        for cell, job in trainings(cluster, "RUNNING").items():
            if cell not in frozen and epochs_done(log(clone, cell, "interrupted")):
                freeze(job["id"])
                frozen.add(cell)
        return len(queue) == 40 and len(frozen) == 4

    cluster.wait_until(four_train_and_the_others_wait)
    logs = [log(clone, cell, "interrupted") for cell in trainings(cluster, "RUNNING")]
    given = [re.search(r"GPU (\S+), which this job was given", text)[1] for text in logs]
    assert sorted(given) == ["0", "1", "2", "3"]
    assert sum("copied waveforms.npy to" in text for text in logs) == 1
    assert sum("reading waveforms.npy from" in text for text in logs) == 3
    first.interrupt()
    assert first.wait() == 1
    assert most == 40
    cluster.wait_until(lambda: not cluster.jobs("PENDING,RUNNING,COMPLETING"), 60)
    states = [job["state"] for job in cluster.jobs() if job["id"] not in earlier]
    assert set(states) <= {"CANCELLED", "COMPLETED"}
    assert states.count("CANCELLED") >= 40

    assert not list(clone.glob("results/**/.partial-*"))
    stopped = [
        path.parent for path in clone.glob("results/experiments/interrupted/cells/*/seed0/checkpoint.safetensors")
    ]
    assert len(stopped) == 4
    assert planned(run, configfiles=["cells.yaml"])["train_cell"] == 56
    second = run((stopped[0] / "model.safetensors").relative_to(clone), configfiles=["cells.yaml"])
    assert second.wait() == 0, second.text
    assert "continuing after epoch" in log(clone, stopped[0].parent.name, "interrupted")


@pytest.mark.timeout(900)
def test_a_run_says_when_the_cluster_disappears_and_gives_up_when_it_does_not_come_back(cluster, clone, run):
    (clone / "cells.yaml").write_text("name: lost\ncells: [baseline]\n")
    # The job stays in the queue. Patience is 0.8 × 8 questions × 5 s.
    later = ["--set-resources", "train_cell:slurm_extra='--begin=now+3600'"]
    patience = ["--slurm-status-attempts", "8", "--max-status-checks-per-second", "0.2"]
    lost = run(*later, *patience, configfiles=["cells.yaml"])
    cluster.wait_until(lambda: "baseline" in trainings(cluster, "PENDING"))
    cluster.stop_controller()
    try:
        cluster.wait_until(lambda: "the cluster does not answer (squeue: " in lost.text)
        cluster.start_controller()
        cluster.wait_until(lambda: "the cluster answers again" in lost.text)
        cluster.stop_controller()
        assert lost.wait(180) == 1
    finally:
        cluster.start_controller()
    assert re.search(
        r"The cluster has not answered for 0\.\d minutes \(squeue: .*run the same command to continue", lost.text
    )
    (name,) = re.findall(r"'scancel --name (\S+)' before the next call", lost.text)
    assert "baseline" in trainings(cluster, "PENDING")
    cluster.call("scancel", "--name", name)
    cluster.wait_until(lambda: not cluster.jobs("PENDING"))
    assert planned(run, configfiles=["cells.yaml"])["train_cell"] == 1  # and nothing is locked


@pytest.mark.timeout(900)
def test_jobs_of_a_killed_run_are_counted_until_they_are_cancelled(cluster, clone, run):
    (clone / "cells.yaml").write_text("name: killed\ncells: [baseline, codecat]\n")
    later = ["--set-resources", "train_cell:slurm_extra='--begin=now+3600'"]
    first = run(*later, configfiles=["cells.yaml"])
    cluster.wait_until(lambda: len(trainings(cluster, "PENDING")) == 2)
    first.process.kill()
    first.process.wait()
    second = run(configfiles=["cells.yaml"])
    assert second.wait() == 1
    (name,) = re.findall(r"\d of its jobs are still in SLURM's queue .* run 'scancel --name (\S+)'; then", second.text)
    cluster.call("scancel", "--name", name)
    cluster.wait_until(lambda: not cluster.jobs("PENDING,RUNNING,COMPLETING"))
    third = run(configfiles=["cells.yaml"])
    assert third.wait() == 0, third.text


@pytest.mark.timeout(900)
def test_the_profiles_commented_lines_are_understood(cluster, clone, run):
    """Uncomment all lines except those that need accounting or a site's names. Two cells are then one job."""
    (clone / "cells.yaml").write_text("name: grouped\ncells: [baseline, codecat]\n")
    profile = clone / "slurm/profile.yaml"
    meant = r"^( *)# (?=slurm-requeue:|set-resources:|groups:|group-components:|resources:|set-resource-scopes:| *- )"
    text = re.sub(meant, r"\1", profile.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^.*(slurm_account|qos|constraint)=.*\n", "", text, flags=re.MULTILINE)
    profile.write_text(text.replace("slurm_partition=gpu", "slurm_partition=main"))
    earlier = {job["id"] for job in cluster.jobs()}
    grouped = run(configfiles=["cells.yaml"])
    assert grouped.wait() == 0, grouped.text
    assert (clone / "results/experiments/grouped/tables/table2.md").exists()
    others = ("tagger", "score_control")
    jobs = [job for job in cluster.jobs() if job["id"] not in earlier]
    (job,) = [job for job in jobs if not any(name in job["comment"] for name in others)]
    assert job["gres"] == "gres:gpu:1"
