"""A throw-away SLURM cluster on this machine: virtual nodes, fake GPUs, a key and ports of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = ("sbatch", "srun", "squeue", "sinfo", "scancel", "scontrol", "sacct", "sacctmgr")
SYSTEM = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"

# cred_expire: a preempted job starts again as soon as its credential has expired, which otherwise takes two minutes.
# Times: a job is placed at once, and what ended stays in squeue for the whole session.
SLURM_CONF = """
ClusterName=throwaway
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge.sock,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=5,sched_min_interval=0,bf_interval=5
MinJobAge=3600
KillWait=10
MessageTimeout=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
GresTypes=gpu
NodeName=c1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=32 RealMemory=400000
NodeName=g1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=64 RealMemory=400000 Gres=gpu:fake:4
PartitionName=main Nodes=c1,g1 Default=YES PriorityTier=1 PreemptMode=REQUEUE State=UP
PartitionName=urgent Nodes=g1 PriorityTier=10 PreemptMode=OFF State=UP
"""


class Cluster:
    """The daemons, and a folder of client commands that know them."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = os.environ | {
            "PATH": f"{folder / 'bin'}{os.pathsep}{SYSTEM}",
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
        }
        for name in ("bin", "state", "spool-c1", "spool-g1", "devices"):
            (folder / name).mkdir()
        self._write_configuration()
        # Snakemake's job steps drop SLURM's variables, so the commands themselves have to bring the configuration.
        for name in CLIENTS:
            if client := shutil.which(name, path=SYSTEM):
                script = folder / "bin" / name
                script.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {client} "$@"\n')
                script.chmod(0o755)

    def _write_configuration(self):
        host = socket.gethostname().partition(".")[0]
        with socket.socket() as a, socket.socket() as b, socket.socket() as c:
            for each in (a, b, c):
                each.bind(("127.0.0.1", 0))
            ports = [each.getsockname()[1] for each in (a, b, c)]
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        conf = SLURM_CONF.format(folder=self.folder, host=host, user=user, ports=ports)
        (self.folder / "slurm.conf").write_text(conf)
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        for number in range(4):
            (self.folder / f"devices/nvidia{number}").symlink_to("/dev/null")  # SLURM wants a character device
        (self.folder / "gres.conf").write_text(
            f"AutoDetect=off\nNodeName=g1 Name=gpu Type=fake File={self.folder}/devices/nvidia[0-3]\n"
        )
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)

    def call(self, *command, check=True, timeout=60):
        """Run a client command and return what it prints."""
        done = subprocess.run(
            [*map(str, command)], env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )
        assert not check or done.returncode == 0, (command, done.stderr)
        return done.stdout

    def _daemon(self, name, *arguments):
        program = shutil.which(name, path=SYSTEM)
        environment = self.environment | {"SLURM_CONF": f"{self.folder}/slurm.conf"}
        subprocess.run([program, *map(str, arguments)], env=environment, check=True, timeout=60, capture_output=True)

    def start(self):
        """Start all daemons and wait until both nodes take jobs."""
        files = {name: self.folder / f"munge.{name}" for name in ("key", "sock", "pid", "log", "seed")}
        self._daemon(
            "munged",
            "--force",
            f"--key-file={files['key']}",
            f"--socket={files['sock']}",
            f"--pid-file={files['pid']}",
            f"--log-file={files['log']}",
            f"--seed-file={files['seed']}",
        )
        self.start_controller()
        for node in ("c1", "g1"):
            self._daemon("slurmd", "-N", node)
        self.wait_until(
            lambda: set(self.call("sinfo", "-h", "-N", "-o", "%N-%T").split()) == {"c1-idle", "g1-idle"}, 60
        )

    def start_controller(self):
        """Start slurmctld, with the state of an earlier one."""
        self._daemon("slurmctld")

    def stop_controller(self):
        """Kill slurmctld, as a crash would."""
        _end(self.folder / "slurmctld.pid")

    def stop(self):
        """Cancel what still runs, and end every daemon, once they have killed what does not end by itself."""
        try:
            if (self.folder / "slurmctld.pid").exists():
                if left := [job["id"] for job in self.jobs("PENDING,RUNNING")]:
                    self.call("scancel", *left)
                self.wait_until(lambda: not self.jobs("PENDING,RUNNING,COMPLETING"), 60)
        finally:
            for name in ("slurmd-c1", "slurmd-g1", "slurmctld", "munge"):
                _end(self.folder / f"{name}.pid")

    def jobs(self, states="all"):
        """Return a row for every job; gpus are those of --gpus, and the comment has Snakemake's rule and wildcards."""
        columns = ("id", "state", "gpus", "gres", "comment")
        wanted = "JobID:|,State:|,tres-per-job:|,tres-per-node:|,Comment:300|"
        text = self.call("squeue", "-h", f"--states={states}", "-O", wanted)
        rows = [[value.strip() for value in line.split("|")[:5]] for line in text.splitlines()]
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def job(self, number):
        """Return the row of one job."""
        return next(job for job in self.jobs() if job["id"] == number)

    @staticmethod
    def wait_until(condition, seconds=240):
        """Wait until a condition holds; fail after a number of seconds."""
        latest = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < latest, f"did not happen within {seconds} s"
            time.sleep(0.5)


def _end(pid_file):
    """End the process that a pid file names, and wait for it."""
    if not pid_file.exists() or not pid_file.read_text().strip():
        return
    pid = int(pid_file.read_text())
    for sent in (15, 15, 9):
        for _ in range(50):
            try:
                os.kill(pid, sent if _ == 0 else 0)
            except ProcessLookupError:
                return
            time.sleep(0.1)


@pytest.fixture(scope="session")
def cluster():
    """A running cluster; tests that ask for it are skipped where SLURM is not installed."""
    missing = [name for name in DAEMONS if shutil.which(name, path=SYSTEM) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: apt-get install slurmctld slurmd slurm-client munge")
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # sockets need a short path
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


class Run:
    """A call of snakemake in a fresh clone, under the cluster's environment; what it prints goes into a file."""

    def __init__(self, cluster, clone, output, *arguments):
        self.output = output
        # A shell starts its background processes without Ctrl-C; this brings it back.
        command = ["env", "--default-signal=INT", sys.executable, "-m", "snakemake"]
        command += ["--profile", "slurm", "-j", "40", "--nocolor", *arguments]
        with output.open("w") as file:
            self.process = subprocess.Popen(
                [*map(str, command)],
                cwd=clone,
                env=cluster.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self):
        """What it has printed so far."""
        return self.output.read_text()

    def interrupt(self):
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def wait(self, seconds=450):
        """Wait for its end and return its exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"still running after {seconds} s:\n{self.text}") from None


@pytest.fixture
def clone(tmp_path, tiny):
    """A fresh clone, with corpora and tags that another run left: only cells remain to be trained."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("workflow", "slurm", "src", "demo", "envs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "config.yaml"):
        shutil.copy2(ROOT / name, folder)
    for name in ("data", "results/corpora", "results/taggers", "results/tags"):
        shutil.copytree(tiny[0] / name, folder / name)
    return folder


@pytest.fixture
def run(cluster, clone, tiny, tmp_path):
    """Start ``snakemake --profile slurm -j 40`` in the clone; what still runs after the test is killed."""
    started = []

    def start(*arguments, configfiles=()):
        # Questions every 2 s instead of 20, and threads as the reference has them.
        quick = ["--slurm-init-seconds-before-status-checks", "2", "--max-status-checks-per-second", "2"]
        files = ["demo/experiment.yaml", tiny[0] / "tiny.yaml", *configfiles]  # of the copied corpora
        output = tmp_path / f"run{len(started) + 1}.txt"
        threads = ["--set-threads", "train_cell=1"]
        started.append(Run(cluster, clone, output, *quick, *arguments, *threads, "--configfile", *files))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
    if left := [job["id"] for job in cluster.jobs("PENDING,RUNNING")]:
        cluster.call("scancel", *left)
