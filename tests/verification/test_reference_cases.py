"""All reference cases through the command line, to the tolerance that was asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reference_cases import CASES, NAMES, case_file, potential_errors

FEM_ISLAND = str(Path(sys.executable).parent / "fem-island")


def solve_all(folder: Path, tolerance: float) -> dict[str, dict[str, Any]]:
    files = []
    for case in CASES:
        path = folder / f"{case['id']}.toml"
        path.write_text(case_file(case, tolerance))
        files.append(str(path))
    run = subprocess.run(
        [FEM_ISLAND, "solve", *files, "--json", "--solver", "newton"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert [record["case"] for record in records] == files
    return dict(zip(NAMES, records, strict=True))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return solve_all(tmp_path_factory.mktemp("microvolt"), 1e-6)


@pytest.fixture(scope="module")
def coarse_records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return solve_all(tmp_path_factory.mktemp("coarse"), 1e-4)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_potentials_are_within_a_microvolt(
    case: dict[str, Any], records: dict[str, dict[str, Any]]
) -> None:
    record = records[case["id"]]
    assert record["status"] == "converged"
    assert record["charge_imbalance"] < 1e-9
    wrong = {
        name: error
        for name, error in potential_errors(record, case).items()
        if not abs(error) <= 1e-6
    }
    assert wrong == {}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_extreme_currents_are_within_a_thousandth(
    case: dict[str, Any], records: dict[str, dict[str, Any]]
) -> None:
    record, lithium = records[case["id"]], case["outputs"]["li"]
    allowed = 1e-3 * max(abs(lithium["i_max"]), abs(lithium["i_min"]))
    assert record["local_current_density_max"] == pytest.approx(lithium["i_max"], abs=allowed)
    assert record["local_current_density_min"] == pytest.approx(lithium["i_min"], abs=allowed)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_current_fractions(case: dict[str, Any], records: dict[str, dict[str, Any]]) -> None:
    record, regions = records[case["id"]], case["outputs"]["regions"]
    islands = [region["current_fraction"] for region in regions if region["name"] == "Li"]
    ours = [island["current_fraction"] for island in record["islands"]]
    assert ours == pytest.approx(islands, abs=2e-5)
    film = [region["current_fraction"] for region in regions if region["name"] != "Li"]
    if film:
        assert record["interlayer"]["current_fraction"] == pytest.approx(sum(film), abs=2e-5)
    else:
        assert record["interlayer"] is None


@pytest.mark.parametrize("tolerance", ["records", "coarse_records"])
def test_no_error_is_above_its_estimate(tolerance: str, request: pytest.FixtureRequest) -> None:
    ratios = []
    for case in CASES:
        record = request.getfixturevalue(tolerance)[case["id"]]
        estimate, lithium = record["error_estimate"], case["outputs"]["li"]
        for key, reference, floor in (
            ("overpotential_mean", lithium["eta_mean"], 1e-10),
            ("overpotential_max", lithium["eta_max"], 1e-10),
            ("local_current_density_max", lithium["i_max"], 1e-9 * abs(lithium["i_max"])),
        ):
            error = max(abs(record[key] - reference), floor)
            assert max(estimate[key], floor) >= error, (case["id"], key)
            ratios.append(max(estimate[key], floor) / error)
    assert sorted(ratios)[len(ratios) // 2] < 10
