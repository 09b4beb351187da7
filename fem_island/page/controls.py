"""What can be changed on the page: keys of a case file with a range, a unit and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from fem_island.case.case import Case
from fem_island.case.keys import key_at
from fem_island.case.readers import QuantityReader
from fem_island.case.variants import BARE, OWN, by_potential
from fem_island.errors import Fault, InputError
from fem_island.materials.library import label_of
from fem_island.page.bases import FILM
from fem_island.quantities import in_unit

_MOST_ISLANDS = 6
"""That get a slider each."""

Group = Literal["islands", "operation", "kinetics", "electrolyte", "film", "stripping", "spectrum"]
Needs = Literal["", "film", "reacting film"]


@dataclass(frozen=True)
class Slider:
    """A number with a unit.

    Attributes:
        key: Its path in a case file.
        words: What it is.
        unit: In which it is shown, as a case file takes it.
        low: Left end of the slider, in that unit; a field beside it takes what the case file takes.
        high: Right end.
        group: Where it stands.
        value: Of the case, in that unit; None where the case leaves it out.
        spacing: Of the slider.
        signed: Whether it can also be below 0: then the slider is its size.
        suggested: Where the case leaves it out, what is taken once it is needed.
        otherwise: What holds where it is left out, in words.
        needs: Without which it has no meaning.
    """

    key: str
    words: str
    unit: str
    low: float
    high: float
    group: Group
    value: float | None = None
    spacing: Literal["log", "linear"] = "log"
    signed: bool = False
    suggested: float | None = None
    otherwise: str = ""
    needs: Needs = ""
    kind: Literal["slider"] = field(default="slider", init=False)


@dataclass(frozen=True)
class Choice:
    """One of several texts.

    Attributes:
        key: Its path in a case file, or "film".
        words: What it is.
        options: Values and what they mean.
        group: Where it stands.
        value: Of the case.
        needs: Without which it has no meaning.
    """

    key: str
    words: str
    options: tuple[tuple[str, str], ...]
    group: Group
    value: str | None = None
    needs: Needs = ""
    kind: Literal["choice"] = field(default="choice", init=False)


Control = Slider | Choice

_SLIDERS = (
    Slider("operation.current_density", "current density", "mA/cm^2", 0.01, 10, "operation",
           signed=True),
    Slider("operation.temperature", "temperature", "degC", -20, 100, "operation",
           spacing="linear"),
    Slider("kinetics.exchange_current_density", "exchange current density i0", "mA/cm^2", 0.01, 100,
           "kinetics"),
    Slider("electrolyte.conductivity", "conductivity", "mS/cm", 0.001, 100, "electrolyte"),
    Slider("electrolyte.width", "width of the cell", "um", 5, 1000, "electrolyte"),
    Slider("electrolyte.height", "height of the cell", "um", 1, 1000, "electrolyte"),
    Slider("interlayer.exchange_current_density", "i0 of the film", "mA/cm^2", 0.001, 100, "film",
           otherwise="as lithium", needs="reacting film"),
    Slider("interlayer.thickness", "thickness of the film", "nm", 5, 1000, "film",
           needs="reacting film"),
    Slider("interlayer.state_of_charge", "state of charge of the film", "", 0.0, 1.0, "film",
           spacing="linear", needs="reacting film"),
    Slider("stripping.cutoff_voltage", "cut-off voltage", "V", 0.05, 2.0, "stripping",
           suggested=0.5),
    Slider("kinetics.double_layer.capacitance", "double layer of lithium", "uF/cm^2", 0.1, 1000,
           "spectrum", suggested=10.0),
    Slider("collector.double_layer.capacitance", "double layer of bare copper", "uF/cm^2", 0.1,
           1000, "spectrum", otherwise="none"),
)  # fmt: skip

_REACTIONS = (
    ("none", "passive: onset is judged"),
    ("release", "gives lithium, takes none"),
    ("reversible", "gives and takes lithium"),
)
_SHAPES = (("slab", "slab"), ("parabola", "parabola"), ("triangle", "triangle"))


def controls(case: Case) -> list[Control]:
    """What can be changed in a case, in the order of the page."""
    table = case.tables()
    return [*_of_islands(case, table), *_of_film(case), *_others(table)]


def keys_of(found: list[Control]) -> frozenset[str]:
    """The changes that a page with these controls may make."""
    return frozenset(control.key for control in found)


def records(found: list[Control]) -> list[dict[str, Any]]:
    """The controls as plain data."""
    return [asdict(control) for control in found]


def check_shown(case: Case) -> None:
    """Refuse a case that the page cannot show.

    Raises:
        InputError: It is no planar cell, or has no islands.
    """
    geometry = getattr(case.cell.electrolyte, "geometry", "planar")
    if geometry != "planar":
        reason = "is not shown by the page, which is for planar cells; fem-island solve takes it"
        raise InputError([Fault("electrolyte.geometry", geometry, reason)])
    if not case.cell.islands:
        raise InputError([Fault("islands", [], "are needed: the page moves an island")])
    for law in case.cell.laws:
        if not type(law).__module__.startswith("fem_island."):
            reason = "is a law of your own, which the processes of the page do not know"
            raise InputError([Fault("kinetics.law", law.law, reason)])


def _of_islands(case: Case, table: Mapping[str, Any]) -> Iterator[Control]:
    islands = case.cell.islands
    if case.cell.lithium is not None:
        return
    several = 1 < len(islands) <= _MOST_ISLANDS
    for number, island in enumerate(islands[: _MOST_ISLANDS if several else 1]):
        key = f"islands.{number}.width" if several else "islands.width"
        words = f"width of island {number}" if several else "island width"
        if len(islands) > _MOST_ISLANDS:
            words = "width of all islands"
        yield Slider(key, words, "um", 0.1, 100, "islands", value=_shown(island.width, key, "um"))
    key = "islands.thickness"
    known = islands[0].thickness
    yield Slider(
        key, "thickness of the lithium", "um", 0.1, 20, "stripping", suggested=2.0,
        value=None if known is None else _shown(known, key, "um"),
    )  # fmt: skip
    yield Choice("islands.shape", "shape of the lithium", _SHAPES, "stripping", islands[0].shape)


def _of_film(case: Case) -> Iterator[Control]:
    own = case.cell.interlayer
    options = [(BARE, "none: bare copper"), *((name, label_of(name)) for name in by_potential())]
    if own is not None:
        options.insert(1, (OWN, f"of the case ({own.material or 'own potential'})"))
    yield Choice(FILM, "film", tuple(options), "film", BARE if own is None else OWN)
    reaction = "release" if own is None else own.reaction
    yield Choice(
        "interlayer.reaction", "reaction of the film", _REACTIONS, "film", reaction, "film"
    )


def _others(table: Mapping[str, Any]) -> Iterator[Control]:
    for slider in _SLIDERS:
        value: Any = table
        for name in slider.key.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping):
            value = value.get("value")
        if value is None and slider.key.startswith("interlayer."):
            key = key_at(slider.key.split("."))
            value = None if key is None else key.default
        shown = None if value is None else _shown(value, slider.key, slider.unit)
        yield Slider(**{k: v for k, v in vars(slider).items() if k != "kind"} | {"value": shown})


def _shown(value: float, key: str, unit: str) -> float:
    """An SI value in the unit of a slider."""
    found = key_at(key.split("."))
    if not unit or found is None or not isinstance(found.shape, QuantityReader):
        return value
    return float(f"{in_unit(value, found.shape.dimension, unit):.12g}")
