#!/bin/bash
# The first hour of a new user, in 40 steps, from the README and the documentation alone.
# Run it in a checkout after `make install`: scripts/first_hour.sh [FOLDER]. It ends at the first
# step that does not do what the pages say.
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd)
bin=$checkout/.venv/bin
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
cd "$folder"
export OMP_NUM_THREADS=1
number=0

step() { # what a person wants; then the command that the pages name
    number=$((number + 1))
    echo "$number. $1"
}
has() { # FILE TEXT
    grep -qF -- "$2" "$1" || { echo "step $number: $1 lacks: $2"; exit 1; }
}
fi_() { "$bin/fem-island" "$@"; }
python() { "$bin/python" -W error - > out.txt; }

# --- The README -------------------------------------------------------------------------------------
step "what can it do"; fi_ --help > out.txt; has out.txt onset
step "does it work here"; fi_ selftest > out.txt; has out.txt ok
step "the paper's cell"; fi_ solve > out.txt; has out.txt 84.6432
step "another island size"; fi_ solve --set "islands.width=20 um" > out.txt; has out.txt 30.3246
step "the paper's Figure 6"; fi_ figure6 --out figure6 > out.txt; has out.txt 11.02; test -s figure6/figure6.png
step "a commented case file"; fi_ init mine.toml > out.txt; fi_ solve mine.toml > out.txt; has out.txt 84.6432
step "a schema for the editor"; fi_ schema --out fem-island.schema.json > out.txt; test -s fem-island.schema.json
step "which films are there"; fi_ materials > out.txt; has out.txt Li6PS5Cl
step "what to cite"; fi_ cite > out.txt; has out.txt Joule

# --- My own cell ------------------------------------------------------------------------------------
step "my cell as a case file"
cat > cell.toml <<'TOML'
[electrolyte]
width = "100 um"
height = "0.03 mm"
conductivity = "0.5 mS cm-1"

[kinetics]
exchange_current_density = "2 mA/cm2"

[[islands]]
width = "10 micron"
center = "20 um"

[[islands]]
width = "4 um"
center = "70 um"

[operation]
current_density = "0.5 mA cm^-2"
TOML
fi_ solve cell.toml > out.txt; has out.txt converged
step "as JSON"; fi_ solve cell.toml --json > cell.json; has cell.json '"input"'
step "the same from that JSON"; fi_ solve cell.json > out.txt; has out.txt converged
step "all files of it"; fi_ solve cell.toml --out results > out.txt; test -s results/cell.potential.png
step "the field for ParaView"; python <<'PY'
import h5py
with h5py.File("results/cell.vtkhdf") as file:
    print(file["VTKHDF"].attrs["Type"], list(file["VTKHDF"]))
PY
has out.txt Unstructured
step "a wrong unit is told"; if fi_ solve cell.toml --set "islands.width=4 mV" 2> err.txt; then exit 1; fi; has err.txt 'which is not that of a length'
step "a missing quote is told"; echo 'electrolyte.width = 5 um' > bad.toml; if fi_ solve bad.toml 2> err.txt; then exit 1; fi; has err.txt 'text needs quotes: "5 um"'
step "a decimal comma is told"; if fi_ solve --set "islands.width=4,5 um" 2> err.txt; then exit 1; fi; has err.txt 'write "4.5 um"'
step "a typing error is told"; if fi_ solve --set "islands.widht=4 um" 2> err.txt; then exit 1; fi; has err.txt "known are width"
step "an electrolyte by name"; fi_ solve --set electrolyte.material=Li7La3Zr2O12 > out.txt; has out.txt Li7La3Zr2O12
step "half an island at the wall"; fi_ solve --json --set 'islands=[{width="10 um", center="0 um"}]' > out.txt; has out.txt converged

# --- My own film ------------------------------------------------------------------------------------
step "films side by side"; fi_ compare cell.toml --films none,Ag,Au --out films > out.txt; test -s films/cell.films.csv
step "below which size silver acts"; fi_ onset --film Ag > out.txt; has out.txt 11.14579
step "above which current gold acts"; fi_ onset --film Au --vary operation.current_density > out.txt; has out.txt "acts above"
step "a film of mine with two plateaus"
cat > film.toml <<'TOML'
[interlayer]
plateaus = [["40 mV", "12 uAh/cm^2"], ["0.11 V", "30 uAh/cm^2"]]
reaction = "release"
TOML
fi_ solve film.toml > out.txt; has out.txt "12 uAh/cm^2 at 40 mV"
step "it against gold"; fi_ compare film.toml --films case,Au > out.txt; has out.txt Au

# --- A sweep ----------------------------------------------------------------------------------------
step "a sweep as a file"
cat > map.toml <<'TOML'
[interlayer]
material = "Ag"
reaction = "release"
[sweep]
"islands.width" = { from = "2 um", to = "40 um", count = 8 }
"operation.current_density" = { from = "0.1 mA/cm^2", to = "5 mA/cm^2", count = 10, spacing = "log" }
TOML
fi_ sweep map.toml --dry-run > out.txt; has out.txt "80 points"
step "run it"; fi_ sweep map.toml --out map --csv > out.txt 2>&1; has out.txt "80 converged"; test -s map/results.csv
step "again: nothing is lost"; fi_ sweep map.toml --out map > out.txt 2>&1; has out.txt "all were finished before"
step "with two ranks"; env PATH=/usr/bin:/bin "$bin/fem-island" sweep map.toml --out map2 --ranks 2 > out.txt 2>&1; has out.txt "80 converged"
step "read it"; python <<'PY'
import fem_island as fi
import xarray

maps = xarray.open_dataset("map/results.nc")
print(maps.interlayer_current_fraction.sel(island_width=2e-6).max().item() > 0.5)
print(fi.Case.from_json(maps.attrs["case"]).cell.interlayer)
PY
has out.txt "Interlayer('Ag', reaction='release')"

# --- From Python ------------------------------------------------------------------------------------
step "the first script"; python <<'PY'
import fem_island as fi

cell = fi.Cell(islands=["5 um"], interlayer="Ag")
solution = fi.solve(cell, current_density="0.25 mA/cm^2")
print(repr(solution))
PY
has out.txt "mean overpotential 84.6432 mV"
step "change it"; python <<'PY'
import fem_island as fi

print(fi.Cell().with_({"electrolyte.width": "80 um"}, interlayer="Ag"))
PY
has out.txt "Cell(electrolyte=Electrolyte(width='80 um'), interlayer=Interlayer('Ag'))"
step "Pint in, a profile out"; python <<'PY'
import fem_island as fi
import pint

unit = pint.UnitRegistry()
profile = fi.solve(fi.Cell(islands=[5 * unit.um])).profile()
print(round(1e3 * profile.drive.sel(position=25e-6, method="nearest").item(), 2))
PY
has out.txt 84.6
step "a figure for the paper"; python <<'PY'
import fem_island as fi
import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.5))
for axes, width in ((left, "5 um"), (right, "20 um")):
    fi.solve(fi.Cell(islands=[width])).plot(ax=axes, colors="cividis")
figure.savefig("paper.pdf")
print("done")
PY
test -s paper.pdf
step "keep a case"; python <<'PY'
import fem_island as fi

case = fi.read_case("cell.toml", ["operation.temperature = 60 degC"])
case.write("warm.toml")
print(fi.read_case("warm.toml") == case)
PY
has out.txt True
step "strip it in time"; fi_ strip --set islands.thickness="2 um" --set islands.shape=parabola mine.toml --out strip > out.txt; test -s strip/mine.csv
step "its impedance"; fi_ impedance mine.toml --set kinetics.double_layer.capacitance="10 uF/cm^2" --out spectra > out.txt; test -s spectra/mine.impedance.csv

# --- My own data ------------------------------------------------------------------------------------
step "fit a circuit to a measured spectrum"; fi_ circuit spectra/mine.impedance.csv --area "0.785 cm^2" > out.txt; has out.txt R1
step "points of mine from a table"
printf 'islands.width [um],operation.current_density [mA/cm^2]\n5,0.25\n20,0.25\n' > points.csv
fi_ evaluate mine.toml --table points.csv --json > out.txt; has out.txt 0.0846
step "a notebook"; "$bin/jupyter-execute" "--output=$PWD/first.ipynb" "$checkout/notebooks/1_first_steps.ipynb" > out.txt 2>&1; has first.ipynb image/png

echo "all $number steps did what the pages say"
