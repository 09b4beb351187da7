"""Questions, the experiments that answer them, and what is read off: a folder for each."""
