"""The back-end: support vector machines that turn codes into scenes (section 2.1 of the paper)."""
