"""What a run costs, before it starts: operations, time on GPUs, memory and disk space."""
