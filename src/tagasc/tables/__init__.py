"""Tables 2-6, comparisons and figures of an experiment, with the paper's numbers next to ours."""
