"""Records of several kinds, told apart by the value of one key."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ModelWrapValidatorHandler, ValidationError, ValidationInfo
from pydantic import model_validator as validator
from pydantic_core import InitErrorDetails

from fem_island.case.readers import listed


class Tagged(BaseModel):
    """A record of several kinds, told apart by the value of one key.

    A kind is a subclass with its value of the key as the default, and fields of its own if it
    likes. The common base, where the default is empty, is never made itself: called with a value of
    the key it makes that kind, and a field of the base's type is read as the kind that its table
    names.
    """

    tag: ClassVar[str]
    """The key."""

    def __new__(cls, *given: Any, **data: Any) -> Self:
        """An empty record of the kind that is asked for."""
        kind = {cls.tag: given[0]} if given and cls.tag not in data else data
        return super().__new__(cls._kind(kind) if cls is cls.base() else cls)

    @classmethod
    def kinds(cls) -> dict[str, type[Self]]:
        """All kinds by their values of the key, in the order of their definition.

        Of two with one value the later counts, as where a notebook defines one again.
        """
        found: dict[str, type[Self]] = {}
        for kind in cls.__subclasses__():
            own = {kind.model_fields[cls.tag].default: kind}
            found |= own | kind.kinds() | own
        return found

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a kind that is not told apart from the one that it is made from.

        Raises:
            TypeError: It has no value of the key of its own.
        """
        if "tag" in vars(cls) or not hasattr(cls, "tag"):
            return
        parent = next(one for one in cls.__mro__[1:] if issubclass(one, Tagged))
        if cls.model_fields[cls.tag].default == parent.model_fields[cls.tag].default:
            raise TypeError(
                f'{cls.__name__} needs a name of its own: {cls.tag}: Literal["..."] = "..."'
            )

    @classmethod
    def base(cls) -> type[Tagged]:
        """The common base of all kinds: the class in which the default of the key is empty."""
        return next(
            one
            for one in cls.__mro__
            if issubclass(one, Tagged) and not one.model_fields[cls.tag].default
        )

    @classmethod
    def _kind(cls, data: dict[str, Any]) -> type[Self]:
        """The kind that data are of; the first one where there is no such kind."""
        kinds = cls.kinds()
        first = next(iter(kinds.values()))
        value = data.get(cls.tag)
        return kinds.get(value, first) if isinstance(value, str) else first

    @validator(mode="wrap")
    @classmethod
    def _of_its_kind(
        cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        base = cls.base()
        if not isinstance(data, dict):
            return handler(data)
        if cls.tag in data and data[cls.tag] not in list(base.kinds()):
            wrong: InitErrorDetails = {
                "type": "literal_error",
                "loc": (cls.tag,),
                "input": data[cls.tag],
                "ctx": {"expected": listed(base.kinds())},
            }
            raise ValidationError.from_exception_data(cls.__name__, [wrong])
        if cls is not base:
            return handler(data)
        kind = cls._kind(data)
        made: Self = kind.__pydantic_validator__.validate_python(data, context=info.context)
        return made
