"""Where the drive of the bottom is going, as a first iterate of Newton's method.

The drives of the latest instants are continued by the polynomial through them. It is a guess only:
what it decides is how many steps Newton's method takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fem_island.machine.arrays import Array

_MOST = 3
"""Instants that the polynomial goes through."""

_FARTHEST = 4.0
"""Distance over that of the instants from which on they say nothing."""

Sample = tuple[float, Array]
"""A time [s] and the drive at the nodes then [V]."""


@dataclass
class Trajectory:
    """The latest instants, of which a new one forgets the oldest.

    Example:
        >>> import numpy as np
        >>> trajectory = Trajectory()
        >>> for time in (0.0, 1.0, 2.0):
        ...     trajectory.add(time, np.array([time**2]))
        >>> trajectory.at(3.0, np.array([4.0]))
        array([9.])
    """

    _samples: list[Sample] = field(default_factory=list)

    def add(self, time: float, drive: Array) -> None:
        """Remember an instant."""
        earlier = [each for each in self._samples if each[0] < time]
        self._samples = [*earlier[1 - _MOST :], (time, drive)]

    def restart(self, time: float, drive: Array) -> None:
        """Forget all instants but one, after which all is different."""
        self._samples = [(time, drive)]

    def at(self, time: float, now: Array, middle: Sample | None = None) -> Array:
        """The drive to expect [V].

        Args:
            time: When [s].
            now: Drive at the latest instant [V], which is the answer where it is the only one.
            middle: What is known between the latest instant and that time.
        """
        samples = self._samples
        if middle is not None and samples and middle[0] > samples[-1][0]:
            samples = [*samples, middle]
        if len(samples) < 2:
            return now
        if time - samples[-1][0] > _FARTHEST * (samples[-1][0] - samples[0][0]):
            samples = samples[-2:]
        drive = 0.0 * now
        for number, (at, known) in enumerate(samples):
            weight = 1.0
            for other, (there, _) in enumerate(samples):
                if other != number:
                    weight *= (time - there) / (at - there)
            drive += weight * known
        return drive
