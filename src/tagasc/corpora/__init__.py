"""Corpora: download or synthesise the two data sets, verify them, and pack them into arrays."""
