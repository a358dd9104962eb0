# The entry point of a clone; the workflow itself is workflow/Snakefile.
#
#   snakemake -n                        the paper's whole graph; nothing is run
#   snakemake --profile demo            the same graph in miniature, on synthesised recordings
#   snakemake --profile slurm -j 40     the paper, on a cluster
#   snakemake -c 2 table3               what one table needs


include: "workflow/rules/package.smk"


check_configuration_files(Path(workflow.basedir, "config.yaml"))


configfile: f"{workflow.basedir}/config.yaml"


include: "workflow/Snakefile"


# Snakemake takes no default target from an included file.
rule everything:
    default_target: True
    input:
        rules.all.input,
    localrule: True
    message:
        f"All results are in {RESULTS}"
