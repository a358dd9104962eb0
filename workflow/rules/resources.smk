# What jobs ask a cluster for: computed from the sizes of their inputs, times the number of the attempt.
#
# Every job on a cluster starts Snakemake twice (385 MB together) and Python with the libraries it needs: 1,000 MB
# without torch, 4,000 MB with torch and CUDA. An input that is mapped into memory counts in full where the cluster
# watches resident memory, although the system could drop its pages.

BASE_MB = 1000
TORCH_MB = 4000


def get_training_mem(wildcards, input, attempt):
    """Torch and the packed corpus: of the paper's, 25.7 GiB of waveforms or 11.2 GiB of mel power."""
    return (TORCH_MB + round(input.size_mb)) * attempt


def get_packing_mem(wildcards, threads, attempt):
    """80 MB a process that decodes scenes (measured); threads that compute mel power share torch and need less."""
    return (BASE_MB + 700 * threads) * attempt


def get_cell_minutes(wildcards, input, attempt):
    """2.7 s an epoch and GiB of waveforms, and ten minutes to start and to read them.

    The paper's epoch of 332 TFLOP (table1) may so take 70 s, as at 5 TFLOP/s; codes after an epoch take half of that.
    """
    epochs = EXPERIMENT.frontend.training.epochs + (len(EXPERIMENT.code_epochs) - 1) / 2
    return round(10 + epochs * 2.7 / 60 * input.size_gb) * attempt


def get_stage_minutes(stage):
    """5.4 s an epoch and GiB of mel power, and ten minutes to start.

    The paper's epochs of 226 TFLOP (stage 1) and 339 (stage 2) may so take 60 s, as at 4 and 6 TFLOP/s.
    """
    epochs = EXPERIMENT.tagger.cycle_epochs * len(get_snapshots(stage, 0))

    def get_allowed(wildcards, input, attempt):
        return round(10 + epochs * 5.4 / 60 * input.size_gb) * attempt

    return get_allowed


def get_tagging_minutes(wildcards, input, attempt):
    """A quarter of a minute a GiB and network, as at 5 TFLOP/s, and ten minutes to start."""
    return round(10 + len(input.snapshots) * 0.25 * input.size_gb) * attempt


def get_unpacking_minutes(gigabytes):
    """Reading so much and writing a little more at 20 MB/s each, as on a busy shared disk, and ten minutes to start."""
    return get_minutes(round(10 + 2.2 * gigabytes * 1000 / 20 / 60))


def get_packing_minutes(wildcards, input, attempt):
    """Clips of up to 5 MB at 20 MB/s, counted as lines of the lists; decoding takes 9 to 36 ms each (measured)."""
    lines = sum(Path(path).read_bytes().count(b"\n") for path in input)
    return round(10 + lines * 0.25 / 60) * attempt


def get_minutes(minutes):
    """So many minutes."""

    def get_allowed(wildcards, attempt):
        return minutes * attempt

    return get_allowed


def get_mem(megabytes):
    """So many MB above what every job needs."""

    def get_allowed(wildcards, attempt):
        return (BASE_MB + megabytes) * attempt

    return get_allowed
