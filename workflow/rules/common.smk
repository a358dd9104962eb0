# The experiment and the folders of its files, for all rules.

if "check_configuration_files" not in globals():

    include: "package.smk"


check_configuration_files(*configuration_files(workflow))
with one_line_exit():
    EXPERIMENT = load(config)

EXPECTED = expect(EXPERIMENT)
TEST_LISTS = EXPECTED.test_lists
TREE = ResultsTree(EXPERIMENT, TEST_LISTS)
SCENES, EVENTS, TAGGER, TAGS = TREE.scenes, TREE.events, TREE.tagger, TREE.tags
RESULTS, CELL = TREE.experiment, TREE.cell
SCORED, SCORED_CELL, CONTROL = TREE.scored, TREE.scored_cell, TREE.control
DOWNLOADS = "results/downloads"

limit_resource(workflow, "downloads", EXPERIMENT.download.parallel_downloads)


def get_params(section):
    """Return a whole section of the configuration as a rule's parameter: a changed key re-runs the rule."""
    return section.model_dump(mode="json")


def get_frontend_params(frontend):
    """Return section frontend without the path of a bundle: not where it is decides, but its content."""
    keys = get_params(frontend)
    del keys["training"]["start"]
    return keys
