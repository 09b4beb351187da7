"""What rank 0 does alone, seen from one rank (the parallel tests see it from several)."""

from __future__ import annotations

import pickle

from mpi4py import MPI

import pytest

from fem_island.errors import Fault, InputError
from fem_island.machine.collective import on_first_rank


def test_one_rank_gets_the_value_and_the_error_itself() -> None:
    assert on_first_rank(MPI.COMM_SELF, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        on_first_rank(MPI.COMM_SELF, lambda: 1 / 0)


def test_faults_survive_the_way_to_another_rank() -> None:
    error = InputError([Fault("islands.0.width", 3, "must be text", "case.toml")])
    copy = pickle.loads(pickle.dumps(error))
    assert copy.faults == error.faults
    assert str(copy) == str(error) == "case.toml: islands.0.width = 3: must be text"
