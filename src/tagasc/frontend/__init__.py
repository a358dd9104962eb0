"""Front-end: one trained scene network per cell and seed, and the codes of all clips (sections 2.1 and 3)."""
