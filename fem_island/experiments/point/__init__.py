"""One operating point: solving it, and its files and report."""
