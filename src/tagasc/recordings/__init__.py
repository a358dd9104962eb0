"""From a plain folder of somebody's recordings to a data set and a file of keys: the command ``tagasc init``."""
