"""Files of instruments: small ones of every kind, and what is refused of bad ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import fem_island as fi
from fem_island.experiments.impedance.measured.reading import read_spectra

F = np.geomspace(1e5, 1.0, 11)
Z = 12.0 + 30.0 / (1 + 2j * np.pi * F * 30.0 * 1e-5)
AREA = "0.785 cm^2"


def csv(f: np.ndarray = F, z: np.ndarray = Z) -> str:
    rows = [f"{a:.9e},{b.real:.9e},{-b.imag:.9e}" for a, b in zip(f, z, strict=True)]
    return "\n".join(["frequency [Hz],Re Z [ohm],-Im Z [ohm]", *rows]) + "\n"


def mpt(loops: int = 1) -> str:
    columns = ["freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm", "|Z|/Ohm", "cycle number"]
    rows = [
        f"{a:.7E}\t{b.real:.7E}\t{-b.imag * (loop + 1):.7E}\t{abs(b):.7E}\t{loop + 1:.7E}"
        for loop in range(loops)
        for a, b in zip(F, Z, strict=True)
    ]
    head = ["EC-Lab ASCII FILE", "Nb header lines : 6 ", "", "PEIS", "Ei (V) : 0,0"]
    return "\n".join([*head, "\t".join(columns) + "\t", *rows]) + "\n"


def dta(tables: int = 1) -> str:
    head = ["EXPLAIN", "TAG\tEISPOT", "TITLE\tLABEL\tPotentiostatic EIS\tTest &Identifier"]
    body = []
    for _ in range(tables):
        body += [
            f"ZCURVE\tTABLE\t{len(F)}",
            "\tPt\tTime\tFreq\tZreal\tZimag\tZsig\tZmod",
            "\t#\ts\tHz\tohm\tohm\tV\tohm",
        ]
        body += [
            f"\t{n}\t{n}\t{a:.9E}\t{b.real:.9E}\t{b.imag:.9E}\t1\t{abs(b):.9E}"
            for n, (a, b) in enumerate(zip(F, Z, strict=True))
        ]
        body.append("EXPERIMENTABORTED\tTOGGLE\tF\tExperiment Aborted")
    return "\n".join([*head, *body]) + "\n"


def zview() -> str:
    head = [
        "ZPLOT2 ASCII",
        " Program: ZPlot",
        "  Freq(Hz),Ampl,Bias,Time(Sec),Z'(a),Z''(b),GD,Err,Range",
        "End Comments",
    ]
    rows = [
        f"{a:.9E}, 1.0E-2, 0.0, {n}, {b.real:.9E}, {b.imag:.9E}, 0, 0, 2"
        for n, (a, b) in enumerate(zip(F, Z, strict=True))
    ]
    return "\n".join([*head, *rows]) + "\n"


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", csv()), ("a.mpt", mpt()), ("a.DTA", dta()), ("a.z", zview())],
)
def test_every_kind_gives_the_same_spectrum(name: str, text: str, tmp_path: Path) -> None:
    (spectrum,) = read_spectra(write(tmp_path, name, text), area=AREA)
    assert spectrum.name == name
    np.testing.assert_allclose(spectrum.frequencies, F, rtol=1e-6)
    np.testing.assert_allclose(spectrum.impedance, 0.785e-4 * Z, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.mpt", mpt(2)),
        ("a.dta", dta(2)),
        ("a.csv", csv(np.concatenate([F, F]), np.concatenate([Z, Z]))),
    ],
)
def test_two_loops_stay_two_spectra(name: str, text: str, tmp_path: Path) -> None:
    one, other = read_spectra(write(tmp_path, name, text), area=AREA)
    assert (one.name, other.name) == (f"{name}, loop 1", f"{name}, loop 2")
    np.testing.assert_allclose(one.impedance, 0.785e-4 * Z, rtol=1e-6)
    assert len(other.frequencies) == len(F)


def test_what_the_package_writes_it_reads(tmp_path: Path) -> None:
    spectrum = fi.impedance(fi.Cell(kinetics={"double_layer": {"capacitance": 0.1}}))
    _, table, _ = spectrum.write(tmp_path, "cell")
    (read,) = read_spectra(table, area=AREA)
    np.testing.assert_allclose(read.impedance, spectrum.impedance, rtol=1e-11)


def test_units_are_those_of_the_header(tmp_path: Path) -> None:
    rows = [
        f"{a / 1e3:.9e};{b.real * 1e3:.9e};{b.imag * 1e3:.9e}".replace(";", ",")
        for a, b in zip(F, Z, strict=True)
    ]
    text = "\n".join(["f (kHz),Z' (mohm),Z'' (mohm)", *rows])
    (spectrum,) = read_spectra(write(tmp_path, "a.csv", text), area=1e-4)
    np.testing.assert_allclose(spectrum.frequencies, F, rtol=1e-8)
    np.testing.assert_allclose(spectrum.impedance, 1e-4 * Z, rtol=1e-8)


def cut(text: str, share: float = 0.7) -> str:
    return text[: int(len(text) * share)]


BAD: list[tuple[str, str, Callable[[], str], str]] = [
    ("empty", "a.csv", lambda: "", "is empty"),
    ("no_unit", "a.csv", lambda: csv().replace(" [Hz]", ""), '"frequency" has no unit'),
    ("wrong_unit", "a.csv", lambda: csv().replace("[Hz]", "[V]"), 'has the unit "V"'),
    ("no_column", "a.csv", lambda: csv().replace("Re Z", "weight"), "no column of the real part"),
    ("semicolons", "a.csv", lambda: csv().replace(",", ";"), "has semicolons"),
    ("commas", "a.csv", lambda: csv().replace(".", ","), "is there a decimal comma?"),
    ("text", "a.csv", lambda: csv().replace("e+05", "e+05x"), '"1.000000000e+05x" is not a number'),
    ("twice", "a.csv", lambda: csv(np.full(11, 5.0)), "has 5 Hz more than once"),
    ("few", "a.csv", lambda: csv(F[:3], Z[:3]), "has 3 points; a spectrum needs at least 4"),
    ("nan", "a.csv", lambda: csv(F, Z * np.nan), "no finite numbers"),
    ("negative", "a.csv", lambda: csv(-F), "frequencies that are not above 0"),
    ("mpt_cut", "a.mpt", lambda: cut(mpt()).rpartition("\t")[0], "it is cut short"),
    ("mpt_head", "a.mpt", lambda: cut(mpt(), 0.03), 'says nowhere how many "Nb header lines"'),
    ("mpt_comma", "a.mpt", lambda: mpt().replace(".", ","), "has a decimal comma"),
    ("mpt_other", "a.mpt", lambda: mpt().replace("freq/Hz", "time/s"), "has no column freq/Hz"),
    ("mpt_is_dta", "a.mpt", dta, "looks like a .dta file, but is called .mpt"),
    ("dta_cut", "a.dta", lambda: cut(dta(), 0.6), "cut short"),
    ("dta_rows", "a.dta", lambda: "\n".join(dta().splitlines()[:10]), "has 4 of the 11 rows"),
    ("dta_other", "a.dta", lambda: "EXPLAIN\nTAG\tCV\n", "its tag is CV"),
    ("dta_unit", "a.dta", lambda: dta().replace("Hz", "kHz"), 'has Freq in "kHz"'),
    ("dta_comma", "a.dta", lambda: dta().replace(".", ","), "has a decimal comma"),
    ("z_cut", "a.z", lambda: zview().replace("End Comments", ""), 'no line "End Comments"'),
    ("z_row", "a.z", lambda: cut(zview(), 0.9).rpartition(",")[0].rpartition(",")[0], "cut short"),
    ("z_other", "a.z", lambda: csv(), "is not a ZView file"),
    ("binary", "a.csv", lambda: "a\0b", "is not a text file"),
    ("kind", "a.xlsx", lambda: "", "is of a kind that is not read; known are .csv"),
]


@pytest.mark.parametrize(
    ("name", "make", "said"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD]
)
def test_bad_files_are_refused_with_one_line(
    name: str, make: Callable[[], str], said: str, tmp_path: Path
) -> None:
    file = write(tmp_path, name, make())
    with pytest.raises(fi.InputError) as caught:
        read_spectra(file, area=AREA)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{file}: ")
    assert said in line, line
    assert len(line) < 300 + len(str(file))


@pytest.mark.parametrize("area", ["", "0 cm^2", "-1 cm^2", "5 cm", "0.785"])
def test_the_area_is_asked_for(area: str, tmp_path: Path) -> None:
    with pytest.raises(fi.InputError, match="area"):
        read_spectra(write(tmp_path, "a.csv", csv()), area=area)


def test_mpr_needs_galvani(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "galvani", None)
    with pytest.raises(fi.InputError, match="pip install galvani"):
        read_spectra(write(tmp_path, "a.mpr", "x"), area=AREA)
