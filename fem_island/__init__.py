"""Potential, current and film response around lithium islands in anode-free solid-state cells.

Example:
    >>> import fem_island as fi
    >>> cell = fi.Cell(islands=[fi.Island(width="5 um")], interlayer=fi.interlayer("Ag"))
    >>> solution = fi.solve(cell, current_density="0.25 mA/cm^2")
    >>> round(solution.result.overpotential_mean, 4)
    0.0846
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fem_island.case.case import Accuracy, Case, Operation, Output
    from fem_island.case.cell import Cell
    from fem_island.case.contact_map import ContactMap
    from fem_island.case.electrolyte import Electrolyte
    from fem_island.case.file import read_case
    from fem_island.case.film import Interlayer, interlayer
    from fem_island.case.island import Island
    from fem_island.case.kinetics import (
        ButlerVolmer,
        IslandKinetics,
        Kinetics,
        LinearKinetics,
        Tafel,
    )
    from fem_island.case.layer import Layer
    from fem_island.case.series import CounterElectrode, Series
    from fem_island.case.stripping import ProtocolStep, Stripping
    from fem_island.errors import ConvergenceError, FemIslandError, InputError
    from fem_island.experiments.evaluation.evaluating import evaluate
    from fem_island.experiments.evaluation.function import PointFunction, function
    from fem_island.experiments.evaluation.record import Evaluation
    from fem_island.experiments.impedance.computing import impedance
    from fem_island.experiments.impedance.in_time import SpectraInTime, impedance_in_time
    from fem_island.experiments.impedance.spectrum import Spectrum
    from fem_island.experiments.interface_law import interface_law
    from fem_island.experiments.point.solution import Solution
    from fem_island.experiments.point.solve import solve
    from fem_island.experiments.stripping.record import StoppedRunError, StrippingRun
    from fem_island.experiments.stripping.run import strip
    from fem_island.experiments.sweeps.running import sweep
    from fem_island.fitting.design import Design, design
    from fem_island.fitting.fitting import fit
    from fem_island.fitting.record import Fit
    from fem_island.fitting.uncertainty.maps import probability_map
    from fem_island.fitting.uncertainty.propagating import uncertainty
    from fem_island.page.notebook import LivePage, explore
    from fem_island.plots.labelled_map import plot_map
    from fem_island.results.result import Result
    from fem_island.studies.comparison.comparing import compare
    from fem_island.studies.film_onset.onset import Onset, onset

__all__ = [
    "Accuracy",
    "ButlerVolmer",
    "Case",
    "Cell",
    "ContactMap",
    "ConvergenceError",
    "CounterElectrode",
    "Design",
    "Electrolyte",
    "Evaluation",
    "FemIslandError",
    "Fit",
    "InputError",
    "Interlayer",
    "Island",
    "IslandKinetics",
    "Kinetics",
    "Layer",
    "LinearKinetics",
    "LivePage",
    "Onset",
    "Operation",
    "Output",
    "PointFunction",
    "ProtocolStep",
    "Result",
    "Series",
    "Solution",
    "SpectraInTime",
    "Spectrum",
    "StoppedRunError",
    "Stripping",
    "StrippingRun",
    "Tafel",
    "compare",
    "design",
    "evaluate",
    "explore",
    "fit",
    "function",
    "impedance",
    "impedance_in_time",
    "interface_law",
    "interlayer",
    "onset",
    "plot_map",
    "probability_map",
    "read_case",
    "solve",
    "strip",
    "sweep",
    "uncertainty",
]

# Names are imported when first used: DOLFINx takes half a second to load and pydantic a quarter,
# which neither the command line's help nor the check of a case file should wait for.
_MODULES = {
    "errors": ("ConvergenceError", "FemIslandError", "InputError"),
    "case.case": ("Accuracy", "Case", "Operation", "Output"),
    "case.cell": ("Cell",),
    "case.contact_map": ("ContactMap",),
    "case.electrolyte": ("Electrolyte",),
    "case.file": ("read_case",),
    "case.film": ("Interlayer", "interlayer"),
    "case.island": ("Island",),
    "case.kinetics": ("ButlerVolmer", "IslandKinetics", "Kinetics", "LinearKinetics", "Tafel"),
    "case.layer": ("Layer",),
    "case.series": ("CounterElectrode", "Series"),
    "case.stripping": ("ProtocolStep", "Stripping"),
    "experiments.interface_law": ("interface_law",),
    "fitting.design": ("Design", "design"),
    "fitting.fitting": ("fit",),
    "fitting.record": ("Fit",),
    "page.notebook": ("LivePage", "explore"),
    "fitting.uncertainty.maps": ("probability_map",),
    "fitting.uncertainty.propagating": ("uncertainty",),
    "plots.labelled_map": ("plot_map",),
    "results.result": ("Result",),
    "experiments.evaluation.evaluating": ("evaluate",),
    "experiments.evaluation.function": ("PointFunction", "function"),
    "experiments.evaluation.record": ("Evaluation",),
    "experiments.impedance.computing": ("impedance",),
    "experiments.impedance.in_time": ("SpectraInTime", "impedance_in_time"),
    "experiments.impedance.spectrum": ("Spectrum",),
    "experiments.point.solution": ("Solution",),
    "experiments.point.solve": ("solve",),
    "experiments.stripping.record": ("StoppedRunError", "StrippingRun"),
    "experiments.stripping.run": ("strip",),
    "experiments.sweeps.running": ("sweep",),
    "studies.comparison.comparing": ("compare",),
    "studies.film_onset.onset": ("Onset", "onset"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("fem-island")
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__, "__version__"]
