"""The reference cases of an independent boundary-integral method, as case files and numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

REFERENCE = json.loads((Path(__file__).parent / "data" / "visible_cases.json").read_text())
CASES: list[dict[str, Any]] = REFERENCE["cases"]
NAMES = [case["id"] for case in CASES]


def case_file(case: dict[str, Any], tolerance: float) -> str:
    """The case as a TOML case file."""
    inputs = case["inputs"]
    lines = [
        "[electrolyte]",
        f'width = "{inputs["W"]!r} m"',
        f'height = "{inputs["H"]!r} m"',
        f'conductivity = "{inputs["kappa"]!r} S/m"',
        "[operation]",
        f'current_density = "{inputs["I"]!r} A/m^2"',
        f'temperature = "{inputs["T"]!r} K"',
        "[accuracy]",
        f'tolerance = "{tolerance!r} V"',
        "[output]",
        "probes = [",
        *(f'["{p["x"]!r} m", "{p["y"]!r} m"],' for p in case["outputs"]["phi_points"]),
        "]",
    ]
    for region in inputs["regions"]:
        i0 = f'exchange_current_density = "{region["i0"]!r} A/m^2"'
        alphas = (
            f"anodic_transfer_coefficient = {region['alpha_a']!r}",
            f"cathodic_transfer_coefficient = {region['alpha_c']!r}",
        )
        if region["name"] == "Li":
            lines += [
                "[[islands]]",
                f'width = "{region["b"] - region["a"]!r} m"',
                f'center = "{(region["a"] + region["b"]) / 2!r} m"',
                f"kinetics = {{ {i0}, {alphas[0]}, {alphas[1]} }}",
            ]
        elif "[interlayer]" not in lines:
            lines += [
                "[interlayer]",
                'reaction = "reversible"',
                f'equilibrium_potential = "{region["U"]!r} V"',
                i0,
                *alphas,
            ]
    return "\n".join(lines) + "\n"


def potential_errors(record: dict[str, Any], case: dict[str, Any]) -> dict[str, float]:
    """Error of every reported potential [V]."""
    reference = case["outputs"]
    lithium = reference["li"]
    islands = [region for region in reference["regions"] if region["name"] == "Li"]
    errors = {
        "mean": record["overpotential_mean"] - lithium["eta_mean"],
        "min": record["overpotential_min"] - lithium["eta_min"],
        "max": record["overpotential_max"] - lithium["eta_max"],
        "top": record["potential_top_mean"] - reference["phi_top_mean"],
    }
    for number, (ours, theirs) in enumerate(zip(record["islands"], islands, strict=True)):
        for name, key in (
            ("mean", "eta_mean"),
            ("center", "eta_centre"),
            ("left", "eta_edge_left"),
            ("right", "eta_edge_right"),
        ):
            errors[f"island {number} {name}"] = ours[f"overpotential_{name}"] - theirs[key]
    for number, (ours, theirs) in enumerate(
        zip(record["probes"], reference["phi_points"], strict=True)
    ):
        assert ours[:2] == pytest.approx([theirs["x"], theirs["y"]], rel=1e-12)
        errors[f"probe {number}"] = ours[2] - theirs["phi"]
    return errors
