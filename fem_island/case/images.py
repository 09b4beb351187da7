"""Images of where lithium is: grey pictures (PNG, TIFF and others) and arrays of NumPy.

Nothing is read into memory before it is known how large it is.
"""

from __future__ import annotations

import base64
import binascii
import math
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote, unquote

import numpy as np
import numpy.typing as npt
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from fem_island.machine.memory import available_memory
from fem_island.machine.paths import from_home

_BYTES_PER_PIXEL = 200
"""Of memory that a solution takes at the least, measured: about 20 numbers."""

_GREY = {"1": 1.0, "L": 255.0}
"""Kinds of pictures that are read, by Pillow's names, and what white is in them."""

_OTHER_KINDS = {
    "P": "a palette of colours",
    "PA": "a palette of colours",
    "LA": "transparency (alpha)",
    "La": "transparency (alpha)",
    "RGBA": "colours and transparency (alpha)",
    "I;16": "16 bits a pixel",
    "I;16B": "16 bits a pixel",
    "I;16L": "16 bits a pixel",
    "I": "more than 8 bits a pixel",
    "F": "more than 8 bits a pixel",
}

_ARRAYS = (".npy", ".npz")

PACKED = "data:image/x-pixels;"
"""What an image begins with that is written as a text."""


@dataclass(frozen=True, eq=False)
class Image:
    """The values of an image, one a pixel.

    Attributes:
        values: Row by row, shape (rows, columns); row 0 lies at y = 0.
        white: What is divided by before a threshold is applied.
        name: The file that it is of, or "an array".

    Example:
        >>> image = Image(np.array([[0, 1], [1, 1]]))
        >>> Image.of(image.packed()) == image
        True
    """

    values: npt.NDArray[Any]
    white: float = 1.0
    name: str = "an array"

    @classmethod
    def of(cls, value: object) -> Self:
        """An image from an array, a file, or what ``packed`` gave.

        Raises:
            ValueError: It is no such image; the message says what is allowed.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str) and value.startswith(PACKED):
            return cls._checked(*_unpacked(value))
        if isinstance(value, str | Path):
            return cls._checked(*cls._read_file(str(value)))
        if isinstance(value, list | tuple) or hasattr(value, "__array__"):
            try:
                values = np.asarray(value)
            except ValueError:
                raise ValueError("must have rows of equal length") from None
            return cls._checked(values, 1.0, "an array")
        raise ValueError("must be the name of an image file, or an array")

    @classmethod
    def _read_file(cls, text: str) -> tuple[npt.NDArray[Any], float, str]:
        """Values, white and name of a file.

        Raises:
            ValueError: It cannot be read.
        """
        return _read(text)

    @classmethod
    def _checked(cls, values: npt.NDArray[Any], white: float, name: str) -> Self:
        if values.ndim != 2:
            shape = " x ".join(str(length) for length in values.shape) or "none"
            raise ValueError(f"must have two dimensions, rows and columns, and has {shape}")
        _check_size(*values.shape)
        if values.dtype.kind not in "buif":
            raise ValueError(f"must hold numbers, and holds {values.dtype}")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError("must hold finite numbers only, and has NaN or infinity")
        return cls(np.ascontiguousarray(values), white, name)

    def __eq__(self, other: object) -> bool:
        """Whether all values are equal, whatever file they are of."""
        if not isinstance(other, Image):
            return NotImplemented
        return self.white == other.white and np.array_equal(self.values, other.values)

    def __hash__(self) -> int:
        """A number that equal images share."""
        return hash((self.white, self.values.tobytes()))

    def __repr__(self) -> str:
        """Its file and size."""
        rows, columns = self.values.shape
        return f"Image({self.name}, {rows} x {columns})"

    def __str__(self) -> str:
        """All of it, as ``packed`` gives it."""
        return self.packed()

    def packed(self) -> str:
        """All of it as a text, from which it is made again: like a URL that holds its data."""
        about = {
            "name": quote(self.name),
            "white": repr(self.white),
            "dtype": self.values.dtype.str,
            "shape": "x".join(str(length) for length in self.values.shape),
        }
        told = ";".join(f"{key}={value}" for key, value in about.items())
        content = base64.b64encode(zlib.compress(self.values.tobytes(), 6)).decode()
        return f"{PACKED}{told},{content}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How pydantic reads a field of this type, and what JSON has of it."""
        return core_schema.no_info_plain_validator_function(
            cls.of,
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls.packed, when_used="json"
            ),
        )


def _unpacked(text: str) -> tuple[npt.NDArray[Any], float, str]:
    """Values, white and name of what ``packed`` gave.

    Raises:
        ValueError: It is damaged.
    """
    told, _, packed = text.removeprefix(PACKED).partition(",")
    try:
        about = dict(part.split("=", 1) for part in told.split(";"))
        content = zlib.decompress(base64.b64decode(packed))
        shape = [int(length) for length in about["shape"].split("x")]
        values = np.frombuffer(content, dtype=about["dtype"]).reshape(shape)
        return values, float(about["white"]), unquote(about["name"])
    except (KeyError, TypeError, ValueError, zlib.error, binascii.Error):
        raise ValueError("is a damaged image") from None


def _check_size(rows: int, columns: int) -> None:
    """Refuse images of no or one pixel, and those that memory does not suffice for.

    Raises:
        ValueError: The message says what is allowed.
    """
    if rows * columns < 2:
        what = "one pixel" if rows * columns else "no pixels"
        raise ValueError(f"must have at least two pixels, and has {what} ({rows} x {columns})")
    needed, there = _BYTES_PER_PIXEL * rows * columns, available_memory()
    if needed > there:
        need, room = f"{needed / 1e9:.3g} GB", f"{there / 1e9:.3g} GB"
        raise ValueError(
            f"has {rows} x {columns} pixels, which need about {need} of memory; {room} is free"
        )


def _read(text: str) -> tuple[npt.NDArray[Any], float, str]:
    """Values, white and name of an image file.

    Raises:
        ValueError: It cannot be read, or is no such image.
    """
    stem, colon, key = text.rpartition(":")
    if not (colon and Path(stem).suffix.lower() == ".npz"):
        stem, key = text, ""
    path = from_home(stem)
    if not path.is_file():
        raise ValueError("is a folder" if path.is_dir() else "is not there")
    if path.suffix.lower() in _ARRAYS:
        return _read_array(path, key), 1.0, path.name
    values, white = _read_picture(path)
    return values, white, path.name


def _read_array(path: Path, key: str) -> npt.NDArray[Any]:
    from zipfile import BadZipFile

    try:
        if path.suffix.lower() == ".npy":
            # Only the header is read, until the size is known.
            array = np.load(path, mmap_mode="r", allow_pickle=False)
            _check_memory(array.shape, array.dtype.itemsize)
            return np.array(array)
        with np.load(path, allow_pickle=False) as archive:
            names = list(archive.files)
            if not key and len(names) == 1:
                key = names[0]
            if key not in names:
                shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
                raise ValueError(f'must name one of its arrays, as in "{path.name}:NAME": {shown}')
            with archive.zip.open(f"{key}.npy") as header:
                _check_memory(*_told(header))
            return np.asarray(archive[key])
    except (OSError, EOFError, BadZipFile, zlib.error, SyntaxError) as error:
        raise ValueError(f"cannot be read: {reason_of(error)}") from None
    except ValueError as error:
        told = str(error)
        if told.startswith(("must", "has")):
            raise
        raise ValueError("is not an array of numbers (NumPy)") from None


def _told(file: IO[bytes]) -> tuple[tuple[int, ...], int]:
    """Shape, and bytes of a value, of an array at the beginning of a file.

    Raises:
        ValueError: It is no array.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0
    shape, _, kind = (read if version == (1, 0) else np.lib.format.read_array_header_2_0)(file)
    return shape, kind.itemsize


def _check_memory(shape: tuple[int, ...], size: int) -> None:
    """Refuse an array that the memory does not suffice for before it is read.

    Args:
        shape: Its shape.
        size: Bytes of a value.

    Raises:
        ValueError: The message says what is allowed.
    """
    if len(shape) == 2:
        _check_size(*shape)
    needed, there = size * math.prod(shape), available_memory()
    if needed > there:
        told = " x ".join(str(length) for length in shape)
        need, room = f"{needed / 1e9:.3g} GB", f"{there / 1e9:.3g} GB"
        raise ValueError(f"has {told} values, which need {need} of memory; {room} is free")


def _read_picture(path: Path) -> tuple[npt.NDArray[Any], float]:
    from PIL import Image as Picture
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; memory decides here.
            warnings.simplefilter("ignore")
            with Picture.open(path) as picture:
                _check_size(picture.height, picture.width)
                if picture.mode not in _GREY:
                    kind = _OTHER_KINDS.get(picture.mode, f"colours ({picture.mode})")
                    wanted = "must be grey with 8 bits a pixel, or black and white"
                    raise ValueError(f"{wanted}, and has {kind}; convert it, or give an array")
                if getattr(picture, "n_frames", 1) != 1:
                    raise ValueError("must be one picture, and holds several")
                return np.array(picture, dtype=np.uint8), _GREY[picture.mode]
    except UnidentifiedImageError:
        raise ValueError("is not an image, or is damaged") from None
    except Picture.DecompressionBombError:
        most = 2 * (Picture.MAX_IMAGE_PIXELS or 0)
        wanted = f"must have at most {most:,} pixels as a picture"
        raise ValueError(f"{wanted}; use a part of it, or an array (.npy)") from None
    except (OSError, SyntaxError, EOFError, MemoryError) as error:
        raise ValueError(f"cannot be read: {reason_of(error)}") from None


def reason_of(error: BaseException) -> str:
    """What went wrong with a file, on one line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())[:120] or "damaged"
