"""The paper: its grid of cells and every number that it prints."""
