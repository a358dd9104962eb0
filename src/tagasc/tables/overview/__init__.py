"""Pages about experiments: the overview of one, and the comparison of several."""
