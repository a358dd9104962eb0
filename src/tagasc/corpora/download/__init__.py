"""Download of the two data sets from Zenodo, and unpacking of their archives."""
