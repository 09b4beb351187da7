// Axes with units on a canvas that is as fine as the screen.

const FONT = "11px system-ui, sans-serif";

export class Canvas {
  constructor(canvas, redraw) {
    this.canvas = canvas;
    this.size = { width: canvas.clientWidth, height: canvas.clientHeight };
    this.colors = new Map();
    // Asked for while drawing, a size would have the whole page laid out.
    new ResizeObserver(([{ contentRect }]) => {
      this.size = { width: Math.round(contentRect.width), height: Math.round(contentRect.height) };
      redraw();
    }).observe(canvas);
  }

  // An empty picture in the colours of the page; sizes are in CSS pixels.
  begin() {
    const { canvas } = this;
    const scale = window.devicePixelRatio || 1;
    const { width, height } = this.size;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = FONT;
    context.lineJoin = "round";
    const color = (name) => this.color(name);
    return { context, width, height, color };
  }

  color(name) {
    const root = document.documentElement, key = `${root.dataset.theme} ${name}`;
    if (!this.colors.has(key)) {
      this.colors.set(key, getComputedStyle(root).getPropertyValue(`--${name}`).trim());
    }
    return this.colors.get(key);
  }
}

export class Scale {
  constructor(low, high, kind = "linear") {
    this.low = low;
    this.high = high;
    this.kind = kind;
  }

  place(value) {
    if (this.kind === "log") return Math.log(value / this.low) / Math.log(this.high / this.low);
    return (value - this.low) / (this.high - this.low);
  }

  value(place) {
    if (this.kind === "log") return this.low * (this.high / this.low) ** place;
    return this.low + (this.high - this.low) * place;
  }

  ticks(most) {
    return this.kind === "log" ? logTicks(this.low, this.high, most) : linearTicks(this.low, this.high, most);
  }
}

export function linearTicks(low, high, most) {
  const raw = (high - low) / Math.max(1, most);
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= raw * 0.999);
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n += 1) {
    found.push(Number((n * step).toPrecision(12)));
  }
  return found;
}

function logTicks(low, high, most) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const parts = last - first <= 2 && most > 4 ? [1, 2, 5] : [1];
  const found = [];
  const every = Math.max(1, Math.ceil((last - first) / most));
  for (let decade = first; decade <= last; decade += every) {
    for (const part of parts) {
      const value = Number((part * 10 ** decade).toPrecision(6));
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
    }
  }
  return found;
}

// Drawn within a box: { left, top, width, height }.
export class Axes {
  constructor(picture, box, x, y) {
    Object.assign(this, { picture, box, x, y });
  }

  px(value) { return this.box.left + this.box.width * this.x.place(value); }

  py(value) { return this.box.top + this.box.height * (1 - this.y.place(value)); }

  frame({ xLabel = "", yLabel = "", grid = false, below = 0 }) {
    const { picture: { context, color }, box } = this;
    context.save();
    context.strokeStyle = color("faint");
    context.fillStyle = color("ink");
    context.lineWidth = 1;
    context.textAlign = "center";
    context.textBaseline = "top";
    const bottom = box.top + box.height;
    for (const tick of this.x.ticks(Math.max(2, Math.floor(box.width / 55)))) {
      const place = Math.round(this.px(tick)) + 0.5;
      if (grid) this.line(place, box.top, place, bottom, color("grid"));
      this.line(place, bottom + below, place, bottom + below + 4, color("faint"));
      if (xLabel) context.fillText(label(tick), place, bottom + below + 5);
    }
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of this.y.ticks(Math.max(2, Math.floor(box.height / 32)))) {
      const place = Math.round(this.py(tick)) + 0.5;
      if (grid) this.line(box.left, place, box.left + box.width, place, color("grid"));
      this.line(box.left - 4, place, box.left, place, color("faint"));
      context.fillText(label(tick), box.left - 6, place);
    }
    context.strokeStyle = color("faint");
    context.strokeRect(Math.round(box.left) + 0.5, Math.round(box.top) + 0.5, Math.round(box.width), Math.round(box.height));
    context.textAlign = "center";
    context.fillStyle = color("faint");
    if (xLabel) {
      context.textBaseline = "bottom";
      context.fillText(xLabel, box.left + box.width / 2, bottom + below + 32);
    }
    if (yLabel) {
      context.translate(10, box.top + box.height / 2);
      context.rotate(-Math.PI / 2);
      context.textBaseline = "middle";
      context.fillText(yLabel, 0, 0);
    }
    context.restore();
  }

  line(x1, y1, x2, y2, color) {
    const { context } = this.picture;
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  clip(draw) {
    const { picture: { context }, box } = this;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    draw(context);
    context.restore();
  }

  // A curve that is broken where a value is no number.
  curve(xs, ys, color, { width = 1.6, dash = [] } = {}) {
    this.clip((context) => {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.beginPath();
      let drawing = false;
      for (let n = 0; n < xs.length; n += 1) {
        if (Number.isNaN(xs[n]) || Number.isNaN(ys[n])) { drawing = false; continue; }
        const x = this.px(xs[n]), y = this.py(ys[n]);
        if (drawing) context.lineTo(x, y);
        else context.moveTo(x, y);
        drawing = true;
      }
      context.stroke();
    });
  }
}

export function label(value) {
  if (value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)) {
    return value.toExponential(0).replace("e+", "e");
  }
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

export function extent(values, share = 0.06) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!Number.isFinite(low)) return [0, 1];
  const room = Math.max((high - low) * share, 1e-6 * Math.max(Math.abs(low), Math.abs(high)), 1e-9);
  return [low - room, high + room];
}

export function colorBar(picture, box, low, high, palette, words) {
  const { context, color } = picture;
  const bar = { left: box.left + box.width + 8, width: 9, top: box.top, height: box.height };
  context.save();
  const shades = context.createLinearGradient(0, bar.top + bar.height, 0, bar.top);
  palette.colors.forEach(([r, g, b], n) => shades.addColorStop(n / (palette.colors.length - 1), `rgb(${r} ${g} ${b})`));
  context.fillStyle = shades;
  context.fillRect(bar.left, bar.top, bar.width, bar.height);
  context.fillStyle = color("ink");
  context.textAlign = "left";
  context.textBaseline = "middle";
  const scale = new Scale(low, high);
  for (const tick of scale.ticks(Math.max(2, Math.floor(bar.height / 40)))) {
    context.fillText(label(tick), bar.left + bar.width + 3, bar.top + bar.height * (1 - scale.place(tick)));
  }
  context.fillStyle = color("faint");
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.fillText(words, picture.width - 1, box.top - 3);
  context.restore();
}
