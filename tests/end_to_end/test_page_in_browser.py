"""The page in a browser: every control changes the right number, and nothing goes wrong on the way.

Slow or fast is not asked here: see ``benchmarks/page.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("uvicorn", reason="the extra live is not installed")
pytest.importorskip("websockets", reason="the extra live is not installed")

import chromium
from page_server import forwarded, served

import fem_island as fi

pytestmark = pytest.mark.skipif(
    chromium.program() is None, reason="there is no Chromium (apt-get install chromium)"
)
ONE_WIDTH = """
[[islands]]
width = "10 um"
center = "15 um"

[[islands]]
width = "5 um"
center = "40 um"

[interlayer]
material = "Au"
reaction = "reversible"
"""
READY = "document.documentElement.dataset.map && document.documentElement.dataset.drawn"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as (address, _):
        yield address


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Tab]:
    with chromium.browser(tmp_path_factory.mktemp("browser")) as tab:
        yield tab


def opened(tab: chromium.Tab, address: str, *, width: int = 1280, height: int = 800) -> None:
    tab.size(width, height)
    tab.open("about:blank")
    tab.complaints.clear()
    tab.requests.clear()
    tab.open(address)
    tab.wait(READY)


def nothing_wrong(tab: chromium.Tab, address: str) -> None:
    """No error in the console, and no request but to the page's own address."""
    assert tab.complaints == []
    own = urlsplit(address)
    for request in tab.requests:
        parts = urlsplit(request)
        assert parts.scheme in ("data", "blob", "about") or parts.netloc == own.netloc, request
    assert len(tab.requests) > 10


def after(tab: chromium.Tab, script: str) -> None:
    """Do something that changes the case, and wait until its answer is drawn."""
    before = int(tab.run("document.documentElement.dataset.drawn"))
    tab.run(f"(() => {{ {script} }})()")
    tab.wait(f"Number(document.documentElement.dataset.drawn) > {before}")


def typed(tab: chromium.Tab, key: str, text: str) -> None:
    after(tab, f"{at(key)}.value = {json.dumps(text)}; {event(at(key), 'change')}")


def slid(tab: chromium.Tab, key: str, place: int) -> None:
    slider = f"document.querySelector('[data-key=\"{key}\"] input[type=range]')"
    after(tab, f"{slider}.value = {place}; {event(slider, 'input')}")


def at(key: str) -> str:
    return f"document.getElementById({json.dumps('key-' + key)})"


def event(target: str, name: str) -> str:
    return f"{target}.dispatchEvent(new Event('{name}', {{ bubbles: true }}))"


def number(tab: chromium.Tab, name: str) -> float:
    """A number of the table, in SI units."""
    return float(tab.run(f"document.querySelector('tr[data-name={name}]').dataset.si"))


def shown(tab: chromium.Tab, key: str) -> str:
    return str(tab.run(f"{at(key)}.value"))


def si(value: str, key: str) -> float:
    from fem_island.case.keys import key_at

    shape: Any = key_at(key.split("."))
    return float(shape.shape.read(value))


def case_of(
    *,
    electrolyte: dict[str, Any] | None = None,
    interlayer: dict[str, Any] | None = None,
    **others: Any,
) -> fi.Case:
    """A case of the paper's cell with some things changed."""
    film = None if interlayer is None else fi.Interlayer(material="Ag", **interlayer)
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(**electrolyte or {}),
        kinetics={"exchange_current_density": others.pop("i0", 5.0)},
        islands=[fi.Island(width=others.pop("width", 5e-6))],
        interlayer=film,
    )
    return fi.Case(cell=cell, operation=fi.Operation(**others))


def test_every_control_changes_the_right_number(tab: chromium.Tab, address: str) -> None:
    opened(tab, address)
    assert number(tab, "overpotential_mean") == pytest.approx(0.0846432, abs=1e-7)

    def holds(case: fi.Case) -> None:
        result = fi.solve(case, solver="condensed").result
        assert number(tab, "overpotential_mean") == result.overpotential_mean
        assert number(tab, "exposed_drive_max") == result.exposed_drive_max
        if result.interlayer is not None:
            share = number(tab, "interlayer_current_fraction")
            assert share == result.interlayer.current_fraction

    # Fields, one after the other, from one state to the next.
    typed(tab, "islands.width", "7")
    holds(case_of(width=7e-6))
    typed(tab, "operation.current_density", "0.5")
    holds(case_of(width=7e-6, current_density=5.0))
    typed(tab, "operation.temperature", "60")
    holds(case_of(width=7e-6, current_density=5.0, temperature="60 degC"))
    typed(tab, "kinetics.exchange_current_density", "1")
    same: dict[str, Any] = {"current_density": 5.0, "temperature": "60 degC", "i0": 10.0}
    holds(case_of(width=7e-6, **same))
    typed(tab, "electrolyte.conductivity", "0.05 mS/cm")
    cell: dict[str, Any] = {"conductivity": 0.005}
    holds(case_of(width=7e-6, electrolyte=cell, **same))
    typed(tab, "electrolyte.width", "80")
    typed(tab, "electrolyte.height", "25000 nm")
    cell |= {"width": 80e-6, "height": 25e-6}
    holds(case_of(width=7e-6, electrolyte=cell, **same))
    # The film and what belongs to it.
    after(tab, f"{at('film')}.value = 'Ag'; {event(at('film'), 'change')}")
    holds(case_of(width=7e-6, electrolyte=cell, interlayer={"reaction": "release"}, **same))
    reaction = at("interlayer.reaction")
    after(tab, f"{reaction}.value = 'reversible'; {event(reaction, 'change')}")
    film: dict[str, Any] = {"reaction": "reversible"}
    holds(case_of(width=7e-6, electrolyte=cell, interlayer=film, **same))
    typed(tab, "interlayer.exchange_current_density", "0.2")
    film |= {"exchange_current_density": 2.0}
    holds(case_of(width=7e-6, electrolyte=cell, interlayer=film, **same))
    lasting = number(tab, "interlayer_time_until_empty_mean")
    typed(tab, "interlayer.thickness", "50")
    assert number(tab, "interlayer_time_until_empty_mean") == pytest.approx(lasting / 2)
    typed(tab, "interlayer.state_of_charge", "0.5")
    assert number(tab, "interlayer_time_until_empty_mean") == pytest.approx(lasting / 4)
    # An empty field takes the change back.
    typed(tab, "interlayer.exchange_current_density", "")
    film = {"reaction": "reversible", "thickness": 50e-9, "state_of_charge": 0.5}
    holds(case_of(width=7e-6, electrolyte=cell, interlayer=film, **same))
    # The direction of the current.
    sign = "document.querySelector('[data-key=\"operation.current_density\"] .sign')"
    after(tab, f"{sign}.value = '-1'; {event(sign, 'change')}")
    same["current_density"] = -5.0
    holds(case_of(width=7e-6, electrolyte=cell, interlayer=film, **same))
    nothing_wrong(tab, address)


def test_every_slider_sets_its_field(tab: chromium.Tab, address: str) -> None:
    opened(tab, address)
    after(tab, f"{at('film')}.value = 'Ag'; {event(at('film'), 'change')}")
    keys = tab.run(
        "[...document.querySelectorAll('.control')].filter((one) => !one.hidden"
        " && one.querySelector('input[type=range]')).map((one) => one.dataset.key)"
    )
    assert len(keys) >= 11
    for key in keys:
        slid(tab, key, 400)
        low = shown(tab, key)
        slid(tab, key, 500)
        assert float(shown(tab, key)) > float(low), key
    # All of that is in the link, and a page that is opened with it shows the same.
    mean, link = number(tab, "overpotential_mean"), None
    tab.run("document.querySelector('[data-copy=link]').click()")
    link = tab.run("document.querySelector('#text textarea').value")
    opened(tab, link)
    assert number(tab, "overpotential_mean") == mean
    nothing_wrong(tab, address)


def test_the_map_moves_the_point(tab: chromium.Tab, address: str) -> None:
    opened(tab, address)
    canvas = tab.run(
        "(({left, top, width, height}) => [left, top, width, height])"
        "(document.querySelector('#map canvas').getBoundingClientRect())"
    )
    before = tab.run("document.documentElement.dataset.drawn")
    tab.click(canvas[0] + 0.6 * canvas[2], canvas[1] + 0.4 * canvas[3])
    tab.wait(f"document.documentElement.dataset.drawn > {before}")
    width, current = (shown(tab, key) for key in ("islands.width", "operation.current_density"))
    assert 15 < float(width) < 45
    assert 0.2 < float(current) < 2
    case = case_of(width=f"{width} um", current_density=f"{current} mA/cm^2")
    result = fi.solve(case, solver="condensed").result
    assert number(tab, "overpotential_mean") == result.overpotential_mean
    # By the keyboard: to the right, and up.
    tab.run("document.querySelector('#map canvas').focus()")
    tab.press("ArrowRight")
    tab.press("ArrowUp")
    tab.wait(f"{at('islands.width')}.value > {width}")
    tab.wait(f"{at('operation.current_density')}.value > {current}")
    nothing_wrong(tab, address)


def test_what_is_refused_stands_beside_the_field(tab: chromium.Tab, address: str) -> None:
    opened(tab, address)
    typed(tab, "islands.width", "300")
    said = "document.querySelector('[data-key=\"islands.width\"] .fault').textContent"
    assert "islands.0" in tab.run(said)
    assert number(tab, "overpotential_mean") == pytest.approx(0.0846432, abs=1e-7)
    assert tab.run("document.getElementById('results').classList.contains('stale')")
    typed(tab, "islands.width", "many")
    assert "number" in tab.run(said)
    typed(tab, "islands.width", "5")
    assert tab.run(said) == ""
    assert not tab.run("document.getElementById('results').classList.contains('stale')")
    nothing_wrong(tab, address)


def test_presets(tab: chromium.Tab, address: str) -> None:
    opened(tab, address)
    choose = "document.getElementById('preset')"
    names = tab.run(f"[...{choose}.options].map((one) => one.textContent)")
    after(tab, f"{choose}.value = '{names.index('1 Ohm cm^2') - 1}'; {event(choose, 'change')}")
    result = fi.solve(case_of(i0="25.6926 mA/cm^2"), solver="condensed").result
    assert number(tab, "overpotential_mean") == result.overpotential_mean
    after(tab, f"{choose}.value = '{names.index('paper, 20 um') - 1}'; {event(choose, 'change')}")
    assert number(tab, "overpotential_mean") == pytest.approx(0.0303246, abs=1e-7)


def test_curves_on_request(tab: chromium.Tab, address: str) -> None:
    opened(tab, address)
    said = "document.querySelector('#curve .said').textContent"
    for kind, text in [("spectrum", "193.45"), ("strip", "cut-off")]:
        tab.run(f"document.querySelector('[data-ask={kind}]').click()")
        tab.wait(f"document.documentElement.dataset.curve === '{kind}'")
        assert text in tab.run(said)
    assert not tab.run("document.getElementById('curve').classList.contains('stale')")
    typed(tab, "islands.width", "6")
    assert tab.run("document.getElementById('curve').classList.contains('stale')")
    # What the curves needed is part of the case.
    tab.run("document.querySelector('[data-copy=file]').click()")
    text = tab.wait("document.querySelector('#text textarea').value")
    case = fi.Case.from_toml(text)
    assert case.cell.islands[0].thickness == 2e-6
    layer = case.cell.kinetics.double_layer
    assert layer is not None
    assert layer.capacitance == 0.1
    nothing_wrong(tab, address)


def test_measured_points(tab: chromium.Tab, address: str) -> None:
    opened(tab, address)
    rows = "width [nm],current [mA/cm^2],overpotential [V]\\n20000,0.25,0.031\\n5000,0.5,\\n"
    dropped = (
        f"const data = new DataTransfer(); data.items.add(new File(['{rows}'], 'mine.csv'));"
        "document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }))"
    )
    tab.run(f"(() => {{ {dropped} }})()")
    tab.wait("document.getElementById('points-said').textContent.startsWith('2 points')")
    box = tab.run(
        "(({left, top, width, height}) => [left, top, width, height])"
        "(document.querySelector('#map canvas').getBoundingClientRect())"
    )
    # The place of 20 um and 0.25 mA/cm^2, as the map's margins have it.
    across = (box[2] - 44 - 56) * (20 - 1) / 49
    up = (box[3] - 18 - 34) * 0.349485
    tab.click(box[0] + 44 + across, box[1] + box[3] - 34 - up)
    said = tab.wait(
        "document.getElementById('points-said').textContent.includes('measured')"
        " && document.getElementById('points-said').textContent"
    )
    assert "measured 31 mV, computed 30.32" in said
    assert "difference 0.67" in said
    wrong = dropped.replace("width [nm]", "width [furlong]")
    tab.run(f"(() => {{ {wrong} }})()")
    assert "furlong" in tab.wait("document.getElementById('notice').textContent")
    nothing_wrong(tab, address)


def test_several_islands_of_a_case_file(tab: chromium.Tab, tmp_path: Path) -> None:
    file = tmp_path / "two.toml"
    file.write_text(ONE_WIDTH)
    with served(file) as (own, _):
        opened(tab, own)
        typed(tab, "islands.1.width", "8")
        cell = fi.Cell(
            islands=[
                fi.Island(width="10 um", center="15 um"),
                fi.Island(width="8 um", center="40 um"),
            ],
            interlayer=fi.interlayer("Au", reaction="reversible"),
        )
        result = fi.solve(cell, solver="condensed").result
        assert number(tab, "overpotential_mean") == result.overpotential_mean
        rows = tab.run("document.querySelectorAll('#islands tbody tr').length")
        assert rows == 2
        nothing_wrong(tab, own)


def test_through_a_forwarded_port(tab: chromium.Tab, address: str) -> None:
    port = urlsplit(address).port or 0
    with forwarded(port) as other:
        away = address.replace(str(port), str(other), 1).replace("127.0.0.1", "localhost")
        opened(tab, away)
        typed(tab, "islands.width", "20")
        assert number(tab, "overpotential_mean") == pytest.approx(0.0303246, abs=1e-7)
        nothing_wrong(tab, away)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (1920, 1080)])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits(
    tab: chromium.Tab, address: str, width: int, height: int, dark: bool, tmp_path: Path
) -> None:
    """Nothing is wider than the screen, all pictures are drawn, and letters can be read."""
    tab.size(width, height, dark=dark)
    tab.open("about:blank")
    tab.open(address)
    tab.wait(READY)
    assert tab.run("document.documentElement.scrollWidth") <= width
    for name in ("map", "field", "profile"):
        colors = tab.run(
            f"(() => {{ const c = document.querySelector('#{name} canvas');"
            "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "const seen = new Set(); for (let n = 0; n < d.length; n += 4)"
            "seen.add(d[n] << 16 | d[n + 1] << 8 | d[n + 2]); return seen.size; })()"
        )
        assert colors > 40, name
    small = tab.run(
        "Math.min(...[...document.querySelectorAll('body *')].filter((e) => e.checkVisibility()"
        " && e.childNodes.length && e.textContent.trim()).map((e) =>"
        " parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert small >= 10.5
    ink = tab.run("getComputedStyle(document.body).color")
    assert (sum(map(int, ink[4:-1].split(","))) > 384) == dark
    # Every control has words that belong to it.
    nameless = tab.run(
        "[...document.querySelectorAll('input, select, button, textarea')].filter((e) =>"
        " !(e.labels && e.labels.length) && !e.getAttribute('aria-label')"
        " && !e.textContent.trim()).length"
    )
    assert nameless == 0
    tab.picture(tmp_path / "page.png")


def test_the_page_says_that_its_server_has_ended(tab: chromium.Tab) -> None:
    with served() as (own, _):
        opened(tab, own)
    assert "ends with its terminal" in tab.wait("document.getElementById('notice').textContent")


def test_the_page_that_was_sent_away(tab: chromium.Tab, tmp_path: Path) -> None:
    from fem_island.page.export import write_page

    file = tmp_path / "page.html"
    write_page(None, file)
    opened(tab, file.as_uri())
    tab.wait(READY)
    assert number(tab, "overpotential_mean") == pytest.approx(0.0846432, abs=1e-7)
    typed(tab, "islands.width", "20")
    assert number(tab, "overpotential_mean") == pytest.approx(0.0303246, abs=7e-6)
    said = "document.getElementById('state').textContent"
    assert "at most 6.3 µV" in tab.run(said)

    def has_number() -> bool:
        return bool(
            tab.run("document.querySelector('tr[data-name=overpotential_mean]').dataset.si")
        )

    for key, text, back in [
        ("electrolyte.conductivity", "0.01", "1.8"),
        ("islands.width", "0.5", "20"),
        ("operation.current_density", "20", "0.25"),
    ]:
        typed(tab, key, text)
        assert not has_number(), key
        assert "no number" in tab.run(said)
        typed(tab, key, back)
        assert has_number()
    after(tab, f"{at('film')}.value = 'Ag'; {event(at('film'), 'change')}")
    assert not has_number()
    reaction = at("interlayer.reaction")
    after(tab, f"{reaction}.value = 'none'; {event(reaction, 'change')}")
    assert has_number()
    assert tab.complaints == []
    assert all(urlsplit(one).scheme in ("file", "data", "about") for one in tab.requests)
