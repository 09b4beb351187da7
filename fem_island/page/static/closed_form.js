// What answers in a page that was sent away: the closed form, and the case as it was solved.
//
//   eta = scale asinh(I W / (2 i0 w))
//
// It is the mean overpotential on bare copper, and nothing else: where it was not checked, or is off
// by more than MOST, there is no number.
import { unpacked } from "page/frames.js";
import { numberIn } from "page/state.js";

const MOST = 1e-5;
const COLUMNS = 50;
const UNITS = { "operation.current_density": 10, "kinetics.exchange_current_density": 10, "electrolyte.conductivity": 0.1 };

export class ClosedForm {
  constructor(data, answered) {
    this.data = data;
    this.answered = answered;
    const bytes = Uint8Array.from(atob(data.solved), (letter) => letter.charCodeAt(0));
    this.solved = unpacked(bytes.buffer);
    document.documentElement.dataset.exported = "yes";
  }

  ask(message) {
    const answers = { welcome: () => this.welcome(), point: () => this.point(message), map: () => this.map(message) };
    const answer = answers[message.kind];
    if (answer) setTimeout(() => this.answered(...answer()), 0);
  }

  welcome() { return [{ kind: "welcome", id: 0, ...this.data.welcome }, {}]; }

  // A value of the message in SI units, or that of the case; NaN where it cannot be read.
  value(changes, key, own) {
    if (!(key in changes)) return own;
    const unit = this.data.welcome.bases.paper.controls.find((one) => one.key === key).unit;
    return numberIn(changes[key], unit) * (UNITS[key] ?? 1e-6);
  }

  control(key) { return this.data.welcome.bases.paper.controls.find((one) => one.key === key); }

  read(changes) {
    const { data } = this;
    const film = changes.film ?? this.control("film").value;
    const reaction = changes["interlayer.reaction"] ?? (changes.film === undefined ? this.control("interlayer.reaction").value : "release");
    return {
      width: this.value(changes, "islands.width", 1e-6 * this.control("islands.width").value),
      current: this.value(changes, "operation.current_density", 10 * this.control("operation.current_density").value),
      i0: this.value(changes, "kinetics.exchange_current_density", data.i0),
      conductivity: this.value(changes, "electrolyte.conductivity", data.conductivity),
      acts: film !== "none" && reaction !== "none",
    };
  }

  // How far the closed form may be off with this i0 and conductivity [V]; Infinity where that was not checked.
  error(i0, conductivity) {
    const { checked } = this.data, { factors } = checked;
    const near = (a, b) => Math.abs(a / b - 1) < 1e-9;
    if (near(i0, this.data.i0) && near(conductivity, this.data.conductivity)) return checked.own;
    const around = (factor) => {
      const above = factors.findIndex((one) => one >= factor * (1 - 1e-9));
      if (above < 0 || factor < factors[0] * (1 - 1e-9)) return null;
      return near(factors[above], factor) ? [above] : [above - 1, above];
    };
    const rows = around(i0 / this.data.i0), columns = around(conductivity / this.data.conductivity);
    if (!rows || !columns) return Infinity;
    return Math.max(...rows.flatMap((row) => columns.map((column) => checked.beside[row][column] ?? Infinity)));
  }

  formula(width, current, i0) {
    return this.data.scale * Math.asinh((current * this.data.width) / (2 * i0 * this.data.of_i0 * width));
  }

  refusal({ width, current, i0, conductivity, acts }) {
    const { checked } = this.data;
    if (acts) return "a film that acts: the closed form is for bare copper, so there is no number";
    const inside = (value, [low, high]) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
    if (!inside(1e6 * width, checked.widths)) return `the closed form was checked for islands of ${checked.widths.join(" to ")} µm: there is no number`;
    if (!inside(0.1 * Math.abs(current), checked.currents)) return `the closed form was checked for ${checked.currents.map((one) => Number(one.toPrecision(3))).join(" to ")} mA/cm²: there is no number`;
    const error = this.error(i0, conductivity);
    if (error === Infinity) return "the closed form is off by too much, or was not checked, for this i0 and conductivity: there is no number";
    if (error > MOST) return `the closed form can be off by ${(1e3 * error).toPrecision(2)} mV here: there is no number`;
    return "";
  }

  point({ id, changes }) {
    if (!Object.keys(changes).length) return [{ ...this.solved.header, id }, this.solved.arrays];
    const found = this.read(changes);
    if (Object.values(found).some(Number.isNaN) || !(found.width > 0) || !(found.i0 > 0) || !(found.conductivity > 0) || found.width > this.data.width * (1 + 1e-9)) {
      const line = "give numbers in the units beside the fields; the island must fit into the cell";
      return [{ kind: "point", id, status: "refused", faults: [{ key: "", line }] }, {}];
    }
    const refusal = this.refusal(found);
    const value = this.formula(found.width, found.current, found.i0);
    const error = this.error(found.i0, found.conductivity);
    const number = {
      name: "overpotential_mean", words: "overpotential, mean over all islands (closed form)", unit: "mV",
      value: refusal ? null : 1e3 * value, si: refusal ? "" : value, error: refusal ? null : 1e3 * error,
    };
    const header = {
      kind: "point", id, status: "ok", state: refusal ? "no number" : "closed form", good: !refusal,
      reason: refusal || `checked against the solver: off by at most ${(1e6 * error).toPrecision(2)} µV over the whole map`,
      numbers: [number], split: null, delithiates: null, films: this.solved.header.films,
      remarks: ["Only the mean overpotential on bare copper has a closed form; fem-island explore solves everything else."],
      assumptions: [`cell of ${1e6 * this.data.width} × ${1e6 * this.data.height} µm at ${this.data.temperature} K, as exported by ${this.data.made_by}`],
    };
    return [header, {}];
  }

  map({ id, changes }) {
    const found = this.read(changes), { checked } = this.data;
    const [first, last] = checked.widths, [low, high] = checked.currents;
    const sign = this.read(changes).current < 0 ? -1 : 1;
    const widths = Float32Array.from({ length: COLUMNS }, (_, n) => first + ((last - first) * n) / (COLUMNS - 1));
    const currents = Float32Array.from({ length: COLUMNS }, (_, n) => sign * low * (high / low) ** (n / (COLUMNS - 1)));
    const error = this.error(found.i0, found.conductivity);
    const known = error <= MOST;
    const values = new Float32Array(COLUMNS * COLUMNS).fill(NaN);
    if (known) {
      currents.forEach((current, row) => widths.forEach((width, column) => {
        values[row * COLUMNS + column] = 1e3 * this.formula(1e-6 * width, 10 * current, found.i0);
      }));
    }
    const closed = known ? `closed form on bare copper, off by at most ${(1e6 * error).toPrecision(2)} µV`
      : "no map: the closed form is off by too much, or was not checked, for this i0 and conductivity";
    return [{ kind: "map", id, status: "ok", linear: true, sign, film: false, closed },
      { widths, currents, overpotential_mean: values }];
  }
}
