"""What every job needs: errors, files, logs, devices, the cluster under a run."""
