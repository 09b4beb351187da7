"""What an island or a film has different from other kinetics: some parameters, or a whole law."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, ValidationInfo, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema

from fem_island.case.kinetics import IslandKinetics, Kinetics


class ChangesReader:
    """Reads what differs from other kinetics; Python may also give a whole law."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.with_info_wrap_validator_function(
            self._read,
            handler.generate_schema(IslandKinetics),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value, info: value.model_dump(mode=info.mode), info_arg=True
            ),
        )

    def _read(
        self, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> IslandKinetics | Kinetics:
        if isinstance(value, Kinetics):
            return value
        if isinstance(value, dict) and isinstance(value.get("law"), str):
            law = Kinetics.kinds().get(value["law"], Kinetics)
            given = {key for key, one in value.items() if one is not None}
            own = law.model_fields.keys() - IslandKinetics.model_fields.keys()
            needed = {key for key, field in law.model_fields.items() if field.default is not None}
            if given & own or given >= needed:
                whole: Kinetics = law.__pydantic_validator__.validate_python(
                    value, context=info.context
                )
                return whole
        changes: IslandKinetics = handler(value)
        return changes


Changes = Annotated[IslandKinetics | Kinetics, ChangesReader()]
"""What differs from other kinetics, or a whole law."""
