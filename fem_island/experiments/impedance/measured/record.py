"""One measured spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.surface.admittance import ComplexArray

FEWEST = 4
"""Points below which there is no spectrum to speak of."""


@dataclass(frozen=True)
class Loop:
    """One run through the frequencies, as a file has it.

    Attributes:
        name: What tells it from the others of the file; empty for the only one.
        frequencies: [Hz], shape (f,).
        impedance: Shape (f,); in Ohm, or Ohm m^2 where ``per_area``.
        per_area: Whether it is per area already.
    """

    name: str
    frequencies: Array
    impedance: ComplexArray
    per_area: bool = False


@dataclass(frozen=True)
class MeasuredSpectrum:
    """A measured spectrum per area of the cell.

    Attributes:
        name: File, and what tells it from the others in there.
        frequencies: From high to low [Hz], shape (f,).
        impedance: Z [Ohm m^2], shape (f,).
    """

    name: str
    frequencies: Array
    impedance: ComplexArray


def loop_of(
    name: str,
    frequencies: Sequence[float],
    real: Sequence[float],
    imaginary: Sequence[float],
    *,
    per_area: bool = False,
) -> Loop:
    """Check what was read and make a loop of it.

    Args:
        name: What tells it from others of the file.
        frequencies: [Hz].
        real: Re Z.
        imaginary: Im Z, below 0 for a capacitor.
        per_area: Whether Z is per area.

    Raises:
        InputError: It is no spectrum.
    """
    loop = f"{name}: " if name else ""
    f = np.array(frequencies, dtype=np.float64)
    z = np.array(real, dtype=np.float64) + 1j * np.array(imaginary, dtype=np.float64)
    if len(f) < FEWEST:
        raise refused(f"{loop}has {len(f)} points; a spectrum needs at least {FEWEST}")
    if not (np.isfinite(f) & np.isfinite(z)).all():
        raise refused(f"{loop}has values that are no finite numbers")
    if not (f > 0).all():
        raise refused(f"{loop}has frequencies that are not above 0")
    if len(np.unique(f)) < len(f):
        twice = next(value for value in f if np.count_nonzero(f == value) > 1)
        raise refused(f"{loop}has {twice:g} Hz more than once")
    if not (np.abs(z) > 0).all():
        raise refused(f"{loop}has an impedance of 0")
    order = np.argsort(-f)
    return Loop(name, f[order], z[order], per_area)


def refused(message: str) -> InputError:
    """A refusal of the file as a whole."""
    return InputError([Fault("", None, message)])


def number(text: str, place: str) -> float:
    """A number as instruments write it.

    Args:
        text: What stands there.
        place: Where, for a refusal.

    Raises:
        InputError: It is none, or has a decimal comma.
    """
    try:
        return float(text)
    except ValueError:
        pass
    bare = text.strip().strip('"')
    if bare.count(",") == 1 and bare.replace(",", ".", 1).replace("-", "").strip():
        try:
            float(bare.replace(",", "."))
        except ValueError:
            pass
        else:
            raise refused(
                f'{place}: "{bare}" has a decimal comma; export the file with decimal points'
            )
    raise refused(f'{place}: "{bare[:30]}" is not a number')


def split_loops(rows: Sequence[tuple[float, ...]], keys: Sequence[object]) -> list[list[int]]:
    """Numbers of the rows of every loop: a new one begins where the key changes.

    Args:
        rows: What was read.
        keys: Of every row, what tells its loop from others.
    """
    found: list[list[int]] = []
    for place in range(len(rows)):
        if place == 0 or keys[place] != keys[place - 1]:
            found.append([])
        found[-1].append(place)
    return found


def split_sweeps(frequencies: Sequence[float]) -> list[list[int]]:
    """Numbers of the rows of every sweep, where nothing but the frequencies tells them apart.

    A new sweep begins where the frequency turns back by more than a third of a decade.

    Example:
        >>> split_sweeps([100.0, 10.0, 1.0, 100.0, 10.0, 1.0])
        [[0, 1, 2], [3, 4, 5]]
    """
    found: list[list[int]] = []
    direction = 0.0
    for place, frequency in enumerate(frequencies):
        if place == 0:
            found.append([0])
            continue
        step = np.log10(frequency / frequencies[place - 1]) if min(frequencies) > 0 else 0.0
        if direction and step * direction < 0 and abs(step) > 1 / 3:
            found.append([])
            direction = 0.0
        elif step:
            direction = direction or float(np.sign(step))
        found[-1].append(place)
    return found
