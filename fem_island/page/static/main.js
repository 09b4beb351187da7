// The page: what is changed goes to the server, what comes back is drawn.
import { ClosedForm } from "page/closed_form.js";
import { Connection } from "page/connection.js";
import { Controls } from "page/controls.js";
import { Curve } from "page/curve.js";
import { csv, element, save, savePicture } from "page/dom.js";
import { Field } from "page/field.js";
import { IslandMap } from "page/map.js";
import { Numbers, Split, shown, shownError } from "page/numbers.js";
import { Palette } from "page/palette.js";
import { readPoints } from "page/points.js";
import { Profile } from "page/profile.js";
import { State } from "page/state.js";

const MAP_WAITS = 120;
const HASH_WAITS = 400;
const PAPER_CURRENTS = [0.05, 5];
const MOST_DECADES = 6;
const CURRENT = "operation.current_density";

const by = (id) => document.getElementById(id);

class Page {
  constructor(exported) {
    this.asked = 0;
    this.drawn = 0;
    this.notices = new Map();
    this.answers = {
      welcome: (header) => this.welcome(header),
      point: (header, arrays) => this.point(header, arrays),
      map: (header, arrays) => this.mapped(header, arrays),
      strip: (header, arrays) => this.curved("strip", header, arrays),
      spectrum: (header, arrays) => this.curved("spectrum", header, arrays),
      texts: (header) => this.showText(header),
    };
    const answered = (header, arrays) => this.answered(header, arrays);
    this.engine = exported ? new ClosedForm(exported, answered)
      : new Connection(answered, (words) => this.notice("server", words));
    this.engine.ask({ kind: "welcome", id: 0 });
  }

  answered(header, arrays) {
    if (header.kind !== "welcome" && !this.state) return;
    this.answers[header.kind]?.(header, arrays);
  }

  notice(name, words) {
    if (words) this.notices.set(name, words);
    else this.notices.delete(name);
    by("notice").textContent = [...this.notices.values()].join(" ");
    by("notice").hidden = this.notices.size === 0;
  }

  welcome(header) {
    // The server has been away, and the page has what it needs.
    if (this.state) { this.ask(); return; }
    this.state = new State(header.bases);
    this.state.read(location.hash);
    const palettes = Object.fromEntries(["potential", "overpotential", "share"].map((name) =>
      [name, new Palette(header.palettes[name])]));
    palettes.bottom = header.palettes.bottom;
    this.controls = new Controls(by("controls"), this.state);
    this.map = new IslandMap(by("map"), palettes, {
      moved: (width, current) => this.move(width, current),
      picked: (one) => this.pick(one),
    });
    this.field = new Field(by("field"), palettes);
    this.profile = new Profile(by("profile"), palettes);
    this.curve = new Curve(by("curve"));
    this.numbers = new Numbers(by("numbers"));
    this.split = new Split(by("split"));
    this.presets(header.presets);
    this.buttons();
    this.drop();
    this.state.listen((rebuilt) => {
      if (rebuilt) this.controls.build();
      else this.controls.update();
      this.ask();
    });
    window.addEventListener("hashchange", () => {
      if (location.hash === this.state.hash) return;
      this.state.read(location.hash);
      this.state.tell(true);
    });
    this.ask();
    document.documentElement.dataset.ready = "yes";
  }

  presets(presets) {
    const choose = by("preset");
    choose.replaceChildren(element("option", { value: "" }, ["…"]),
      ...presets.map(({ name }, number) => element("option", { value: number }, [name])));
    choose.addEventListener("change", () => {
      const chosen = presets[choose.value];
      if (chosen) this.state.start(chosen.base, chosen.changes);
      choose.value = "";
    });
  }

  // Everything that depends on the case, as it is now.
  ask() {
    const { state } = this;
    this.asked += 1;
    this.engine.ask({ kind: "point", id: this.asked, base: state.base, changes: state.effective() });
    by("curve").classList.toggle("stale", this.curveOf !== undefined && this.curveOf !== this.caseText());
    clearTimeout(this.mapTimer);
    this.mapTimer = setTimeout(() => this.askMap(), this.mapId === undefined ? 0 : MAP_WAITS);
    clearTimeout(this.hashTimer);
    this.hashTimer = setTimeout(() => history.replaceState(null, "", state.hash), HASH_WAITS);
    this.map.at(state.number(state.widthKey), state.number(CURRENT));
  }

  caseText() { return JSON.stringify([this.state.base, this.state.effective()]); }

  askMap() {
    const { state } = this;
    by("map").hidden = state.widthKey === undefined;
    if (state.widthKey === undefined) return;
    const [film, quantity] = this.quantity();
    const current = state.number(CURRENT), size = Math.abs(current) || PAPER_CURRENTS[0];
    const decades = [Math.log10(PAPER_CURRENTS[0] / size), Math.log10(size / PAPER_CURRENTS[1])]
      .map((one) => Math.min(MOST_DECADES, Math.max(0, Math.ceil(one - 1e-9))));
    const changes = state.cell();
    if (current < 0) changes[CURRENT] = "-1 mA/cm^2";
    const options = { film, island: this.island ?? 0, decades };
    const id = JSON.stringify([state.base, changes, options]);
    this.mapQuantity = quantity;
    if (id === this.mapId) {
      if (this.map.data) this.map.show(this.map.data, quantity);
      return;
    }
    this.mapId = id;
    by("map").classList.add("stale");
    this.engine.ask({ kind: "map", id, base: state.base, changes, options });
  }

  quantity() {
    const [film, quantity] = by("quantity").value.split(":");
    return quantity === undefined ? [false, film] : [true, quantity];
  }

  mapped(header, arrays) {
    if (header.id !== this.mapId) return;
    by("map").classList.toggle("stale", header.status !== "ok");
    if (header.status !== "ok") {
      this.map.said.textContent = header.reason ?? header.faults.map((fault) => fault.line).join("; ");
      return;
    }
    this.map.show({ header, arrays }, arrays[this.mapQuantity] ? this.mapQuantity : "overpotential_mean");
    if (!arrays[this.mapQuantity]) this.map.said.textContent = "there is no film that reacts: no share to show";
    document.documentElement.dataset.map = header.id;
  }

  point(header, arrays) {
    if (header.id < this.drawn) return;
    this.newest = { header, arrays };
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw(this.newest);
    });
  }

  draw({ header, arrays }) {
    const good = header.status === "ok";
    for (const id of ["field", "profile", "results"]) by(id).classList.toggle("stale", !good);
    const elsewhere = this.controls.refuse(header.faults ?? []);
    const failed = header.status === "failed" ? `No solution: ${header.reason}` : "";
    this.notice("point", [failed, ...elsewhere].filter(Boolean).join(" ") || null);
    if (!good) {
      by("state").textContent = failed ? "failed" : "refused: see the controls; below is the last solution";
      by("state").classList.add("unmet");
    } else {
      this.solved(header, arrays);
    }
    this.drawn = header.id;
    document.documentElement.dataset.drawn = header.id;
    document.dispatchEvent(new CustomEvent("fem-island:drawn", { detail: header.id }));
  }

  solved(header, arrays) {
    const converged = header.good ?? header.state === "converged";
    by("state").classList.toggle("unmet", !converged);
    by("state").textContent = header.reason ? `${header.state}: ${header.reason}` : header.state;
    this.numbers.draw(header.numbers, converged);
    this.split.draw(header.split);
    this.headline(header);
    const film = this.state.text(this.state.control("film") ?? { key: "", value: "none" });
    if (this.map.films.length !== header.films.length || this.map.film !== film) {
      this.map.films = header.films;
      this.map.film = film;
      this.map.image = null;
      this.map.draw();
    }
    if (arrays.field_x) {
      this.field.show(header, arrays);
      this.profile.show(header, arrays);
    }
    for (const id of ["field", "profile"]) by(id).hidden = !arrays.field_x;
    this.films(header);
    this.islands(header.islands ?? []);
    for (const id of ["remarks", "assumptions"]) this.list(id, header[id]);
    this.measured();
  }

  // Lines that are there already are left alone.
  list(id, lines) {
    const text = lines.join("\n");
    if (by(id).dataset.lines === text) return;
    by(id).dataset.lines = text;
    by(id).replaceChildren(...lines.map((line) => element("li", {}, [line])));
  }

  headline(header) {
    const known = Object.fromEntries(header.numbers.map((one) => [one.name, one]));
    const mean = known.overpotential_mean, share = known.interlayer_current_fraction;
    const parts = [element("strong", {}, [mean.value === null ? "no number" : `${shown(mean.value, mean.error)} mV`]),
      " mean overpotential ", mean.value === null ? "" : `(${shownError(mean.error, "mV")})`];
    if (share) parts.push(`, film ${share.value.toFixed(1)} %`);
    const last = known.interlayer_time_until_empty_mean;
    if (last) parts.push(`, lasts ${shown(last.value, null)} min`);
    const left = (header.good ?? header.state === "converged") ? "" : ` (${header.state})`;
    by("headline").replaceChildren(...parts, left);
  }

  films(header) {
    const acting = header.delithiates;
    by("films").hidden = !acting;
    const text = JSON.stringify(acting);
    if (!acting || by("films").dataset.acting === text) return;
    by("films").dataset.acting = text;
    const rows = header.films.map((film) => element("tr", { "data-film": film.name }, [
      element("td", {}, [film.label]),
      element("td", { class: "value" }, [`${Number((1e3 * film.potential).toPrecision(4))} mV`]),
      element("td", {}, [acting[film.name] ? "▲ gives up lithium" : "○ keeps it"]),
    ]));
    by("films").replaceChildren(element("details", {}, [
      element("summary", {}, ["which films would act here"]),
      element("table", {}, [element("tbody", {}, rows)]),
    ]));
    by("films").firstChild.open = this.filmsOpen ?? false;
    by("films").firstChild.addEventListener("toggle", (event) => { this.filmsOpen = event.target.open; });
  }

  islands(islands) {
    by("islands").hidden = islands.length < 2;
    if (islands.length < 2) return;
    const head = ["island", "mean [mV]", "left", "right", "share [%]"].map((words) => element("th", { scope: "col" }, [words]));
    const rows = islands.slice(0, 30).map((one, number) => element("tr", {}, [
      String(number), ...["mean", "left", "right"].map((name) => (1e3 * one[`overpotential_${name}`]).toFixed(4)),
      one.current_fraction === null ? "" : (100 * one.current_fraction).toFixed(3),
    ].map((text) => element("td", { class: "value" }, [text]))));
    by("islands").replaceChildren(element("table", {}, [element("thead", {}, [element("tr", {}, head)]), element("tbody", {}, rows)]));
  }

  curved(kind, header, arrays) {
    if (header.id !== this.curveAsked) return;
    by("curve").classList.remove("waiting");
    if (header.status !== "ok") {
      this.curve.said.textContent = header.reason ?? header.faults.map((fault) => fault.line).join("; ");
      return;
    }
    this.curveOf = this.curvePending;
    by("curve").classList.toggle("stale", this.curveOf !== this.caseText());
    by("curve").classList.remove("empty");
    this.curve.show(kind, header, arrays);
    document.documentElement.dataset.curve = kind;
  }

  askCurve(kind) {
    // What it needs beyond the case becomes part of it, so that copies have it too.
    const group = kind === "strip" ? "stripping" : "spectrum";
    this.state.set(this.state.withGroup(group));
    this.curveAsked = `${kind} ${this.asked}`;
    this.curvePending = this.caseText();
    this.curve.said.textContent = "computing …";
    this.engine.ask({ kind, id: this.curveAsked, base: this.state.base, changes: this.state.effective() });
  }

  move(width, current) {
    const { state } = this;
    const sign = state.number(CURRENT) < 0 ? -1 : 1;
    state.set({
      [state.widthKey]: `${Number(width.toPrecision(4))} um`,
      [CURRENT]: `${sign * Number(current.toPrecision(4))} mA/cm^2`,
    });
  }

  pick(one) {
    this.picked = one;
    this.state.set({
      [this.state.widthKey]: `${Number(one.width.toPrecision(6))} um`,
      [CURRENT]: `${Number(one.current.toPrecision(6))} mA/cm^2`,
    });
  }

  // The measured point that is solved now, beside what is computed.
  measured() {
    const said = by("points-said");
    const { points } = this.map;
    if (!points.length) { said.replaceChildren(); return; }
    const lines = [`${points.length} points on the map; click one to solve it.`];
    const { picked } = this;
    const same = picked && Math.abs(this.state.number(this.state.widthKey) / picked.width - 1) < 1e-5
      && Math.abs(this.state.number(CURRENT) / picked.current - 1) < 1e-5;
    if (same) {
      const mean = this.newest.header.numbers.find((number) => number.name === "overpotential_mean");
      const measured = picked.overpotential === null ? "" : `measured ${Number(picked.overpotential.toPrecision(5))} mV, `;
      const computed = mean.value === null ? "no number" : `computed ${shown(mean.value, mean.error)} mV (${shownError(mean.error, "mV")})`;
      const by_ = picked.overpotential === null || mean.value === null ? "" : `, difference ${(picked.overpotential - mean.value).toPrecision(3)} mV`;
      lines.push(`Row ${picked.row}: ${measured}${computed}${by_}.`);
    }
    const clear = element("button", { type: "button" }, ["remove the points"]);
    clear.addEventListener("click", () => { this.map.points = []; this.picked = undefined; this.map.draw(); this.measured(); });
    said.replaceChildren(...lines.map((line) => element("p", {}, [line])), clear);
  }

  async take(file) {
    try {
      if (file.size > 1e6) throw new Error("it is larger than 1 MB");
      this.map.points = readPoints(await file.text());
      this.notice("points", null);
    } catch (error) {
      this.notice("points", `${file.name}: ${error.message}.`);
    }
    this.map.draw();
    this.measured();
  }

  drop() {
    const place = by("map");
    for (const type of ["dragover", "dragleave", "drop"]) {
      document.addEventListener(type, (event) => {
        event.preventDefault();
        place.classList.toggle("dropping", type === "dragover");
        if (type === "drop" && event.dataTransfer.files.length) this.take(event.dataTransfer.files[0]);
      });
    }
    by("points").addEventListener("change", (event) => {
      if (event.target.files.length) this.take(event.target.files[0]);
      event.target.value = "";
    });
  }

  buttons() {
    by("quantity").addEventListener("change", () => this.askMap());
    for (const button of document.querySelectorAll("[data-ask]")) {
      button.addEventListener("click", () => this.askCurve(button.dataset.ask));
    }
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.addEventListener("click", () => this.copy(button.dataset.copy));
    }
    const theme = document.documentElement.dataset;
    by("theme").addEventListener("click", () => {
      theme.theme = theme.theme === "dark" ? "light" : "dark";
      this.redraw();
    });
    for (const [id, of] of [["map", this.map], ["field", this.field], ["profile", this.profile], ["curve", this.curve]]) {
      const png = element("button", { type: "button", title: `save ${id} as a picture` }, ["PNG"]);
      png.addEventListener("click", () => savePicture(by(id), id));
      const table = element("button", { type: "button", title: `save ${id} as a table` }, ["CSV"]);
      table.addEventListener("click", () => (of.data ?? of.arrays) && save(`${id}.csv`, csv(of.columns()), "text/csv"));
      by(id).querySelector(".tools").append(png, " ", table);
    }
    const numbers = element("button", { type: "button", title: "save the numbers as a table" }, ["CSV"]);
    numbers.addEventListener("click", () => save("numbers.csv", csv(this.numberColumns()), "text/csv"));
    by("numbers-tools").append(numbers);
    by("text-copy").addEventListener("click", async () => {
      const area = by("text").querySelector("textarea");
      area.select();
      try { await navigator.clipboard.writeText(area.value); } catch { document.execCommand("copy"); }
    });
    by("text-save").addEventListener("click", () => {
      const { name, value } = by("text").querySelector("textarea");
      save(name, value, "text/plain");
    });
  }

  numberColumns() {
    const { header } = this.newest, all = header.numbers;
    const status = header.reason ? `${header.state}: ${header.reason}` : header.state;
    return {
      number: all.map((one) => one.name), value: all.map((one) => one.value),
      unit: all.map((one) => one.unit), "estimated error": all.map((one) => one.error),
      status: all.map(() => status),
    };
  }

  copy(what) {
    if (what === "link") {
      this.dialog("Link to this state, as long as this server runs", "link.txt", location.href.split("#")[0] + this.state.hash);
      return;
    }
    this.wanted = what;
    this.engine.ask({ kind: "texts", id: what, base: this.state.base, changes: this.state.effective() });
  }

  showText(header) {
    if (header.status !== "ok") {
      this.notice("texts", header.reason ?? header.faults.map((fault) => fault.line).join(" "));
      return;
    }
    this.notice("texts", null);
    if (header.id === "file") this.dialog("Case file", "case.toml", header.file);
    else this.dialog("Python", "solve_case.py", header.script);
  }

  dialog(title, name, text) {
    const dialog = by("text");
    dialog.querySelector("h2").textContent = title;
    const area = dialog.querySelector("textarea");
    area.name = name;
    area.value = text;
    dialog.showModal();
    area.select();
  }

  redraw() {
    for (const one of [this.map, this.field, this.profile, this.curve]) one?.draw();
  }
}

function followSystem() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement.dataset;
  root.theme = dark.matches ? "dark" : "light";
  dark.addEventListener("change", () => { root.theme = dark.matches ? "dark" : "light"; page.redraw(); });
}

followSystem();
const exported = document.getElementById("exported");
const page = new Page(exported ? JSON.parse(exported.textContent) : null);
