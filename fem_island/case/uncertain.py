"""How uncertain keys of a case are: the table ``[uncertain]`` of a case file.

[uncertain]
"kinetics.exchange_current_density" = { distribution = "lognormal", low = "0.1 mA/cm^2",
                                        high = "100 mA/cm^2" }
"kinetics.anodic_transfer_coefficient" = { distribution = "uniform", low = 0.3, high = 0.7 }
"kinetics.cathodic_transfer_coefficient" = { complement_of =
                                             "kinetics.anodic_transfer_coefficient" }
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fem_island.case.axes import number_at
from fem_island.case.case import Case
from fem_island.case.distributions import DISTRIBUTIONS, check, distribution_of, words_of
from fem_island.case.file import beside, case_from_table, read_table
from fem_island.case.keys import key_at
from fem_island.case.parsing import JSON
from fem_island.case.readers import QuantityReader
from fem_island.case.shapes import Key, inner_table
from fem_island.case.tables_beside import UNCERTAIN, without_others
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.quantities import PURE_NUMBER, TEMPERATURE, Dimension

COMPLEMENT = "complement_of"
"""Says that a key is 1 less another one, as ac = 1 - aa is."""

ENTRY_KEYS = ("distribution", "low", "mode", "high", "mean", "deviation", COMPLEMENT)

UNCERTAIN_DESCRIPTION = (
    "For fem-island uncertain: how uncertain keys are, by their paths. Low and high are the "
    "central 95 % of normal and lognormal, and the ends of uniform and triangular; "
    "complement_of names a key of which this one is 1 less."
)

_LOST = 1e-3
"""Probability of values that a key does not take, from which a distribution is refused."""


@dataclass(frozen=True)
class Uncertain:
    """A key whose value is not certain.

    Attributes:
        path: The key's path in a case file.
        reader: What reads its numbers.
        distribution: Frozen distribution of SciPy, of SI values; None for a complement.
        words: What was said, for people.
        complement_of: Path of the key of which it is 1 less; empty otherwise.
    """

    path: str
    reader: QuantityReader
    distribution: Any
    words: str
    complement_of: str = ""

    @property
    def dimension(self) -> Dimension:
        """What its values are."""
        return self.reader.dimension

    def quantile(self, probability: Array) -> Array:
        """Values below which it is with probabilities [SI], within what the key takes."""
        values = np.asarray(self.distribution.ppf(probability), dtype=np.float64)
        return np.asarray(np.clip(values, *_allowed(self.reader)))


@dataclass(frozen=True)
class Uncertainty:
    """All that is uncertain in a case, independent of one another but for complements.

    Attributes:
        keys: In the order of the table; complements last.
    """

    keys: tuple[Uncertain, ...]

    @property
    def free(self) -> tuple[Uncertain, ...]:
        """Those with a distribution of their own."""
        return tuple(key for key in self.keys if not key.complement_of)

    def table(self, probabilities: Array) -> dict[str, Array]:
        """Values of all keys [SI] by their paths.

        Args:
            probabilities: Of every free key, each value between 0 and 1, shape (n, d).
        """
        found = {
            key.path: key.quantile(column)
            for key, column in zip(self.free, probabilities.T, strict=True)
        }
        return found | {
            key.path: 1 - found[key.complement_of] for key in self.keys if key.complement_of
        }


def read_uncertain_case(path: Path, changes: Iterable[str] = ()) -> tuple[Case, Uncertainty]:
    """Read a case file with a table ``[uncertain]``.

    Raises:
        InputError: With every fault.
    """
    try:
        table = beside(read_table(path, changes), path)
        unit_required = path.suffix.lower() != JSON
        if UNCERTAIN not in table:
            missing = (
                'is missing: how uncertain keys are, such as "kinetics.exchange_current_density" = '
                '{ distribution = "lognormal", low = "0.1 mA/cm^2", high = "100 mA/cm^2" }'
            )
            raise InputError([Fault(f"[{UNCERTAIN}]", None, missing)])
        faults: list[Fault] = []
        case, found = Case(), Uncertainty(())
        try:
            case = case_from_table(without_others(table), unit_required=unit_required)
        except InputError as error:
            faults += error.faults
        try:
            found = read_uncertainty(table[UNCERTAIN], unit_required=unit_required)
        except InputError as error:
            faults += error.faults
        if faults:
            raise InputError(faults)
        return case, found
    except InputError as error:
        raise error.in_file(str(path)) from None


def read_uncertainty(given: object, *, unit_required: bool = True) -> Uncertainty:
    """How uncertain keys are.

    Args:
        given: Tables by the paths of keys.
        unit_required: Refuse quantities without a unit; else they are SI.

    Raises:
        InputError: With every fault.

    Example:
        >>> given = {"electrolyte.conductivity": {"distribution": "normal", "mean": "1.8 mS/cm",
        ...     "deviation": "0.18 mS/cm"}}
        >>> (kappa,) = read_uncertainty(given).keys
        >>> round(float(kappa.distribution.mean()), 3)
        0.18
    """
    if not isinstance(given, Mapping) or not given:
        reason = "must be a table of keys and their distributions"
        raise InputError([Fault(UNCERTAIN, given, reason)])
    found: list[Uncertain] = []
    faults: list[Fault] = []
    for path, said in _flat(given):
        try:
            found.append(_entry(path, said, unit_required=unit_required))
        except InputError as error:
            faults += error.faults
    free = {key.path for key in found if not key.complement_of}
    faults += [
        Fault(f"{_place(key.path)}.{COMPLEMENT}", key.complement_of, "is not uncertain itself")
        for key in found
        if key.complement_of and key.complement_of not in free
    ]
    if faults:
        raise InputError(faults)
    return Uncertainty(tuple(sorted(found, key=lambda key: bool(key.complement_of))))


def _place(path: str) -> str:
    return f'{UNCERTAIN}."{path}"'


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Paths, also those that were written without quotes, which TOML reads as nested tables."""
    for name, value in table.items():
        path = f"{prefix}{name}"
        key: Key | None = key_at(path.split("."))
        inside = key is None or inner_table(key.shape) is not None
        if isinstance(value, Mapping) and value and inside and not set(value) & set(ENTRY_KEYS):
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _entry(path: str, said: object, *, unit_required: bool) -> Uncertain:
    place = _place(path)
    _, reader = number_at(path, place=place)
    if not isinstance(reader, QuantityReader):
        raise InputError([Fault(place, None, "takes whole numbers, which have no distribution")])
    if not isinstance(said, Mapping):
        raise InputError([Fault(place, said, f"must be a table of {', '.join(ENTRY_KEYS)}")])
    faults = [
        Fault(f"{place}.{name}", value, f"is not one of {', '.join(ENTRY_KEYS)}")
        for name, value in said.items()
        if name not in ENTRY_KEYS
    ]
    if COMPLEMENT in said:
        other = said[COMPLEMENT]
        if reader.dimension is not PURE_NUMBER or not isinstance(other, str) or len(said) > 1:
            reason = "stands alone, names another key, and is for pure numbers"
            faults.append(Fault(f"{place}.{COMPLEMENT}", other, reason))
        if faults:
            raise InputError(faults)
        return Uncertain(path, reader, None, f"1 - {other}", str(other))
    kind = said.get("distribution")
    if not isinstance(kind, str) or kind not in DISTRIBUTIONS:
        reason = f"must be one of {', '.join(DISTRIBUTIONS)}"
        raise InputError([*faults, Fault(f"{place}.distribution", kind, reason)])
    given = tuple(name for name in ENTRY_KEYS if name in said and name != "distribution")
    if set(given) not in [set(names) for names in DISTRIBUTIONS[kind]]:
        forms = " or ".join(" and ".join(names) for names in DISTRIBUTIONS[kind])
        raise InputError([*faults, Fault(place, None, f"of the kind {kind} needs {forms}")])
    numbers: dict[str, float] = {}
    free = QuantityReader(dimension=reader.dimension)
    for name in given:
        try:
            # A deviation is a difference: it need not be a value that the key takes.
            own = free if name == "deviation" else reader
            numbers[name] = own.read(said[name], unit_required=unit_required)
        except ValueError as error:
            faults.append(Fault(f"{place}.{name}", said[name], str(error)))
    if faults:
        raise InputError(faults)
    check(place, kind, numbers)
    deviation = said.get("deviation")
    if reader.dimension is TEMPERATURE and isinstance(deviation, str) and not _from_zero(deviation):
        reason = 'is a difference of temperatures; give it in K, such as "5 K"'
        raise InputError([Fault(f"{place}.deviation", deviation, reason)])
    distribution = distribution_of(kind, numbers)
    low, high = _allowed(reader)
    lost = float(distribution.cdf(low) + distribution.sf(high))
    if lost > _LOST:
        reason = (
            f"has values that the key does not take, with a probability of {lost:.2g}; "
            'take "lognormal", or "uniform" or "triangular" with ends'
        )
        raise InputError([Fault(place, None, reason)])
    words = words_of(kind, {name: said[name] for name in given}, reader.dimension)
    return Uncertain(path, reader, distribution, words)


def _from_zero(temperature: str) -> bool:
    """Whether none of the unit of a temperature is 0 K, as it is not in degC."""
    unit = temperature.lstrip(" +-.0123456789eE")
    return QuantityReader(dimension=TEMPERATURE).read(f"0 {unit}", unit_required=True) == 0.0


def _allowed(reader: QuantityReader) -> tuple[float, float]:
    low = -np.inf if reader.at_least is None else reader.at_least
    if reader.above is not None:
        low = max(low, np.nextafter(reader.above, np.inf))
    return low, np.inf if reader.at_most is None else reader.at_most
