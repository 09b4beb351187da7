"""The reference cases of discs and rings from methods without finite elements, as case files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

REFERENCE = json.loads((Path(__file__).parent / "data" / "axisymmetric_cases.json").read_text())
CASES: list[dict[str, Any]] = REFERENCE["cases"]
NAMES = [case["id"] for case in CASES]

_LARGEST = max, "local_current_density_max", "overpotential_max"
_SMALLEST = min, "local_current_density_min", "overpotential_min"


def case_file(case: dict[str, Any], tolerance: float) -> str:
    """The case as a TOML case file."""
    inputs = case["inputs"]
    lines = [
        "[electrolyte]",
        'geometry = "axisymmetric"',
        f'radius = "{inputs["Rc"]!r} m"',
        f'height = "{inputs["H"]!r} m"',
        f'conductivity = "{inputs["kappa"]!r} S/m"',
        "[operation]",
        f'current_density = "{inputs["I"]!r} A/m^2"',
        f'temperature = "{inputs["T"]!r} K"',
        "[accuracy]",
        f'tolerance = "{tolerance!r} V"',
        "[output]",
        "probes = [",
        *(f'["{p["r"]!r} m", "{p["z"]!r} m"],' for p in case["outputs"]["points"]),
        "]",
    ]
    film: list[str] = []
    extent: list[str] = []
    for region in inputs["regions"]:
        kinetics = [
            f'exchange_current_density = "{region["i0"]!r} A/m^2"',
            f"anodic_transfer_coefficient = {region['alpha_a']!r}",
            f"cathodic_transfer_coefficient = {region['alpha_c']!r}",
        ]
        if region["kind"] == "lithium":
            lines += [
                "[[islands]]",
                f'inner_radius = "{region["a"]!r} m"',
                f'outer_radius = "{region["b"]!r} m"',
                f"kinetics = {{ {', '.join(kinetics)} }}",
            ]
            continue
        extent.append(f'["{region["a"]!r} m", "{region["b"]!r} m"]')
        film = [
            "[interlayer]",
            f'reaction = "{region["kind"]}"',
            f'equilibrium_potential = "{region["U"]!r} V"',
            *kinetics,
            f"extent = [{', '.join(extent)}]",
        ]
    return "\n".join([*lines, *film]) + "\n"


def lithium(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What the reference has of every island."""
    return [region for region in case["outputs"]["regions"] if region["kind"] == "lithium"]


def potential_errors(record: dict[str, Any], case: dict[str, Any]) -> dict[str, float]:
    """Error of every reported potential [V]."""
    reference, islands = case["outputs"], lithium(case)
    errors = {
        "mean": record["overpotential_mean"] - reference["overpotential_mean_islands"],
        "min": record["overpotential_min"] - min(i["overpotential_min"] for i in islands),
        "max": record["overpotential_max"] - max(i["overpotential_max"] for i in islands),
        "top": record["potential_top_mean"] - reference["potential_top_mean"],
    }
    if reference["exposed_drive_max"] is not None:
        errors["exposed"] = record["exposed_drive_max"] - reference["exposed_drive_max"]
    for number, (ours, theirs) in enumerate(zip(record["islands"], islands, strict=True)):
        for name, key in (
            ("mean", "mean"),
            ("left", "inner"),
            ("center", "mid_radius"),
            ("right", "outer"),
        ):
            errors[f"island {number} {name}"] = (
                ours[f"overpotential_{name}"] - theirs[f"overpotential_{key}"]
            )
    for number, (ours, theirs) in enumerate(
        zip(record["probes"], reference["points"], strict=True)
    ):
        assert ours[:2] == pytest.approx([theirs["r"], theirs["z"]], rel=1e-12)
        errors[f"probe {number}"] = ours[2] - theirs["phi"]
    return errors


def fraction_errors(record: dict[str, Any], case: dict[str, Any]) -> list[float]:
    """Error of every share of the current."""
    regions = case["outputs"]["regions"]
    pairs = zip(record["islands"], lithium(case), strict=True)
    errors = [ours["current_fraction"] - theirs["current_fraction"] for ours, theirs in pairs]
    film = [region["current_fraction"] for region in regions if region["kind"] != "lithium"]
    if film:
        errors.append(record["interlayer"]["current_fraction"] - sum(film))
    return errors


def peak_current_errors(record: dict[str, Any], case: dict[str, Any]) -> list[float]:
    """Errors of the extreme local current densities over the larger of them."""
    islands = lithium(case)
    wanted = [pick(island[key] for island in islands) for pick, key, _ in (_LARGEST, _SMALLEST)]
    found = [record[key] for _, key, _ in (_LARGEST, _SMALLEST)]
    size = max(map(abs, wanted))
    return [(ours - theirs) / size for ours, theirs in zip(found, wanted, strict=True)]


def uncovered(record: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """Numbers whose error is above its estimate and above what the reference knows."""
    islands = lithium(case)
    reference = {
        "overpotential_mean": case["outputs"]["overpotential_mean_islands"],
        "overpotential_max": max(i["overpotential_max"] for i in islands),
        "local_current_density_max": max(i["local_current_density_max"] for i in islands),
        "potential_top_mean": case["outputs"]["potential_top_mean"],
        "exposed_drive_max": case["outputs"]["exposed_drive_max"],
        "constriction_resistance": case["outputs"]["constriction_resistance"],
    }
    return [
        name
        for name, value in reference.items()
        if value is not None
        and abs(record[name] - value) > record["error_estimate"][name] + 1e-9 * abs(value) + 1e-12
    ]
