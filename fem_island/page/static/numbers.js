// Numbers with their units, estimated errors and status.
import { element } from "page/dom.js";
import { shownUnit } from "page/controls.js";

const MOST_DIGITS = 7;

// As many digits as are known, at most seven; five where there is no estimate.
export function shown(value, error) {
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  let digits = 5;
  if (error > 0) digits = Math.min(MOST_DIGITS, Math.max(1, size - Math.floor(Math.log10(error)) + 1));
  else if (error === 0) digits = MOST_DIGITS - 1;
  const text = Number(value).toPrecision(digits);
  return /e/.test(text) ? String(Number(text)) : text;
}

export function shownError(error, unit) {
  if (error === null || error === undefined) return "no estimate";
  if (error === 0) return "exact";
  return `± ${Number(error).toExponential(0).replace("e+0", "").replace("e+", "e")}${unit ? ` ${unit}` : ""}`;
}

export class Numbers {
  constructor(table) {
    this.body = table.tBodies[0];
    this.rows = [];
    this.names = "";
  }

  draw(numbers, converged) {
    const names = numbers.map((one) => one.name).join();
    if (names !== this.names) {
      this.names = names;
      this.rows = numbers.map((one) => {
        const value = element("span"), error = element("span", { class: "error" });
        const mark = element("td", { class: "mark" });
        const words = element("th", { scope: "row", title: one.note ?? "" }, [one.words]);
        const row = element("tr", { "data-name": one.name }, [words, element("td", { class: "value" }, [value, error]), mark]);
        return { row, value, error, mark };
      });
      this.body.replaceChildren(...this.rows.map(({ row }) => row));
    }
    numbers.forEach((one, place) => {
      const { row, value, error, mark } = this.rows[place];
      const unit = shownUnit(one.unit);
      row.dataset.si = one.si ?? one.value;
      row.dataset.error = one.error ?? "";
      value.textContent = one.value === null ? "–" : `${shown(one.value, one.error)} ${unit}`.trim();
      error.textContent = one.value === null ? "" : shownError(one.error, unit);
      mark.textContent = converged ? "✓" : "!";
      mark.title = converged ? "converged" : "tolerance not met";
      mark.setAttribute("aria-label", mark.title);
      mark.classList.toggle("unmet", !converged);
    });
  }
}

export class Split {
  constructor(place) {
    this.place = place;
    this.bar = element("div", { class: "bar", "aria-hidden": "true" });
    this.table = element("table", { "aria-label": "what the voltage consists of" }, [element("tbody")]);
    this.title = element("p", {}, ["Voltage between lithium and the top:"]);
    place.replaceChildren(this.title, this.bar, this.table);
  }

  draw(parts) {
    this.place.hidden = !parts;
    if (!parts) return;
    const whole = parts.reduce((sum, one) => sum + Math.abs(one.value), 0) || 1;
    this.bar.replaceChildren(...parts.map((one) => {
      const span = element("span", { class: one.name });
      span.style.width = `${(100 * Math.abs(one.value)) / whole}%`;
      return span;
    }));
    this.table.tBodies[0].replaceChildren(...parts.map((one) => {
      const row = element("tr", { class: one.name, "data-part": one.name, "data-si": one.si }, [
        element("td", {}, [one.words]),
        element("td", { class: "value" }, [`${shown(one.value, one.error)} mV`,
          element("span", { class: "error" }, [shownError(one.error, "mV")])]),
        element("td", { class: "value" }, [`${((100 * Math.abs(one.value)) / whole).toFixed(1)} %`]),
      ]);
      return row;
    }));
  }
}
