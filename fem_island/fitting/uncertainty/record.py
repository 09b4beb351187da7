"""What uncertain values come to: quantiles, probabilities and indices as data and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island.case.case import Case
from fem_island.case.point_column import header_of
from fem_island.case.uncertain import Uncertainty
from fem_island.fitting.uncertainty.onsets import Onsets
from fem_island.fitting.uncertainty.sampling import wilson_interval
from fem_island.fitting.uncertainty.sensitivity import Sensitivity
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.machine.paths import from_home
from fem_island.machine.research_object import write_crate
from fem_island.machine.whole_files import make_folder, write_json
from fem_island.quantities import Dimension, in_unit

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PROBABILITIES = (0.025, 0.16, 0.5, 0.84, 0.975)
"""Of the quantiles that are reported."""


@dataclass(frozen=True)
class Spread:
    """One reported number over all samples.

    Attributes:
        name: Path of the number.
        unit: Of the values; empty for SI.
        quantity: What they are.
        values: Shape (n,); NaN where a sample has no solution.
        sensitivities: Sobol indices, the largest first.
    """

    name: str
    unit: str
    quantity: Dimension
    values: Array
    sensitivities: tuple[Sensitivity, ...]

    @property
    def failed(self) -> int:
        """Samples without a solution."""
        return int(np.count_nonzero(~np.isfinite(self.values)))

    @property
    def quantiles(self) -> dict[str, float]:
        """Values below which it is with the reported probabilities."""
        return quantiles(self.values)

    @property
    def path(self) -> str:
        """Its name without the unit."""
        return header_of(self.name)[0]

    @property
    def shown_in(self) -> str:
        """The unit in which people read it; empty where it has none."""
        return self.unit or self.quantity.shown_in

    @property
    def shown_values(self) -> Array:
        """Its values in that unit."""
        if self.unit or not self.quantity.shown_in:
            return self.values
        none, one = (in_unit(each, self.quantity) for each in (0.0, 1.0))
        return np.asarray(none + (one - none) * self.values)


@dataclass(frozen=True)
class FilmActs:
    """Whether and where a film acts.

    Attributes:
        film: Symbol, or "case".
        margin: Potential less that of the film at the case's island and current [V], shape (n,).
        widths: Island sizes below which it acts.
        sensitivities: Sobol indices of the logarithm of that size.
    """

    film: str
    margin: Array
    widths: Onsets
    sensitivities: tuple[Sensitivity, ...]

    @property
    def probability(self) -> float:
        """That it acts."""
        known = self.margin[np.isfinite(self.margin)]
        return float(np.mean(known >= 0)) if len(known) else float("nan")

    @property
    def standard_error(self) -> float:
        """Of the probability, of independent samples; those of a Sobol sequence do better."""
        known = int(np.count_nonzero(np.isfinite(self.margin)))
        return float(np.sqrt(self.probability * (1 - self.probability) / max(known, 1)))

    @property
    def interval_95(self) -> tuple[float, float]:
        """Of the probability, by Wilson: with a width also where none or all of the samples act."""
        known = int(np.count_nonzero(np.isfinite(self.margin)))
        low, high = wilson_interval(np.array([self.probability]), np.array([max(known, 1)]))
        return float(low[0]), float(high[0])

    @property
    def beyond_cell(self) -> float:
        """Share of the samples where it acts at any size that fits into the cell."""
        return float(np.mean(~self.widths.solved & np.isfinite(self.widths.values)))


@dataclass(frozen=True)
class UncertaintyRun:
    """What uncertain values of a case mean.

    Attributes:
        case: The case.
        uncertainty: What is uncertain.
        table: Samples by paths of keys [SI].
        spreads: Reported numbers.
        films: Whether and where films act.
        judged: What must reach the potential of a film.
        seed: Of the samples.
    """

    case: Case
    uncertainty: Uncertainty
    table: Mapping[str, Array]
    spreads: tuple[Spread, ...]
    films: tuple[FilmActs, ...]
    judged: str
    seed: int

    def __repr__(self) -> str:
        """What is uncertain, and what was asked."""
        numbers = ", ".join(spread.name for spread in self.spreads)
        return f"UncertaintyRun({self.count} samples of {', '.join(self.table)}: {numbers})"

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(next(iter(self.table.values())))

    @property
    def failed(self) -> int:
        """Largest number of samples without a solution."""
        return max((spread.failed for spread in self.spreads), default=0)

    def record(self, name: str) -> dict[str, Any]:
        """As one JSON object, in SI units but where an output names its own.

        Args:
            name: Of the case.
        """
        found: dict[str, Any] = plain(
            {
                "case": name,
                "samples": self.count,
                "seed": self.seed,
                "failed_samples": self.failed,
                "uncertain": {key.path: key.words for key in self.uncertainty.keys},
                "outputs": {
                    spread.name: {
                        "quantiles": spread.quantiles,
                        "failed_samples": spread.failed,
                        "sobol": [_index(each) for each in spread.sensitivities],
                    }
                    for spread in self.spreads
                },
                "films": {
                    acts.film: {
                        "probability": acts.probability,
                        "standard_error": acts.standard_error,
                        "interval_95": acts.interval_95,
                        "judged_by": self.judged,
                        "onset_width": quantiles(acts.widths.values),
                        "share_beyond_cell": acts.beyond_cell,
                        "sobol_of_log_onset_width": [_index(each) for each in acts.sensitivities],
                    }
                    for acts in self.films
                },
            }
        )
        return found

    def dataset(self) -> xarray.Dataset:
        """Samples and results along "sample"."""
        import xarray

        along = "sample"
        data: dict[str, Any] = {}
        dimensions = {key.path: key.dimension.cf_unit for key in self.uncertainty.keys}
        for path, values in self.table.items():
            data[path] = (along, values, {"units": dimensions[path]})
        for spread in self.spreads:
            data[spread.name] = (along, spread.values)
        for acts in self.films:
            about = {"long_name": f"island size below which {acts.film} acts", "units": "m"}
            data[f"onset_width_{acts.film}"] = (along, acts.widths.values, about)
        return xarray.Dataset(data, attrs={"case": self.case.to_json()})

    def plot(
        self,
        path: Path | str | None = None,
        *,
        ax: Sequence[Axes] | None = None,
        size: tuple[float, float] | None = None,
    ) -> Figure:
        """Draw the distributions of the numbers, and their Sobol indices.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            ax: Two axes of a figure of one's own for each number, the upper one first, or None.
            size: Width and height of the figure in inches.

        Returns:
            The matplotlib figure.

        Raises:
            InputError: A picture cannot be written there, or cannot look like that.
        """
        from fem_island.plots import picture_file
        from fem_island.plots.uncertainty import Panel, draw_uncertainty

        path = picture_file.prepared(path)
        panels = [
            Panel(
                spread.path,
                spread.shown_in,
                spread.shown_values,
                [(index.path, index.total) for index in spread.sensitivities],
            )
            for spread in self.spreads
        ]
        figure = draw_uncertainty(panels, ax=ax, size=size)
        picture_file.save(figure, path)
        return figure

    def write(self, folder: Path | str, name: str = "uncertain") -> list[Path]:
        """Write numbers (JSON), samples (NetCDF) and a picture.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.

        Raises:
            OutputError: A file cannot be written.
        """
        from fem_island.results.dataset_file import write_dataset

        folder = from_home(folder)
        make_folder(folder)
        numbers, data, picture = (folder / f"{name}.{kind}" for kind in ("json", "nc", "png"))
        write_json(self.record(name), numbers)
        write_dataset(self.dataset(), data)
        self.plot(picture)
        words = {
            numbers.name: "quantiles, probabilities and indices",
            data.name: "samples and their results",
            picture.name: "their distributions",
        }
        return [numbers, data, picture, write_crate(folder, f"Uncertainty of {name}", words)]


def quantiles(values: Array) -> dict[str, float]:
    """Values below which finite numbers are with the reported probabilities."""
    known = values[np.isfinite(values)]
    found = np.quantile(known, PROBABILITIES) if len(known) else np.full(5, np.nan)
    return {f"{p:g}": float(v) for p, v in zip(PROBABILITIES, found, strict=True)}


def _index(each: Sensitivity) -> dict[str, Any]:
    return {
        "key": each.path,
        "first": each.first,
        "first_interval_95": each.first_interval,
        "total": each.total,
        "total_interval_95": each.total_interval,
    }
