"""What is done with a case: one operating point, or a sweep over many."""
