"""Reference spectra of two methods without finite elements, as cases and numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_FILE = Path(__file__).parent / "data" / "impedance_cases.json"
CASES: list[dict[str, Any]] = json.loads(_FILE.read_text())["cases"]
NAMES = [case["id"] for case in CASES]


def case_file(case: dict[str, Any]) -> str:
    """The case as a TOML case file."""
    inputs = case["inputs"]
    islands, film, collector = [], [], []
    for region in inputs["regions"]:
        layer = ""
        if region.get("Q"):
            layer = (
                f'double_layer = {{ capacitance = "{region["Q"]!r} F/m^2", '
                f"exponent = {region['n']!r} }}"
            )
        if region["kind"] == "lithium":
            kinetics = [
                *_transfer(region),
                f'warburg_coefficient = "{region["warburg"]!r} ohm m^2 s^-0.5"',
                layer,
            ]
            islands += [
                "[[islands]]",
                *_place(region, planar=inputs["geometry"] == "planar"),
                f"kinetics = {{ {', '.join(part for part in kinetics if part)} }}",
            ]
        elif region["kind"] == "film":
            film = [
                "[interlayer]",
                f'reaction = "{region["reaction"]}"',
                f'equilibrium_potential = "{region["U"]!r} V"',
                *_transfer(region),
                layer,
            ]
        elif region["kind"] == "copper":
            collector = ["[collector]", layer]
        else:
            collector = [
                "[collector]",
                f'gap = "{region["thickness"]!r} m"',
                f"gap_permittivity = {region['eps_r']!r}",
            ]
    lines = [
        *([] if islands else ["islands = []"]),
        "[electrolyte]",
        f'geometry = "{inputs["geometry"]}"',
        f'{"width" if inputs["geometry"] == "planar" else "radius"} = "{inputs["W"]!r} m"',
        f'height = "{inputs["H"]!r} m"',
        f'conductivity = "{inputs["kappa"]!r} S/m"',
        f"permittivity = {inputs['eps_r']!r}",
        "[operation]",
        f'current_density = "{inputs["I"]!r} A/m^2"',
        f'temperature = "{inputs["T"]!r} K"',
        *film,
        *collector,
        "[impedance]",
        'frequencies = { from = "2 MHz", to = "2 Hz", per_decade = 10 }',
        *islands,
    ]
    return "\n".join(lines) + "\n"


def reference(case: dict[str, Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.complex128]]:
    """Frequencies [Hz] and Z [Ohm m^2]."""
    rows = case["outputs"]["Z"]
    return (
        np.array([row["f"] for row in rows]),
        np.array([complex(row["Z_re"], row["Z_im"]) for row in rows]),
    )


def _place(region: dict[str, Any], *, planar: bool) -> list[str]:
    if planar:
        return [
            f'width = "{region["b"] - region["a"]!r} m"',
            f'center = "{(region["a"] + region["b"]) / 2!r} m"',
        ]
    return [f'inner_radius = "{region["a"]!r} m"', f'outer_radius = "{region["b"]!r} m"']


def _transfer(region: dict[str, Any]) -> list[str]:
    return [
        f'exchange_current_density = "{region["i0"]!r} A/m^2"',
        f"anodic_transfer_coefficient = {region['aa']!r}",
        f"cathodic_transfer_coefficient = {region['ac']!r}",
    ]
