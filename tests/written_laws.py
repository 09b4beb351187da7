"""What must be true of a law that is written, read and copied, whoever has defined it."""

from __future__ import annotations

import copy
import json
import pickle

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import case_from_table
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.case.origin import origin_of
from fem_island.case.paper import IMPLIED


def assert_survives_being_written_and_copied(law: Kinetics) -> None:
    islands = [Island(center="10 um", kinetics=law), Island(center="30 um")]
    case = Case(cell=Cell(kinetics=law, islands=islands))
    # A text without origins: the numbers are those of the law, but were then given.
    assert Case.from_toml(case.to_toml()) == case
    assert type(Case.from_toml(case.to_toml()).cell.kinetics) is type(law)
    for other in (
        Case.model_validate(json.loads(json.dumps(case.model_dump(mode="json")))),
        Case.model_validate(case.model_dump()),
        Case(**dict(case)),
        case_from_table(json.loads(json.dumps(case.tables())), unit_required=False),
        Case.from_json(case.to_json()),
        copy.deepcopy(case),
        pickle.loads(pickle.dumps(case)),
    ):
        assert other == case
        assert type(other.cell.kinetics) is type(law)
        for island in other.cell.islands:
            found = other.cell.island_kinetics(island)
            assert found == law
            assert type(found) is type(law)
            assert origin_of(found.exchange_current_density) == IMPLIED
