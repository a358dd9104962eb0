"""The figures of an experiment, each drawn from a table next to it."""
