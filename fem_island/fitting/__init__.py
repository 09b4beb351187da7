"""Data against model: what they say of a cell, what they cannot, and what uncertain values mean.

scaling        a fitted key as a coordinate of the search: its logarithm, or a share of a scale
data/          measured points, stripping curves and spectra, and what the model says of them
problem        all residuals of a fit and their derivatives
identifying    which directions of the parameters the data see
searching      least squares from several starts
profiles       intervals by profile likelihood
fitting        ``fi.fit``
parameters     a fitted key: its value and intervals, or why it has none
record         what comes out: JSON, labelled data, picture, files
"""
