"""What must be true of a law that is written, read and copied, whoever has defined it."""

from __future__ import annotations

import copy
import json
import pickle

from fem_island.case.cell import Case, Cell
from fem_island.case.file import case_from_table, table_of_case
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.case.paper import IMPLIED
from fem_island.case.readers import origin_of


def assert_survives_being_written_and_copied(law: Kinetics) -> None:
    islands = [Island(center="10 um", kinetics=law), Island(center="30 um")]
    case = Case(cell=Cell(kinetics=law, islands=islands))
    for other in (
        Case.model_validate(json.loads(json.dumps(case.model_dump(mode="json")))),
        Case.model_validate(case.model_dump()),
        Case(**dict(case)),
        case_from_table(json.loads(json.dumps(table_of_case(case))), unit_required=False),
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
