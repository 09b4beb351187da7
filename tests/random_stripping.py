"""Cells drawn over more than anyone will strip, to see that every run ends with its reason."""

from __future__ import annotations

from typing import Any

import numpy as np

import fem_island as fi
from fem_island.materials import library as materials

_LEAST_APART = 0.02
"""Between islands, as a share of the width."""


def random_stripping_case(number: int, *, tolerance: float = 10e-6) -> fi.Case:
    """The case of a number, always the same.

    W is 10 to 1600 um, kappa 1e-3 to 10 S/m, i0 0.03 to 1000 A/m^2 and I 0.05 to 20 A/m^2. Films
    are of all materials, from 10 nm to 1 um, and release lithium or take it as well.

    Args:
        number: Seed of the draw.
        tolerance: Of the run [V].
    """
    draw = np.random.default_rng([13, number])

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(draw.uniform(np.log(low), np.log(high))))

    width = log_uniform(10e-6, 1600e-6)
    cell: dict[str, Any] = {
        "electrolyte": {
            "width": width,
            "height": log_uniform(5e-6, 100e-6),
            "conductivity": log_uniform(1e-3, 10.0),
        },
        "kinetics": {
            "exchange_current_density": log_uniform(0.03, 1000.0),
            "anodic_transfer_coefficient": float(draw.uniform(0.3, 0.7)),
            "cathodic_transfer_coefficient": float(draw.uniform(0.3, 0.7)),
        },
    }
    if draw.random() < 0.4:
        cell["lithium"] = {
            "thickness": log_uniform(0.05e-6, 10e-6),
            "variation": float(draw.choice([0.0, draw.uniform(0.02, 1.5)])),
            "period": width / float(draw.choice([0.5, 1.0, 1.0, 1.5, 2.0, 5.0])),
        }
    else:
        cell["islands"] = _islands(draw, width, log_uniform(0.2e-6, 10e-6))
    if draw.random() < 0.75:
        cell["interlayer"] = {
            "material": str(draw.choice(sorted(materials.films()))),
            "reaction": str(draw.choice(["release", "release", "reversible"])),
            "thickness": log_uniform(10e-9, 1e-6),
            "exchange_current_density": log_uniform(0.03, 1000.0),
        }
    return fi.Case(
        cell=cell,
        operation={
            "current_density": log_uniform(0.05, 20.0),
            "temperature": float(draw.choice([298.15, draw.uniform(263.0, 353.0)])),
        },
        stripping={"tolerance": tolerance, "cutoff_voltage": float(draw.choice([0.5, 1.0]))},
    )


def _islands(draw: np.random.Generator, width: float, thickness: float) -> list[dict[str, Any]]:
    """One to three islands, in the middle or anywhere, of any shape."""
    count = int(draw.choice([1, 1, 2, 3]))
    shapes = [str(draw.choice(["parabola", "triangle", "slab"])) for _ in range(count)]
    if count == 1 and draw.random() < 0.5:
        share = float(draw.uniform(0.03, 0.95))
        return [{"width": share * width, "thickness": thickness, "shape": shapes[0]}]
    ends = np.sort(draw.uniform(_LEAST_APART, 1 - _LEAST_APART, 2 * count))
    ends += _LEAST_APART * np.arange(2 * count)
    ends /= 1 + _LEAST_APART * 2 * count
    return [
        {
            "width": float(right - left) * width,
            "center": 0.5 * float(left + right) * width,
            "thickness": thickness * float(draw.uniform(0.3, 1.0)),
            "shape": shape,
        }
        for left, right, shape in zip(ends[::2], ends[1::2], shapes, strict=True)
    ]
