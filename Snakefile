# Acoustic scene classification using audio tagging (Jung et al., 2020), from the raw data sets to Tables 2-6.
#
#   snakemake -n                        the paper's whole graph; nothing is run
#   snakemake --profile demo            the same graph in miniature, on synthesised recordings
#   snakemake --profile slurm -j 40     the paper, on a cluster
#   snakemake -c 2 table3               what one table needs

from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.basedir}/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/cluster.smk"


report: "workflow/report/workflow.rst"


# cell: how tag vectors enter the network (tagasc cells); seed: of weights, batches and mix-up;
# control: what the SVM sees instead of a code that tags went into;
# fold: of the tagger's curated clips, from 0; archive: a file of a data set's Zenodo record.
wildcard_constraints:
    cell="[a-z0-9_-]+",
    seed=r"\d+",
    control="tags_alone|baseline_with_tags",
    fold=r"\d+",
    archive=r"[A-Za-z0-9_.-]+\.z(ip|\d\d)",


include: "workflow/rules/corpora.smk"
include: "workflow/rules/tagger.smk"
include: "workflow/rules/frontend.smk"
include: "workflow/rules/backend.smk"
include: "workflow/rules/tables.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        get_all_results,
    message:
        f"Everything is in {RESULTS}"
