"""Tables 2-6 of the paper, from the scores of an experiment, with the paper's own figures beside ours."""
