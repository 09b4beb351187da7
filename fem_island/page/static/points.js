// Measured points from a CSV, which stays in the page.

const LENGTHS = { um: 1, "µm": 1, "μm": 1, nm: 1e-3, mm: 1e3, m: 1e6 };
const CURRENTS = { "ma/cm^2": 1, "ma/cm2": 1, "ma/cm²": 1, "ma cm-2": 1, "a/m^2": 0.1, "a/m2": 0.1, "a/m²": 0.1, "ua/cm^2": 1e-3 };
const POTENTIALS = { mv: 1, v: 1e3, uv: 1e-3 };
const COLUMNS = [
  { name: "width", pattern: /width|size/, units: LENGTHS, needed: true, example: "width [um]" },
  { name: "current", pattern: /current/, units: CURRENTS, needed: true, example: "current [mA/cm^2]" },
  { name: "overpotential", pattern: /overpotential|eta/, units: POTENTIALS, needed: false, example: "overpotential [mV]" },
];
const MOST = 2000;

// The points of a text, or an Error that says what is wrong with it.
export function readPoints(text) {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((line) => line.trim() && !line.startsWith("#"));
  if (lines.length < 2) throw new Error("it has no rows: the first line names the columns");
  const separator = [";", "\t", ","].find((one) => lines[0].includes(one)) ?? ",";
  const decimalComma = separator === ";" && !lines[1].includes(".");
  const split = (line) => line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const names = split(lines[0]);
  const places = COLUMNS.map(({ name, pattern, units, needed, example }) => {
    const place = names.findIndex((one) => pattern.test(one.toLowerCase()) && !/error|density_max/.test(one));
    if (place < 0) {
      if (needed) throw new Error(`it has no column such as "${example}"`);
      return null;
    }
    const unit = /[[(](.+?)[\])]/.exec(names[place])?.[1].trim();
    const factor = unit === undefined ? undefined : units[unit.toLowerCase()];
    if (factor === undefined) throw new Error(`its column "${names[place]}" has no unit that is known; write "${example}"`);
    return { name, place, factor };
  });
  if (lines.length - 1 > MOST) throw new Error(`it has more than ${MOST} rows`);
  return lines.slice(1).map((line, row) => {
    const cells = split(line), found = { overpotential: null, row: row + 1 };
    for (const column of places.filter(Boolean)) {
      const cell = decimalComma ? cells[column.place]?.replace(",", ".") : cells[column.place];
      const value = cell === undefined || cell === "" ? NaN : Number(cell);
      if (!Number.isFinite(value)) {
        if (column.name === "overpotential" && (cell ?? "") === "") continue;
        throw new Error(`row ${row + 1} has no number in "${names[column.place]}": ${cell ?? "nothing"}`);
      }
      found[column.name] = column.factor * value;
    }
    if (!(found.width > 0) || found.current === 0) throw new Error(`row ${row + 1} needs a width above 0 and a current`);
    return found;
  });
}
