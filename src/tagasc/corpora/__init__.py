"""The first room: the raw data sets, checked and packed."""
