"""What the tests are collected from."""

# It defines a reaction law, which all of the process would know: run alone, by test_laws.
collect_ignore = ["own_law.py"]
