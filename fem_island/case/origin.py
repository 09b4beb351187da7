"""Numbers that say where they are from."""

from __future__ import annotations


class Sourced(float):
    """A number that says where it is from; one that does not was given by the user.

    It is a float in every other way, and equal to the same number without an origin. As JSON it is
    an object of ``value`` and ``origin``, which is read back as the same.

    Attributes:
        origin: Where the number is from, as a report says it.

    Example:
        >>> number = Sourced(5.0, "assumed")
        >>> number == 5.0, origin_of(number), origin_of(5.0)
        (True, 'assumed', 'given')
    """

    __slots__ = ("origin",)
    origin: str

    def __new__(cls, value: float, origin: str) -> Sourced:
        """Make the number."""
        made = super().__new__(cls, value)
        made.origin = origin
        return made

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        """What copies are made from."""
        return float(self), self.origin


def origin_of(value: float) -> str:
    """Where a number of a record is from; "given" where it does not say."""
    return value.origin if isinstance(value, Sourced) else "given"


def number_as_json(value: float) -> object:
    """A number as JSON has it: with its origin where it has one."""
    if isinstance(value, Sourced):
        return {"value": float(value), "origin": value.origin}
    return value
