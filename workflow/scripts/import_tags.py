from pathlib import Path

from tagasc.artifacts.digest import TAGS_DIGEST, write_digest
from tagasc.artifacts.settings import write_settings
from tagasc.config import Experiment
from tagasc.corpora.tau2019 import list_paths
from tagasc.runtime.job import job
from tagasc.tagger.import_tags import import_tags

with job(snakemake):
    # Where the file and the lists are is not a param: their content decides.
    experiment = Experiment(**snakemake.config)
    tags = Path(snakemake.output.tags)
    import_tags(Path(experiment.tagger.path), list_paths(experiment.scenes_folder)[0], tags)
    write_digest(TAGS_DIGEST, Path(snakemake.output.digest), [tags.read_bytes()])
    write_settings(experiment, "tagger.name", Path("results"), snakemake.params.digest)
