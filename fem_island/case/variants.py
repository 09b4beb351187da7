"""The same case with one film or another, or with none."""

from __future__ import annotations

from collections.abc import Iterable

from fem_island.case.case import Case
from fem_island.case.film import FilmReaction, Interlayer
from fem_island.errors import Fault, InputError
from fem_island.materials import library as materials

BARE = "none"
"""The case without a film."""

OWN = "case"
"""The film that the case itself has."""

OF_THE_MATERIAL = ("material", "metal", "equilibrium_potential", "plateaus", "capacity")
"""Keys of [interlayer] that another material has in ways of its own."""


def all_films() -> tuple[str, ...]:
    """No film, and every material that is known."""
    return (BARE, *by_potential())


def film_names(films: Iterable[str] | str | None) -> list[str]:
    """Films as people name several: a list, one text with commas, or None for all.

    Example:
        >>> film_names("none, Ag"), film_names(["Au"])
        (['none', 'Ag'], ['Au'])
    """
    if isinstance(films, str):
        return [name.strip() for name in films.split(",")]
    return list(all_films() if films is None else films)


def by_potential() -> list[str]:
    """All materials, those first that begin to give lithium at the lowest potential."""
    films = materials.films()
    return sorted(films, key=lambda symbol: films[symbol].delithiation_potential.value)


def check_films(films: Iterable[str], case: Case, *, key: str = "films") -> None:
    """Refuse names of no film, and films that are named twice.

    Args:
        films: Symbols of materials, "none", or "case" for the film that the case has.
        case: What the films are put into.
        key: What the names were given as.

    Raises:
        InputError: With every fault.
    """
    known = set(all_films())
    if case.cell.interlayer is not None:
        known.add(OWN)
    names = list(films)
    faults = [
        Fault(key, name, f"is not one of {', '.join([*all_films(), OWN])}")
        for name in dict.fromkeys(names)
        if name not in known | {OWN}
    ]
    if OWN in names and OWN not in known:
        faults.append(Fault(key, OWN, "is the film of the case, which has none"))
    faults += [
        Fault(key, name, "is there more than once")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if not names:
        faults.append(Fault(key, None, "names no film"))
    if faults:
        raise InputError(faults)


def with_film(case: Case, name: str) -> Case:
    """The case with another film, that reacts.

    The film keeps what the case says of its kinetics, thickness, state of charge and extent, and
    takes potential and capacity from its material. Where the case's film has the same material it
    is the case's film. Unless the case says how, a film releases its lithium.

    Args:
        case: What the film is put into.
        name: Symbol of a material, "none", or "case" for the film that the case has.

    Raises:
        InputError: There is no such film, or it does not fit into the case.
    """
    check_films([name], case)
    own = case.cell.interlayer
    if name == BARE:
        film = None
    else:
        reaction: FilmReaction = "release"
        given = {} if own is None else dict(own)
        if own is not None and own.reaction != "none":
            reaction = own.reaction
        if own is None or name not in (OWN, own.material):
            given = {key: value for key, value in given.items() if key not in OF_THE_MATERIAL}
            given["material"] = name
        film = Interlayer(**given | {"reaction": reaction})
    cell = case.cell.model_copy(update={"interlayer": film})
    return case.model_copy(update={"cell": cell})
