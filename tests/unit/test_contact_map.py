"""Contact maps: reading images, what is refused, classes and regions."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

import fem_island as fi
from fem_island.case.contact_map import BARE, FILM, LITHIUM
from fem_island.case.file import case_from_table, read_case

PATTERN = np.array([[0, 1, 1, 0], [0, 0, 1, 0], [1, 0, 0, 0]], dtype=np.uint8)


def header_of(*shape: int) -> bytes:
    """The beginning of a file of NumPy with so many bytes."""
    header = io.BytesIO()
    told = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, told)
    return header.getvalue()


def written(folder: Path) -> dict[str, Path]:
    """Files of all kinds, by what they are."""
    pictures = {
        "grey.png": Picture.fromarray(255 * PATTERN),
        "classes.tif": Picture.fromarray(PATTERN),
        "black_and_white.png": Picture.fromarray(PATTERN.astype(bool)),
        "sixteen_bit.png": Picture.fromarray(PATTERN.astype(np.uint16) * 65535),
        "colour.png": Picture.fromarray(np.stack([255 * PATTERN] * 3, axis=-1)),
        "alpha.png": Picture.fromarray(np.stack([255 * PATTERN] * 4, axis=-1)),
        "palette.png": Picture.fromarray(255 * PATTERN).convert("P"),
        "no_lithium.png": Picture.fromarray(0 * PATTERN),
        "one_pixel.png": Picture.fromarray(PATTERN[:1, 1:2]),
    }
    for name, picture in pictures.items():
        picture.save(folder / name)
    (folder / "empty.png").touch()
    (folder / "text.png").write_text("no image " * 20)
    np.save(folder / "classes.npy", PATTERN.astype(np.int64))
    np.save(folder / "not_finite.npy", np.where(PATTERN, np.nan, 1.0))
    np.save(folder / "three_dimensions.npy", np.zeros((2, 3, 4)))
    np.savez(folder / "maps.npz", one=PATTERN, other=1 - PATTERN)
    whole = (folder / "grey.png").read_bytes()
    (folder / "half.png").write_bytes(whole[: len(whole) // 2])
    header = header_of(200_000, 200_000)
    with (folder / "larger_than_memory.npy").open("wb") as file:
        file.write(header)
        file.truncate(len(header) + 200_000**2)
    with (folder / "larger_in_three_dimensions.npy").open("wb") as file:
        file.write(header_of(10_000, 10_000, 10_000))
        file.truncate(len(header) + 10_000**3)
    with zipfile.ZipFile(folder / "larger_than_memory.npz", "w") as archive:
        archive.writestr("a.npy", header + bytes(100))
    # What it says of itself is enough: 100,000 x 100,000 pixels with 8 bits of grey.
    parts = [("IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)), ("IDAT", b"")]
    with (folder / "larger_than_memory.png").open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, content in parts:
            named = kind.encode() + content
            file.write(struct.pack(">I", len(content)) + named)
            file.write(struct.pack(">I", zlib.crc32(named)))
    return {path.name: path for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("grey.png", {"threshold": 0.5}),
        ("grey.png", {"lithium": 255}),
        ("grey.png", {"lithium": [255, 254]}),
        ("classes.tif", {}),
        ("black_and_white.png", {}),
        ("black_and_white.png", {"threshold": 0.5}),
        ("classes.npy", {"lithium": 1}),
        ("maps.npz:one", {}),
        ("maps.npz:other", {"lithium": 0}),
    ],
)
def test_every_format_gives_the_same_map(name: str, keys: dict[str, Any], tmp_path: Path) -> None:
    written(tmp_path)
    contact = fi.ContactMap(image=str(tmp_path / name), pixel="1 um", **keys)
    assert (contact.classes == np.where(PATTERN, LITHIUM, FILM)).all()
    assert (contact.width, contact.depth) == pytest.approx((4e-6, 3e-6))


@pytest.mark.parametrize(
    ("name", "keys", "line"),
    [
        ("sixteen_bit.png", {}, "has 16 bits a pixel; convert it"),
        ("colour.png", {}, "has colours (RGB); convert it"),
        ("alpha.png", {}, "has colours and transparency (alpha); convert it"),
        ("palette.png", {}, "has a palette of colours; convert it"),
        ("empty.png", {}, "is not an image, or is damaged"),
        ("text.png", {}, "is not an image, or is damaged"),
        ("one_pixel.png", {}, "must have at least two pixels, and has one pixel (1 x 1)"),
        ("half.png", {}, "is not an image, or is damaged"),
        ("larger_than_memory.npy", {}, "of memory; "),
        ("larger_in_three_dimensions.npy", {}, "values, which need 1e+03 GB of memory; "),
        ("larger_than_memory.npz", {}, "has 200000 x 200000 pixels, which need about 8e+03 GB"),
        ("larger_than_memory.png", {}, "must have at most 178,956,970 pixels as a picture"),
        ("not_finite.npy", {}, "must hold finite numbers only"),
        ("three_dimensions.npy", {}, "must have two dimensions"),
        ("maps.npz", {}, 'must name one of its arrays, as in "maps.npz:NAME": one, other'),
        ("nowhere.png", {}, "is not there"),
        (".", {}, "is a folder"),
    ],
)
def test_bad_images(name: str, keys: dict[str, Any], line: str, tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "case.toml").write_text(f'[map]\nimage = "{name}"\npixel = "1 um"\n')
    with pytest.raises(fi.InputError) as caught:
        read_case(tmp_path / "case.toml")
    (fault,) = caught.value.faults
    assert fault.key == "map.image"
    assert line in fault.message
    assert len(str(fault)) < 400


@pytest.mark.parametrize(
    ("keys", "key", "line"),
    [
        ({"image": 255 * PATTERN}, "lithium", "makes no pixel lithium: the image has the values"),
        ({"image": 255 * PATTERN}, "lithium", "; give threshold = 0.5, or lithium, the value"),
        ({"image": 0 * PATTERN}, "lithium", "makes no pixel lithium: the image has the value 0"),
        ({"threshold": 2.0}, "threshold", "makes no pixel lithium"),
        ({"threshold": 0.5, "lithium": 1}, "threshold", "is given along with lithium"),
        ({"lithium": 1, "film": [0, 1]}, "film", "is a value of lithium as well"),
        ({"rows": [1, 9]}, "rows", "must be two numbers, one after the other, from 0 to 3"),
        ({"columns": [2]}, "columns", "must be a list of two numbers"),
        ({"pixel": "0 um"}, "pixel", "must be at least"),
        ({"image": [[1, 0], [1]]}, "image", "must have rows of equal length"),
        ({"image": [["a", "b"]]}, "image", "must hold numbers"),
    ],
)
def test_bad_keys(keys: dict[str, Any], key: str, line: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.ContactMap(**{"image": PATTERN, "pixel": "1 um"} | keys)
    (fault,) = caught.value.faults
    assert fault.key == key
    assert line in fault.message


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        ({"electrolyte": {"geometry": "map"}}, "map", "is missing"),
        ({"electrolyte": {"width": "9 um"}}, "electrolyte.width", "is that of the map, 4 um x 3"),
        ({"electrolyte": {"geometry": "planar"}}, "electrolyte.geometry", 'must be "map"'),
        ({"electrolyte": {"height": "1 nm"}}, "electrolyte.height", "must be 0.001 to 1000"),
        ({"islands": [{"width": "1 um"}]}, "islands", "is for cells without [map]"),
        ({"lithium": {"thickness": "1 um"}}, "lithium", "is for cells without [map]"),
        (
            {"interlayer": {"material": "Ag", "extent": [["0 um", "1 um"]]}},
            "interlayer.extent",
            "whose key film says",
        ),
        ({"output": {"probes": [["1 um", "1 um"]]}}, "output.probes.0", "three values"),
        ({"output": {"probes": [["1 um", "1 um", "1 mm"]]}}, "output.probes.0", "is outside"),
    ],
)
def test_what_does_not_go_with_a_map(table: dict[str, Any], key: str, line: str) -> None:
    given = {"map": {"image": PATTERN, "pixel": "1 um"}}
    if line == "is missing":
        given = {}
    with pytest.raises(fi.InputError) as caught:
        case_from_table(given | table)
    (fault,) = caught.value.faults
    assert fault.key == key
    assert line in fault.message


def test_a_part_of_an_image_with_film() -> None:
    contact = fi.ContactMap(
        image=PATTERN, pixel="1 um", lithium=1, film=[0], rows=[0, 2], columns=[1, 4]
    )
    assert contact.classes.tolist() == [[1, 1, 2], [2, 1, 2]]
    bare = fi.ContactMap(image=2 * PATTERN, pixel="1 um", lithium=2, film=7)
    assert (bare.classes == np.where(PATTERN, LITHIUM, BARE)).all()


def test_regions_touch_by_edges_and_the_largest_comes_first() -> None:
    regions = fi.ContactMap(image=PATTERN, pixel="1 um").regions
    assert regions.sizes.tolist() == [3, 1]
    assert regions.numbers.tolist() == [[0, 1, 1, 0], [0, 0, 1, 0], [2, 0, 0, 0]]
    assert regions.centroids.tolist() == [[pytest.approx(13 / 6), pytest.approx(5 / 6)], [0.5, 2.5]]
    assert regions.centers.tolist() == [[0, 2], [2, 0]]


def test_a_case_with_a_map_is_written_and_read_back(tmp_path: Path) -> None:
    written(tmp_path)
    contact = fi.ContactMap(image=str(tmp_path / "grey.png"), pixel="2 um", threshold=0.5)
    case = fi.Case(cell=fi.Cell(map=contact))
    assert fi.Case.from_toml(case.to_toml()) == case
    assert fi.Case.from_json(case.to_json()) == case
    assert case.cell.electrolyte.geometry == "map"
    assert hash(case) == hash(fi.Case.from_json(case.to_json()))


def test_stripping_needs_the_thickness_of_a_map() -> None:
    cell = fi.Cell(map=fi.ContactMap(image=PATTERN, pixel="1 um"))
    with pytest.raises(fi.InputError, match=r"thickness: is missing"):
        fi.strip(cell)


def test_points_in_the_box_may_have_units_and_what_needs_one_direction_is_refused() -> None:
    contact = fi.ContactMap(image=PATTERN, pixel="1 um")
    solution = fi.solve(fi.Cell(map=contact), solver="condensed", tolerance="1 mV")
    in_metres = solution.potential([(1e-6, 2e-6, 15e-6)])
    assert solution.potential([("1 um", "2 um", "15 um")]) == in_metres
    with pytest.raises(fi.InputError, match=r"^points: must be x, y and z in m .*no unit"):
        solution.potential([("1", "2", "15")])
    with pytest.raises(fi.InputError, match=r"^points = .*must be x, y and z in m"):
        solution.potential([(1e-6, 2e-6)])
    with pytest.raises(fi.InputError, match=r"^along: .* see potential\(\)"):
        solution.along(("0 um", "0 um"), ("1 um", "0 um"))
    with pytest.raises(fi.InputError, match=r"^potential_function: .* see potential\(\)"):
        _ = solution.potential_function
