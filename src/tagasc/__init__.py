"""Acoustic scene classification using audio tagging (Jung et al., 2020), as a workflow."""

__version__ = "0.1.0"
