"""Sweeps: many operating points of many cells, over MPI ranks, durable and resumable.

Data flows one way: axes -> plan -> ranks -> store -> dataset.
"""
