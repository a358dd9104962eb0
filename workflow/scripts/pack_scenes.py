from pathlib import Path

from tagasc.config import Audio, Experiment
from tagasc.corpora.pack_scenes import pack_scenes
from tagasc.corpora.repacking import marked_failure, record_packing
from tagasc.corpora.sources import scene_recordings
from tagasc.corpora.verify import verify_scenes
from tagasc.runtime.job import job

with job(snakemake):
    experiment, results = Experiment(**snakemake.config), Path("results")
    with marked_failure(experiment, "scenes", results):
        output, params, threads = snakemake.output, snakemake.params, snakemake.threads
        # Where the recordings are and how they are verified are no params: it does not change what is packed.
        folder = experiment.scenes_folder
        recordings = scene_recordings(folder)
        stats = recordings.stats()
        samples = verify_scenes(experiment.scenes, folder, Path(output.verified), threads)
        experiment.require_frames(samples, experiment.scenes.audio.sample_rate)
        digests = pack_scenes(
            Audio(**params.audio), params.on_mismatch, folder, Path(output.clips), Path(output.waveforms), threads
        )
        record_packing(experiment, "scenes", recordings, stats, digests, params.revision, results)
