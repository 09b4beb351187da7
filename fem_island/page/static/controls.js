// Sliders with fields and units, and choices, as the server declares them.
import { numberIn } from "page/state.js";
import { element } from "page/dom.js";

const STEPS = 1000;
const GROUPS = {
  islands: "Island", operation: "Operation", kinetics: "Kinetics of lithium",
  electrolyte: "Electrolyte and cell", film: "Film", stripping: "For the stripping curve",
  spectrum: "For the spectrum",
};

export class Controls {
  constructor(form, state) {
    this.form = form;
    this.state = state;
    form.addEventListener("submit", (event) => event.preventDefault());
    this.build();
  }

  build() {
    this.shown = [];
    const groups = Object.entries(GROUPS).map(([name, words]) => {
      const inside = this.state.controls.filter((one) => one.group === name);
      if (!inside.length) return null;
      const rows = inside.map((control) => this.row(control));
      return element("fieldset", { "data-group": name }, [element("legend", {}, [words]), ...rows]);
    });
    this.form.replaceChildren(...groups.filter(Boolean));
    this.update();
  }

  row(control) {
    const shown = control.kind === "choice" ? this.choice(control) : this.slider(control);
    this.shown.push(shown);
    shown.fault = element("p", { class: "fault", id: `fault-${control.key}`, role: "alert", hidden: "" });
    const id = `key-${control.key}`;
    shown.field.id = id;
    shown.field.setAttribute("aria-describedby", shown.fault.id);
    shown.box = element("div", { class: "control", "data-key": control.key },
      [element("label", { for: id }, [control.words]), ...shown.parts, shown.fault]);
    return shown.box;
  }

  choice(control) {
    const field = element("select", {}, control.options.map(([value, words]) =>
      element("option", { value }, [words])));
    field.addEventListener("change", () => this.state.set({ [control.key]: field.value }));
    const update = () => { field.value = this.state.text(control); };
    return { control, field, parts: [field], update };
  }

  slider(control) {
    const { state } = this;
    const range = element("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": control.words });
    const field = element("input", { type: "text", inputmode: "text", spellcheck: "false",
      placeholder: control.otherwise });
    const unit = element("span", { class: "unit" }, [shownUnit(control.unit)]);
    const parts = [element("div", { class: "row" }, [range, field, unit])];
    let sign = null;
    if (control.signed) {
      sign = element("select", { class: "sign", "aria-label": "direction of the current" }, [
        element("option", { value: "1" }, ["strips lithium"]),
        element("option", { value: "-1" }, ["plates lithium"])]);
      parts.push(sign);
    }
    const set = (number) => state.set({ [control.key]: `${number} ${control.unit}`.trim() });
    const signed = (size) => (sign && sign.value === "-1" ? -size : size);
    range.addEventListener("input", () => set(signed(this.valueAt(control, Number(range.value)))));
    sign?.addEventListener("change", () => {
      const size = Math.abs(state.number(control.key));
      if (size > 0) set(signed(size));
    });
    field.addEventListener("change", () => {
      const text = field.value.trim();
      const plain = text !== "" && Number.isFinite(numberIn(text, "")) && !/[a-z%]$/i.test(text);
      state.set({ [control.key]: text === "" ? null : plain ? `${text.replace("−", "-")} ${control.unit}`.trim() : text });
    });
    const update = () => {
      const text = state.text(control);
      const number = numberIn(text, control.unit);
      if (document.activeElement !== field || !Number.isNaN(number)) {
        field.value = Number.isNaN(number) ? text : String(number);
      }
      const place = Number.isNaN(number) ? null : this.placeOf(control, Math.abs(number));
      if (place !== null) range.value = place;
      range.setAttribute("aria-valuetext", text || control.otherwise);
      if (sign && number) sign.value = number < 0 ? "-1" : "1";
    };
    return { control, field, range, parts, update };
  }

  high(control) {
    // An island is at most as wide as its cell.
    const cell = /^islands.*\.width$/.test(control.key) ? this.state.number("electrolyte.width") : NaN;
    return Number.isFinite(cell) ? Math.max(cell, 2 * control.low) : control.high;
  }

  valueAt(control, step) {
    const share = step / STEPS, { low } = control, high = this.high(control);
    const value = control.spacing === "log" ? low * (high / low) ** share : low + (high - low) * share;
    return Number(value.toPrecision(4));
  }

  placeOf(control, number) {
    const { low } = control, high = this.high(control);
    const share = control.spacing === "log" ? Math.log(number / low) / Math.log(high / low) : (number - low) / (high - low);
    return Math.round(STEPS * Math.min(1, Math.max(0, share)));
  }

  update() {
    for (const { control, box, update } of this.shown) {
      update();
      box.hidden = !this.state.needed(control);
      box.classList.toggle("changed", this.state.changes.has(control.key));
    }
  }

  // Faults stand beside what they are about; returns the lines of all others.
  refuse(faults) {
    const elsewhere = [];
    for (const one of this.shown) {
      one.lines = [];
    }
    for (const { key, line } of faults) {
      const one = this.shown.find(({ control }) => key && bare(key) === bare(control.key));
      (one ? one.lines : elsewhere).push(line);
    }
    for (const { box, fault, field, lines } of this.shown) {
      fault.textContent = lines.join("\n");
      fault.hidden = !lines.length;
      box.classList.toggle("wrong", lines.length > 0);
      field.setAttribute("aria-invalid", String(lines.length > 0));
    }
    return elsewhere;
  }
}

const bare = (key) => key.replace(/\.\d+/g, "");
export const shownUnit = (unit) => unit.replace("^2", "²").replace("^3", "³").replace("um", "µm")
  .replace("uA", "µA").replace("uF", "µF").replace("degC", "°C").replace("Ohm", "Ω");
