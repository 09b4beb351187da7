"""What a case file that is not TOML is told of its cause."""

from __future__ import annotations

from pathlib import Path

import pytest

import fem_island as fi


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[electrolyte]\nwidth = 50 um", '; text needs quotes: "50 um"'),
        ("[interlayer]\nmaterial = Ag # silver", '; text needs quotes: "Ag"'),
        ("[interlayer]\nextent = [[0 um, 5 um]]", '; text needs quotes: "0 um"'),
        ("kinetics = { law = tafel }", '; text needs quotes: "tafel"'),
        ('sweep.x = { from = 1 um, to = "5 um" }', '; text needs quotes: "1 um"'),
        (
            '[electrolyte]\nwidth = "50 um\nheight = "3 um"',
            '; a quote is missing in: width = "50 um',
        ),
        ('[electrolyte]\nwidth = "50 um', '; a quote is missing in: width = "50 um'),
        ("[electrolyte]\nwidth = '50 um", "; a quote is missing in: width = '50 um"),
        (
            "[kinetics]\nanodic_transfer_coefficient = 0,5",
            "; write a decimal point instead of the comma in: anodic_transfer_coefficient = 0,5",
        ),
        (
            "[electrolyte]\nwidth = \N{LEFT DOUBLE QUOTATION MARK}50 um"
            "\N{RIGHT DOUBLE QUOTATION MARK}",
            "; typographic quotes, where straight ones must be, in: width = ",
        ),
        ("[kinetics]\nanodic_transfer_coefficient = .5", "; write 0.5 instead of .5"),
        # Where the cause is another one, nothing is said of it.
        ("width of the cell: 50 um", "(at line 1, column 7)"),
        ('[electrolyte\nwidth = "50 um"', "(at line 1, column 13)"),
    ],
)
def test_the_cause_is_named(text: str, cause: str, tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(fi.InputError) as caught:
        fi.read_case(file)
    message = str(caught.value)
    assert message.startswith(f"{file}: is not valid TOML: ")
    assert cause in message
    if not cause.startswith(";"):
        assert ";" not in message
    assert "\n" not in message
    assert len(message) < 400
