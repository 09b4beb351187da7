"""Contact maps: reference cases, and random ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import fem_island as fi

_DATA = Path(__file__).parent / "data"

FILE: dict[str, Any] = json.loads((_DATA / "map_cases.json").read_text())
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in FILE["cases"]}
WITH_IMAGE = [name for name, case in CASES.items() if "image" in case["inputs"]]


def image_of(name: str) -> npt.NDArray[np.int8]:
    """The image of a reference case, as the package indexes it: the file has [x, y]."""
    with np.load(_DATA / "map_images.npz") as images:
        return np.ascontiguousarray(images[name].T)


def reference_case(
    name: str, *, tolerance: float, image: npt.NDArray[Any] | None = None
) -> fi.Case:
    """The case of the package that a reference case describes."""
    given = CASES[name]["inputs"]
    lithium, film = given["classes"]["1"], given["classes"].get("2")
    image = image_of(name) if image is None else image
    contact = fi.ContactMap(
        image=image, pixel=given["Lx"] / image.shape[1], film=None if film is None else 2
    )
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(geometry="map", height=given["H"], conductivity=given["kappa"]),
        kinetics=fi.Kinetics(**_kinetics(lithium)),
        interlayer=None
        if film is None
        else fi.Interlayer(
            reaction="reversible", equilibrium_potential=film["U"], **_kinetics(film)
        ),
        map=contact,
    )
    return fi.Case(
        cell=cell,
        operation=fi.Operation(current_density=given["I"], temperature=given["T"]),
        accuracy=fi.Accuracy(tolerance=tolerance),
    )


SPECTRA: list[dict[str, Any]] = json.loads((_DATA / "map_impedance_cases.json").read_text())


def spectrum_case(given: dict[str, Any], *, tolerance: float) -> fi.Case:
    """The case of the package that a reference spectrum describes, at its frequencies above 0."""
    inputs = given["inputs"]
    image = np.array([[int(value) for value in row] for row in inputs["image_rows"]])
    lithium, copper = inputs["classes"]["1"], inputs["classes"]["0"]
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(
            geometry="map",
            height=inputs["H"],
            conductivity=inputs["kappa"],
            permittivity=inputs["eps_r"],
        ),
        kinetics=fi.Kinetics(exchange_current_density=lithium["i0"], double_layer=_layer(lithium)),
        collector={"double_layer": _layer(copper)},
        map=fi.ContactMap(image=image, pixel=inputs["Lx"] / image.shape[1]),
    )
    frequencies = [each["f"] for each in given["outputs"]["Z"] if each["f"] > 0]
    return fi.Case(
        cell=cell,
        operation=fi.Operation(temperature=inputs["T"]),
        impedance={
            "frequencies": frequencies,
            "current_density": 0.0,
            "tolerance": tolerance,
        },
    )


def _layer(given: dict[str, float]) -> dict[str, float]:
    return {"capacitance": given["Q"], "exponent": given["n"]}


def _kinetics(given: dict[str, float]) -> dict[str, float]:
    return {
        "exchange_current_density": given["i0"],
        "anodic_transfer_coefficient": given["aa"],
        "cathodic_transfer_coefficient": given["ac"],
    }


def blobs(
    shape: tuple[int, int], coverage: float, size: float, generator: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Random blobs of a size in pixels: the highest places of a smooth random field."""
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(generator.standard_normal(shape), size, mode="reflect")
    high: npt.NDArray[np.uint8] = np.greater(field, np.quantile(field, 1 - coverage)).astype("u1")
    return high


def random_case(seed: int, *, most: int = 48, tolerance: float | None = None) -> fi.Case:
    """A random contact map: shapes, sizes, kinetics from slow to primary, films, both signs."""
    generator = np.random.default_rng(seed)
    rows, columns = generator.integers(2, most, 2).tolist()
    coverage = 10 ** generator.uniform(-1.7, -0.1)
    kind = generator.choice(
        ["blobs", "salt", "one", "full", "strips"], p=[0.35, 0.3, 0.1, 0.05, 0.2]
    )
    image = np.zeros((rows, columns), dtype=np.uint8)
    if kind == "blobs":
        image = blobs((rows, columns), coverage, generator.uniform(1, 4), generator)
    elif kind == "salt":
        image = (generator.random((rows, columns)) < coverage).astype(np.uint8)
    elif kind == "strips":
        image[:] = generator.random(columns) < coverage
    elif kind == "full":
        image[:] = 1
    if not image.any():
        image[generator.integers(rows), generator.integers(columns)] = 1
    pixel = 10 ** generator.uniform(-6.5, -5)
    size = max(rows, columns) * pixel
    exchange = 10 ** generator.uniform(-2, 4)
    film: dict[str, Any] | None = None
    reaction = generator.choice(["bare", "none", "reversible", "release"], p=[0.4, 0.1, 0.25, 0.25])
    if reaction != "bare":
        film = {
            "material": str(generator.choice(["Ag", "Au"])),
            "reaction": str(reaction),
            "exchange_current_density": exchange * 10 ** generator.uniform(-2, 2),
        }
    values = None
    if film is not None and generator.random() < 0.5:
        image[(image == 0) & (generator.random(image.shape) < 0.5)] = 2
        values = 2
    height = float(np.clip(10 ** generator.uniform(-5.5, -4), 2e-3 * size, 500 * size))
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(
            geometry="map", height=height, conductivity=10 ** generator.uniform(-2.5, 0)
        ),
        kinetics=fi.Kinetics(
            exchange_current_density=exchange,
            anodic_transfer_coefficient=float(generator.choice([0.3, 0.5, 0.7])),
        ),
        interlayer=film,
        map=fi.ContactMap(image=image, pixel=pixel, film=values),
    )
    current = 10 ** generator.uniform(-1, 1.7) * generator.choice([-1, 1])
    wanted = 10 ** generator.uniform(-6, -3.5) if tolerance is None else tolerance
    return fi.Case(
        cell=cell,
        operation=fi.Operation(current_density=float(current)),
        accuracy=fi.Accuracy(tolerance=wanted),
    )


def sibling_case(seed: int) -> fi.Case:
    """A sibling of a reference case: strips, squares, checkerboards, blobs, films, by turns."""
    generator = np.random.default_rng([77, seed])
    kind = seed % 6

    def one_of(*values: float) -> float:
        return float(generator.choice(values))

    height, conductivity = one_of(15e-6, 20e-6, 5e-6, 30e-6, 10e-6), one_of(0.18, 0.05, 0.02, 1.0)
    current = one_of(2.5, 20.0, -2.5, 5.0, 50.0, 1.0)
    exchange = one_of(5.0, 100.0, 1000.0, 0.5, 1e4)
    anodic = one_of(0.5, 0.5, 0.3)
    side = one_of(25e-6, 50e-6, 60e-6, 100e-6)
    film: dict[str, Any] | None = None
    if kind == 0:
        image = np.zeros((int(generator.integers(2, 6)), int(generator.integers(5, 20))), "u1")
        start, end = np.sort(generator.choice(image.shape[1] + 1, 2, replace=False))
        image[:, start:end] = 1
    elif kind == 1:
        count = int(generator.integers(6, 16))
        size = int(generator.integers(1, count // 2 + 1))
        row, column = generator.integers(0, count - size + 1, 2).tolist()
        image = np.zeros((count, count), "u1")
        image[row : row + size, column : column + size] = 1
    elif kind == 2:
        board = np.indices((int(generator.integers(2, 9)),) * 2).sum(axis=0) % 2
        image = np.kron(board, np.ones((int(generator.integers(1, 3)),) * 2)).astype("u1")
    else:
        count = 64 if kind == 5 else int(generator.integers(8, 25))
        coverage, width = one_of(0.1, 1 / 6, 0.3, 0.5), generator.uniform(1, 2.5)
        image = blobs((count, count), coverage, width, generator)
        side = count * one_of(5e-6, 4e-6, 2e-6)
    if kind == 4:
        film = {
            "reaction": str(generator.choice(["reversible", "release"])),
            "equilibrium_potential": one_of(0.05, 0.07),
            "exchange_current_density": exchange * one_of(1.0, 0.1, 10.0),
        }
        if generator.random() < 0.4:
            image[(image == 0) & (generator.random(image.shape) < 0.5)] = 2
    values = 2 if (image == 2).any() else None
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(geometry="map", height=height, conductivity=conductivity),
        kinetics=fi.Kinetics(
            exchange_current_density=exchange,
            anodic_transfer_coefficient=anodic,
            cathodic_transfer_coefficient=1 - anodic,
        ),
        interlayer=film,
        map=fi.ContactMap(image=image, pixel=side / image.shape[1], film=values),
    )
    return fi.Case(
        cell=cell,
        operation=fi.Operation(current_density=current, temperature=one_of(298.15, 333.15)),
        accuracy=fi.Accuracy(tolerance=one_of(1e-4, 1e-5, 1e-6)),
    )


def random_spectrum_case(seed: int, *, most: int = 48) -> fi.Case:
    """A random contact map with double layers, diffusion, gaps and films that store lithium."""
    case = random_case(seed, most=most)
    generator = np.random.default_rng([18, seed])

    def layer(share: float) -> dict[str, float] | None:
        if generator.random() > share:
            return None
        return {
            "capacitance": 10 ** generator.uniform(-3, 0),
            "exponent": float(generator.choice([1.0, 0.9, 0.7])),
        }

    cell = case.cell
    kinetics = cell.kinetics.model_copy(
        update={
            "double_layer": fi.Kinetics(double_layer=layer(0.85)).double_layer,
            "warburg_coefficient": 10 ** generator.uniform(-5, -2) * (generator.random() < 0.3),
        }
    )
    film = cell.interlayer
    if film is not None:
        told = {key: getattr(film, key) for key in film.model_fields_set}
        if generator.random() < 0.5:
            told["chemical_capacitance"] = 10 ** generator.uniform(0, 3)
        film = fi.Interlayer(**told | {"double_layer": layer(0.7)})
    gap = 10 ** generator.uniform(-9, -6) if generator.random() < 0.3 else None
    collector = {"double_layer": layer(0.7), "gap": gap}
    changed = fi.Cell(
        electrolyte=cell.electrolyte,
        kinetics=kinetics,
        interlayer=film,
        collector=collector,
        map=cell.map,
    )
    current = case.operation.current_density * float(generator.integers(0, 2))
    if film is not None and film.reaction != "none":
        # At rest a film would drive lithium around, or be pushed past what it can.
        current = case.operation.current_density
    return fi.Case(
        cell=changed,
        operation=fi.Operation(current_density=float(current)),
        impedance={"tolerance": 10 ** generator.uniform(-5, -3)},
    )


def random_thickness_case(seed: int, *, most: int = 12) -> fi.Case:
    """A random thickness image to strip: hills, noise, steps, slabs, layers; films."""
    generator = np.random.default_rng([181, seed])
    rows, columns = generator.integers(3, most, 2).tolist()
    kind = generator.choice(["hills", "noise", "steps", "slabs", "layer"])
    if kind == "hills":
        from scipy.ndimage import gaussian_filter

        size = generator.uniform(0.8, 3.0)
        field = gaussian_filter(generator.standard_normal((rows, columns)), size)
        field -= np.quantile(field, generator.uniform(0.2, 0.8))
        thickness = field / field.max()
    elif kind == "noise":
        thickness = generator.normal(generator.uniform(0.0, 1.0), 0.6, (rows, columns))
    elif kind == "steps":
        thickness = generator.integers(0, 4, (rows, columns)) / 3
    elif kind == "slabs":
        thickness = blobs((rows, columns), generator.uniform(0.1, 0.6), 1.5, generator)
    else:
        thickness = generator.uniform(0.3, 1.0, (rows, columns))
    thickness = np.maximum(thickness, 0.0) * 10 ** generator.uniform(-0.5, 1.0)
    if not thickness.any():
        thickness[generator.integers(rows), generator.integers(columns)] = 1.0
    reaction = generator.choice(["bare", "none", "reversible", "release"], p=[0.5, 0.1, 0.1, 0.3])
    film: dict[str, Any] | None = None
    if reaction != "bare":
        metal = str(generator.choice(["Ag", "Au"]))
        film = {
            "material": metal,
            "reaction": str(reaction),
            "thickness": 10 ** generator.uniform(-8, -7),
        }
    exchange = 10 ** generator.uniform(0, 3)
    anodic = float(generator.choice([0.3, 0.5, 0.7]))
    cell = fi.Cell(
        electrolyte={"height": 10 ** generator.uniform(-5.3, -4), "conductivity": 0.18},
        kinetics={
            "exchange_current_density": exchange,
            "anodic_transfer_coefficient": anodic,
            "cathodic_transfer_coefficient": 1 - anodic,
        },
        interlayer=film,
        map={"thickness": thickness, "pixel": 10 ** generator.uniform(-6.3, -5)},
    )
    return fi.Case(
        cell=cell,
        operation={"current_density": 10 ** generator.uniform(0, 1.5)},
        stripping={
            "tolerance": 10 ** generator.uniform(-2.7, -1.5),
            "cutoff_voltage": float(generator.choice([0.2, 0.5, 1.0])),
        },
    )
