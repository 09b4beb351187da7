"""Measured data, and what the model says of them.

tables    CSV with units in its header, battery data format, arrays: columns in SI units
columns   which column is what
points    current against overpotential or voltage
curves    voltage of a stripping run in time
spectra   impedance
reading   from what a case file or a caller says to data
"""
