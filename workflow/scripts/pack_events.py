from pathlib import Path

from tagasc.config import Experiment, Mel
from tagasc.corpora.pack_events import pack_events
from tagasc.corpora.repacking import marked_failure, record_packing
from tagasc.corpora.sources import event_recordings
from tagasc.corpora.verify import verify_events
from tagasc.runtime.job import job

with job(snakemake):
    experiment, results = Experiment(**snakemake.config), Path("results")
    with marked_failure(experiment, "events", results):
        output, params, threads = snakemake.output, snakemake.params, snakemake.threads
        # Where the recordings are and how they are verified are no params: it does not change what is packed.
        folder = experiment.events_folder
        recordings = event_recordings(experiment.events, folder)
        stats = recordings.stats()
        verify_events(experiment.events, folder, Path(output.verified), threads)
        digests = pack_events(
            Mel(**params.mel),
            params.on_mismatch,
            params.drop,
            folder,
            Path(output.clips),
            Path(output.labels),
            Path(output.mel_power),
            threads,
        )
        record_packing(experiment, "events", recordings, stats, digests, params.revision, results)
