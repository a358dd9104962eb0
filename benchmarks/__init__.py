"""Benchmarks: how fast tagasc is, as ratios within one run. RECORD.md keeps the results."""
