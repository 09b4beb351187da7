// The map of Figure 6 c, with the point that is solved, the lines of films, and measured points.
import { Axes, Canvas, Scale, colorBar, label } from "page/axes.js";
import { contours, imageOf, valueAt } from "page/grids.js";

const FILMS = ["Ag", "Au"];
const DASHES = [[], [7, 4], [2, 3]];
const MARGIN = { left: 44, right: 56, top: 18, bottom: 34 };
const NEAR = 9;
const STEP = 0.02;

export class IslandMap {
  // moved(width in um, size of the current in mA/cm^2); picked(measured point).
  constructor(figure, palettes, { moved, picked }) {
    this.figure = figure;
    this.canvas = figure.querySelector("canvas");
    this.said = figure.querySelector(".said");
    this.palettes = palettes;
    this.moved = moved;
    this.picked = picked;
    this.points = [];
    this.films = [];
    this.surface = new Canvas(this.canvas, () => { this.image = null; this.draw(); });
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerleave", () => { this.said.textContent = this.about(); });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  show(data, quantity) {
    this.data = data;
    this.quantity = quantity;
    this.image = null;
    this.said.textContent = this.about();
    this.draw();
  }

  at(width, current) {
    this.point = Number.isFinite(width) && Number.isFinite(current) ? { width, current: Math.abs(current) } : null;
    // A slider may move many times before the next picture.
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
    });
  }

  get grid() {
    const { arrays } = this.data;
    return { x: arrays.widths, y: this.sizes, values: arrays[this.quantity] };
  }

  get sizes() { return this.data.arrays.currents.map(Math.abs); }

  about() {
    if (!this.data) return "";
    const { header } = this.data;
    if (header.closed) return header.closed;
    const left = header.failed ? `, ${header.failed} without a solution` : "";
    const unmet = header.unmet ? `, ${header.unmet} with their tolerance not met` : "";
    const error = header.error === null ? "" : `, mean overpotential ± ${header.error.toExponential(0)} mV at most`;
    return `${header.points} points solved${error}${left}${unmet}`;
  }

  draw() {
    if (!this.data || !this.data.arrays[this.quantity]) return;
    const picture = this.surface.begin();
    if (picture.width < 80) return;
    const { context, width, height } = picture;
    const box = { left: MARGIN.left, top: MARGIN.top, width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
    const known = this.grid.values.some((value) => !Number.isNaN(value));
    const grid = this.grid, linear = this.data.header.linear;
    const x = new Scale(grid.x[0], grid.x.at(-1), linear ? "linear" : "log");
    const y = new Scale(grid.y[0], grid.y.at(-1), "log");
    const axes = new Axes(picture, box, x, y);
    this.axes = axes;
    const share = this.quantity === "film_share";
    const palette = share ? this.palettes.share : this.palettes.overpotential;
    const [low, high] = share ? [0, 100] : this.limits(grid.values);
    const ratio = window.devicePixelRatio || 1;
    const size = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (!this.image || this.image.width !== size[0] || this.image.height !== size[1]) {
      const made = document.createElement("canvas");
      [made.width, made.height] = size;
      made.getContext("2d").putImageData(imageOf(grid, x, y, size[0], size[1], low, high, palette), 0, 0);
      this.image = made;
      this.lines = this.linesOf(grid, share);
    }
    if (known) context.drawImage(this.image, box.left, box.top, box.width, box.height);
    this.drawLines(axes);
    axes.frame({ xLabel: "island width [µm]", yLabel: "current density [mA/cm²]" });
    if (known) colorBar(picture, box, low, high, palette, share ? "share of the film [%]" : "overpotential [mV]");
    this.drawMeasured(axes, low, high, palette);
    if (this.point) this.drawPoint(axes);
  }

  limits(values) {
    let low = Infinity, high = -Infinity;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return this.data.header.sign < 0 ? [low, 0] : [0, high];
  }

  linesOf(grid, share) {
    if (share || this.data.header.sign < 0) return [];
    const wanted = this.films.filter((film) => FILMS.includes(film.name) || film.name === this.film);
    return wanted.map((film) => ({ film, lines: contours(grid, 1e3 * film.potential) }));
  }

  drawLines(axes) {
    const { context } = axes.picture;
    (this.lines ?? []).forEach(({ film, lines }, number) => {
      axes.clip(() => {
        for (const [color, width] of [["#10151c", 3.4], [["#ffffff", "#ffb43b", "#7fe0d0"][number % 3], 1.6]]) {
          context.strokeStyle = color;
          context.lineWidth = width;
          context.setLineDash(width < 3 ? DASHES[number % 3] : []);
          for (const line of lines) {
            context.beginPath();
            for (let n = 0; n < line.length; n += 2) context.lineTo(axes.px(line[n]), axes.py(line[n + 1]));
            context.stroke();
          }
        }
      });
      const longest = lines.reduce((best, line) => (line.length > best.length ? line : best), []);
      if (longest.length < 4) return;
      const middle = 2 * Math.floor((longest.length / 2) * (0.62 - 0.2 * number));
      this.text(axes, `Li-${film.name} ${Math.round(1e3 * film.potential)} mV`, axes.px(longest[middle]), axes.py(longest[middle + 1]) + (number % 2 ? -6 : 17));
    });
  }

  text(axes, words, x, y) {
    const { context } = axes.picture;
    context.save();
    context.lineWidth = 3;
    context.textAlign = "center";
    context.strokeStyle = "#10151c";
    context.fillStyle = "#ffffff";
    const half = context.measureText(words).width / 2 + 3;
    const inside = Math.min(axes.box.left + axes.box.width - half, Math.max(axes.box.left + half, x));
    context.strokeText(words, inside, y);
    context.fillText(words, inside, y);
    context.restore();
  }

  drawPoint(axes) {
    const { context } = axes.picture;
    const x = axes.px(this.point.width), y = axes.py(this.point.current);
    axes.clip(() => {
      for (const [color, width] of [["#10151c", 4], ["#ffffff", 2]]) {
        context.strokeStyle = color;
        context.lineWidth = width;
        context.beginPath();
        context.arc(x, y, 6, 0, 2 * Math.PI);
        context.moveTo(x - 11, y); context.lineTo(x - 3, y);
        context.moveTo(x + 3, y); context.lineTo(x + 11, y);
        context.moveTo(x, y - 11); context.lineTo(x, y - 3);
        context.moveTo(x, y + 3); context.lineTo(x, y + 11);
        context.stroke();
      }
    });
  }

  drawMeasured(axes, low, high, palette) {
    const { context } = axes.picture;
    axes.clip(() => {
      for (const one of this.points) {
        const x = axes.px(one.width), y = axes.py(Math.abs(one.current));
        context.beginPath();
        context.rect(x - 4.5, y - 4.5, 9, 9);
        if (one.overpotential !== null && this.quantity !== "film_share") {
          const [r, g, b] = palette.at((one.overpotential - low) / (high - low));
          context.fillStyle = `rgb(${r} ${g} ${b})`;
          context.fill();
        }
        for (const [color, width] of [["#10151c", 3.5], ["#ffffff", 1.5]]) {
          context.strokeStyle = color;
          context.lineWidth = width;
          context.stroke();
        }
      }
    });
  }

  placeOf(event) {
    const area = this.canvas.getBoundingClientRect(), { box, x, y } = this.axes;
    const inside = (value) => Math.min(1, Math.max(0, value));
    const right = inside((event.clientX - area.left - box.left) / box.width);
    const up = inside(1 - (event.clientY - area.top - box.top) / box.height);
    return { width: x.value(right), current: y.value(up), area };
  }

  press(event) {
    if (!this.axes || event.button > 0) return;
    this.canvas.setPointerCapture?.(event.pointerId);
    const place = this.placeOf(event);
    const near = this.points.find((one) => Math.hypot(
      this.axes.px(one.width) - (event.clientX - place.area.left),
      this.axes.py(Math.abs(one.current)) - (event.clientY - place.area.top)) < NEAR);
    if (near) this.picked(near);
    else this.moved(place.width, place.current);
  }

  hover(event) {
    if (!this.axes) return;
    if (event.buttons & 1 && event.pointerType === "mouse") this.moved(...Object.values(this.placeOf(event)).slice(0, 2));
    const { width, current } = this.placeOf(event);
    const value = valueAt(this.grid, width, current);
    if (Number.isNaN(value)) return;
    const unit = this.quantity === "film_share" ? "%" : "mV";
    this.said.textContent = `${width.toPrecision(3)} µm, ${current.toPrecision(3)} mA/cm²: ${label(Number(value.toPrecision(3)))} ${unit}, read off the map`;
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!steps || !this.axes || !this.point) return;
    event.preventDefault();
    const { x, y } = this.axes, size = event.shiftKey ? 5 * STEP : STEP;
    const moved = (scale, value, by) => scale.value(Math.min(1, Math.max(0, scale.place(value) + by * size)));
    this.moved(moved(x, this.point.width, steps[0]), moved(y, this.point.current, steps[1]));
  }

  columns() {
    const { x, y, values } = this.grid, found = { "width [um]": [], "current [mA/cm^2]": [] };
    const name = this.quantity === "film_share" ? "film_share [%]" : `${this.quantity} [mV]`;
    found[name] = Array.from(values, (value) => Number(value.toPrecision(7)));
    for (let row = 0; row < y.length; row += 1) {
      for (let column = 0; column < x.length; column += 1) {
        found["width [um]"].push(Number(x[column].toPrecision(7)));
        found["current [mA/cm^2]"].push(Number((this.data.header.sign * y[row]).toPrecision(7)));
      }
    }
    return found;
  }
}
