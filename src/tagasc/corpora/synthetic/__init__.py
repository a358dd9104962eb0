"""Synthetic corpora for the demo, in the layouts of the two data sets."""
