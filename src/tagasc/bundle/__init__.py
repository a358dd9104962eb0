"""Trained systems in use: written into a bundle, and applied to anybody's recordings."""
