"""How fast the live page answers in a headless Chromium, and what a minute of changes leaves.

    python benchmarks/page.py [--changes 60] [--seconds 60]

A change is an ``input`` event of a slider; it is over when all pictures and numbers are drawn. Then
the slider moves 50 times a second, and what is asked is how late the last picture is, and how much
memory the server, its processes and the page take after each half of that time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from chromium import Tab, browser
from page_server import served

KEYS = (
    "islands.width",
    "operation.current_density",
    "kinetics.exchange_current_density",
    "electrolyte.conductivity",
)
ONE_CHANGE = """
new Promise((done) => {
  const slider = document.querySelector('[data-key="KEY"] input[type=range]');
  const start = performance.now();
  const drawn = () => done(performance.now() - start);
  document.addEventListener("fem-island:drawn", drawn, { once: true });
  slider.value = PLACE;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})
"""
MANY_CHANGES = """
new Promise((done) => {
  const slider = document.querySelector('[data-key="islands.width"] input[type=range]');
  const end = performance.now() + 1000 * SECONDS;
  let sent = 0, drawn = 0;
  const count = () => { drawn += 1; };
  document.addEventListener("fem-island:drawn", count);
  const timer = setInterval(() => {
    if (performance.now() > end) {
      clearInterval(timer);
      const last = performance.now();
      const wait = () => {
        if (Number(document.documentElement.dataset.drawn) < asked()) return setTimeout(wait, 1);
        document.removeEventListener("fem-island:drawn", count);
        done({ sent, drawn, late: performance.now() - last });
      };
      const asked = () => first + sent;
      wait();
      return;
    }
    sent += 1;
    slider.value = 300 + (sent * 7) % 400;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, 20);
  const first = Number(document.documentElement.dataset.drawn);
})
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    with (
        served() as (address, process),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        browser(Path(folder)) as tab,
    ):
        tab.size(1280, 800)
        tab.open(address)
        tab.wait("document.documentElement.dataset.map")
        time.sleep(1.0)
        print("from a slider to the picture [ms], median and 95th percentile:")
        measure(tab, process.pid, asked.changes, "bare copper")
        tab.open("about:blank")
        tab.open(f"{address}#base=paper&film=Ag&interlayer.reaction=release")
        tab.wait("document.documentElement.dataset.map")
        time.sleep(1.0)
        measure(tab, process.pid, asked.changes, "silver that acts")
        print(f"50 changes a second, port {urlsplit(address).port}:")
        halves = []
        for half in (1, 2):
            script = MANY_CHANGES.replace("SECONDS", str(asked.seconds / 2))
            found = tab.run(script)
            halves.append((memory(process.pid), heap(tab)))
            print(
                f"  half {half}: {found['sent']} changes, {found['drawn']} pictures, the last "
                f"{found['late']:.0f} ms after its change; server and processes "
                f"{halves[-1][0]:.0f} MB, page {halves[-1][1]:.1f} MB"
            )


def measure(tab: Tab, server: int, changes: int, name: str) -> None:
    """Time single changes of several sliders."""
    took = []
    tab.send("Performance.disable")
    tab.send("Performance.enable", timeDomain="threadTicks")
    before = cpu(tab, server)
    for number in range(changes):
        place = 350 + (number * 37) % 300
        script = ONE_CHANGE.replace("KEY", KEYS[number % len(KEYS)]).replace("PLACE", str(place))
        took.append(float(tab.run(script)))
        time.sleep(0.3)
    computing, drawing = (
        1e3 * (after - first) / changes
        for after, first in zip(cpu(tab, server), before, strict=True)
    )
    took.sort()
    print(
        f"  {name}: {statistics.median(took):.0f}, {took[int(0.95 * len(took))]:.0f}; "
        f"processor time of a change: server {computing:.0f} with its maps, page {drawing:.0f}"
    )


def cpu(tab: Tab, server: int) -> tuple[float, float]:
    """Processor time so far [s]: of the server with its processes, and of the page's thread."""
    ticks = 0
    for number in family(server):
        fields = Path(f"/proc/{number}/stat").read_text("utf-8").rpartition(")")[2].split()
        # Of the server also those that have ended.
        ticks += sum(map(int, fields[11 : 15 if number == server else 13]))
    metrics = tab.send("Performance.getMetrics")["metrics"]
    page = next(one["value"] for one in metrics if one["name"] == "TaskDuration")
    return ticks / os.sysconf("SC_CLK_TCK"), page


def family(parent: int) -> list[int]:
    """A process and those that it has started."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text("utf-8").split()
    return [parent, *map(int, children)]


def memory(parent: int) -> float:
    """Memory of a process and its children that is their own [MB]."""
    found = 0
    for number in family(parent):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Private_Dirty"):
                found += int(line.split()[1])
    return found / 1000


def heap(tab: Tab) -> float:
    """What the page's objects take after a collection [MB]."""
    tab.send("HeapProfiler.collectGarbage")
    used: float = tab.send("Runtime.getHeapUsage")["usedSize"]
    return used / 1e6


if __name__ == "__main__":
    main()
