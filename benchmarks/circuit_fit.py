"""How well R1 + (R2 // CPE) + W is fitted: 200 synthetic spectra with 0.3 and 1 % of noise.

    python benchmarks/circuit_fit.py

Parameters are drawn over decades: R1 3 to 100 Ohm, R2 0.1 to 10 times that, the apex 30 Hz to
100 kHz, n from 0.7 to 1, sigma_W 0.03 to 3 times R1; 61 frequencies from 2 MHz to 2 Hz.
"""

from __future__ import annotations

import time

import numpy as np

from fem_island.case.impedance import paper_frequencies
from fem_island.experiments.impedance.circuit import PARAMETERS
from fem_island.experiments.impedance.circuit_fit import fit_circuit

RUNS = 200


def main() -> None:
    """Print the figures."""
    frequencies = paper_frequencies()
    omega = 2 * np.pi * frequencies
    for noise in (0.003, 0.01):
        draw = np.random.default_rng(1)
        off, failed = np.zeros(len(PARAMETERS)), 0
        held, known = np.zeros((2, len(PARAMETERS))), np.zeros(len(PARAMETERS))
        seconds = []
        for _ in range(RUNS):
            r1 = 10 ** draw.uniform(0.5, 2)
            r2, apex = r1 * 10 ** draw.uniform(-1, 1), 10 ** draw.uniform(1.5, 5)
            n, sigma = draw.uniform(0.7, 1), r1 * 10 ** draw.uniform(-1.5, 0.5)
            q = 1 / (r2 * (2 * np.pi * apex) ** n)
            clean = r1 + r2 / (1 + r2 * q * (1j * omega) ** n) + sigma * (1 - 1j) / np.sqrt(omega)
            parts = draw.normal(size=61) + 1j * draw.normal(size=61)
            start = time.process_time()
            try:
                fit = fit_circuit(frequencies, clean + noise * np.abs(clean) * parts)
            except (ValueError, np.linalg.LinAlgError):
                failed += 1
                continue
            seconds.append(time.process_time() - start)
            for place, (name, true) in enumerate(
                zip(PARAMETERS, (r1, r2, q, n, sigma), strict=True)
            ):
                estimate = getattr(fit, name)
                off[place] += abs(estimate.value / true - 1) > 0.1
                if estimate.interval_68 is None or estimate.interval_95 is None:
                    continue
                known[place] += 1
                for row, (low, high) in enumerate((estimate.interval_68, estimate.interval_95)):
                    held[row, place] += low <= true <= high
        print(
            f"noise {100 * noise:g} %: {failed} of {RUNS} failed, "
            f"{1e3 * np.mean(seconds):.0f} ms a fit"
        )
        for place, name in enumerate(PARAMETERS):
            shares = 100 * held[:, place] / known[place]
            print(
                f"  {name}: off by more than 10 %: {off[place]:.0f}; intervals of 68 % hold "
                f"{shares[0]:.0f} %, of 95 % {shares[1]:.1f} %; not determined: "
                f"{RUNS - failed - known[place]:.0f}"
            )


if __name__ == "__main__":
    main()
