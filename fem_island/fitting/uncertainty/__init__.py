"""What uncertain values of a case mean: samples, quantiles, probabilities, sensitivities.

counts        how many samples may be drawn
sampling      values of the uncertain keys, spread evenly over their distributions
onsets        island sizes and currents at which a film begins to act, for many samples
sensitivity   Sobol indices with intervals
propagating   ``fi.uncertainty``
maps          the probability that a film acts over island size and current
record        what comes out
"""
