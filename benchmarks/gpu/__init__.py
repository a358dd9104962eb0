"""Everything that has to be right and fast on a GPU: `python -m benchmarks.gpu`."""
