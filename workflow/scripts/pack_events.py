from pathlib import Path

from tagasc.config import Experiment, Mel
from tagasc.corpora.pack_events import pack_events
from tagasc.corpora.verify import verify_events
from tagasc.runtime.job import job

with job(snakemake):
    output, params, threads = snakemake.output, snakemake.params, snakemake.threads
    folder = Path(params.folder)
    # How the folder is verified is not a param: changing it does not change what is packed.
    verify_events(Experiment(**snakemake.config).events, folder, Path(output.verified), threads)
    pack_events(
        Mel(**params.mel),
        params.on_mismatch,
        params.drop,
        folder,
        Path(output.clips),
        Path(output.labels),
        Path(output.mel_power),
        threads,
    )
