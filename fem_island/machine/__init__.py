"""What the package runs on: ranks, system libraries, terminals, files, versions."""
