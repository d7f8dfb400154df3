"""What an operator does: backup and restore, the invariants, the demo, whether a process is well; and the jobs."""
