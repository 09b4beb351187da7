"""Arbitrary operating points: a row of a table each, or the arguments of a function."""
