"""The files of the results tree. Each module writes, reads and checks one of them; stages meet only here."""
