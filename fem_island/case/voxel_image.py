"""Images of the electrolyte's conductivity: a value per voxel, from an array or a TIFF stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fem_island.case.images import Image, reason_of
from fem_island.machine.memory import available_memory
from fem_island.machine.paths import from_home

_BYTES_PER_VOXEL = 80
"""Of memory that a solution takes at the least, measured."""

_STACKS = (".tif", ".tiff")
_GREY = ("1", "L", "I;16", "I;16B", "I;16L", "I", "F")
"""Kinds of pages that are read, by Pillow's names."""


class VoxelImage(Image):
    """The values of an image, one a voxel, shape (layers, rows, columns); layer 0 lies at z = 0.

    Example:
        >>> image = VoxelImage(np.ones((2, 3, 4)))
        >>> VoxelImage.of(image.packed()) == image
        True
    """

    @classmethod
    def _checked(cls, values: npt.NDArray[Any], white: float, name: str) -> Self:
        if values.ndim != 3:
            shape = " x ".join(str(length) for length in values.shape) or "none"
            wanted = "must have three dimensions, layers, rows and columns"
            raise ValueError(f"{wanted}, and has {shape}")
        _check_size(values.shape)
        if values.dtype.kind not in "buif":
            raise ValueError(f"must hold numbers, and holds {values.dtype}")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError("must hold finite numbers only, and has NaN or infinity")
        if values.min() < 0:
            raise ValueError(f"must not be negative anywhere, and has {float(values.min()):g}")
        if not values.max() > 0:
            raise ValueError("must be above 0 somewhere, and is 0 everywhere")
        return cls(np.ascontiguousarray(values), white, name)

    @classmethod
    def _read_file(cls, text: str) -> tuple[npt.NDArray[Any], float, str]:
        path = from_home(text)
        if path.suffix.lower() in _STACKS and path.is_file():
            return _read_stack(path), 1.0, path.name
        return super()._read_file(text)

    def __repr__(self) -> str:
        """Its file and size."""
        return f"VoxelImage({self.name}, {' x '.join(map(str, self.values.shape))})"


def _check_size(shape: tuple[int, ...]) -> None:
    """Refuse images without voxels, and those that memory does not suffice for.

    Raises:
        ValueError: The message says what is allowed.
    """
    told = " x ".join(str(length) for length in shape)
    count = int(np.prod(shape, dtype=np.int64))
    if count < 2:
        raise ValueError(f"must have at least two voxels, and has {told}")
    needed, there = _BYTES_PER_VOXEL * count, available_memory()
    if needed > there:
        need, room = f"{needed / 1e9:.3g} GB", f"{there / 1e9:.3g} GB"
        raise ValueError(f"has {told} voxels, which need about {need} of memory; {room} is free")


def _read_stack(path: Path) -> npt.NDArray[Any]:
    """The pages of a TIFF file, the first of them at the bottom.

    Raises:
        ValueError: It cannot be read, or is no grey stack.
    """
    from PIL import Image as Picture
    from PIL import ImageSequence, UnidentifiedImageError

    try:
        with Picture.open(path) as picture:
            pages = getattr(picture, "n_frames", 1)
            _check_size((pages, picture.height, picture.width))
            found: list[npt.NDArray[Any]] = []
            for page in ImageSequence.Iterator(picture):
                if page.mode not in _GREY:
                    raise ValueError(f"must have grey pages, and has others ({page.mode})")
                if found and (page.height, page.width) != found[0].shape:
                    raise ValueError("must have pages of equal size")
                found.append(np.array(page))
            return np.stack(found)
    except UnidentifiedImageError:
        raise ValueError("is not an image, or is damaged") from None
    except Picture.DecompressionBombError as error:
        raise ValueError(f"has too many pixels: {reason_of(error)}") from None
    except (OSError, SyntaxError, EOFError, MemoryError) as error:
        raise ValueError(f"cannot be read: {reason_of(error)}") from None
