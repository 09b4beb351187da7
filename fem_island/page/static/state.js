// What is changed: a base and texts by the keys of a case file; as a link, and as a question.

const WIDTH = /^islands(\.\d+)?\.width$/;
const CURRENT = "operation.current_density";

export class State {
  constructor(bases) {
    this.bases = bases;
    this.base = Object.keys(bases).includes("case") ? "case" : "paper";
    this.changes = new Map();
    this.listeners = [];
  }

  get controls() { return this.bases[this.base].controls; }

  control(key) { return this.controls.find((one) => one.key === key); }

  get widthKey() { return this.controls.find((one) => WIDTH.test(one.key))?.key; }

  listen(listener) { this.listeners.push(listener); }

  tell(rebuilt) { for (const listener of this.listeners) listener(rebuilt); }

  start(base, changes) {
    this.base = base;
    this.changes = new Map(Object.entries(changes));
    this.tell(true);
  }

  // null takes a change back.
  set(pairs) {
    for (const [key, text] of Object.entries(pairs)) {
      if (text === null) this.changes.delete(key);
      else this.changes.set(key, text);
    }
    this.tell(false);
  }

  // The text of a control: as changed, or of the base.
  text(control) {
    const changed = this.changes.get(control.key);
    if (changed !== undefined) return changed;
    const value = control.value ?? (control.otherwise ? null : control.suggested);
    if (value === null || value === undefined) return "";
    return control.kind === "choice" ? value : `${value} ${control.unit}`.trim();
  }

  // A number in the control's unit; NaN where it is given in another one.
  number(key) {
    const control = this.control(key);
    return control ? numberIn(this.text(control), control.unit) : NaN;
  }

  needed(control) {
    if (!control.needs) return true;
    const film = this.control("film"), reaction = this.control("interlayer.reaction");
    if (!film || this.text(film) === "none") return false;
    return control.needs === "film" || this.text(reaction) !== "none";
  }

  // Changes as the server takes them; those that have no meaning now are left out.
  effective() {
    const found = {};
    for (const [key, text] of this.changes) {
      const control = this.control(key);
      if (control && this.needed(control)) found[key] = text;
    }
    return found;
  }

  // The same without what the map varies.
  cell() {
    const found = this.effective();
    delete found[CURRENT];
    if (this.widthKey) delete found[this.widthKey];
    for (const control of this.controls) {
      if (control.group === "stripping" || control.group === "spectrum") delete found[control.key];
    }
    return found;
  }

  // With what a group of controls suggests where the case says nothing.
  withGroup(group) {
    const found = this.effective();
    for (const control of this.controls) {
      const open = control.group === group && control.value === null && !control.otherwise;
      if (open && !(control.key in found) && this.needed(control)) found[control.key] = this.text(control);
    }
    return found;
  }

  get hash() {
    const said = new URLSearchParams([["base", this.base], ...this.changes]);
    return `#${said}`;
  }

  read(hash) {
    const said = [...new URLSearchParams(hash.replace(/^#/, ""))];
    const base = said.find(([key]) => key === "base")?.[1];
    if (base in this.bases) this.base = base;
    const known = new Set(this.controls.map((one) => one.key));
    this.changes = new Map(said.filter(([key]) => known.has(key)));
  }
}

export function numberIn(text, unit) {
  const match = /^\s*([-+−]?[\d.]+(?:e[-+]?\d+)?)\s*(.*?)\s*$/i.exec(text);
  if (!match || (match[2] !== "" && match[2] !== unit)) return NaN;
  return Number(match[1].replace("−", "-"));
}
