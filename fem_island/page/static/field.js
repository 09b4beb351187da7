// The potential in the electrolyte with the paths of the current, and what lies on the bottom.
import { Axes, Canvas, Scale, colorBar } from "page/axes.js";
import { contours, imageOf } from "page/grids.js";

const MARGIN = { left: 44, right: 60, top: 18, bottom: 43 };
const PATHS = 18;
const STRIP = 7;

export function drawBottom(axes, bottom, colors, top) {
  const { context } = axes.picture;
  for (const part of bottom) {
    context.fillStyle = colors[part.on];
    const left = axes.px(1e6 * part.start), right = axes.px(1e6 * part.end);
    context.fillRect(left, top, Math.max(1, right - left), STRIP);
  }
}

export class Field {
  constructor(figure, palettes) {
    this.canvas = figure.querySelector("canvas");
    this.said = figure.querySelector(".said");
    this.palettes = palettes;
    this.surface = new Canvas(this.canvas, () => this.draw());
  }

  show(header, arrays) {
    this.header = header;
    this.arrays = arrays;
    this.draw();
  }

  draw() {
    if (!this.arrays?.field_x) return;
    const picture = this.surface.begin();
    if (picture.width < 80) return;
    const { context, width, height } = picture, { arrays, header } = this;
    const box = { left: MARGIN.left, top: MARGIN.top, width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
    const x = new Scale(0, arrays.field_x.at(-1)), y = new Scale(0, arrays.field_y.at(-1));
    const axes = new Axes(picture, box, x, y);
    const potential = { x: arrays.field_x, y: arrays.field_y, values: arrays.field_potential };
    let low = Infinity, high = -Infinity;
    for (const value of potential.values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!(high > low)) [low, high] = [low - 1e-3, low + 1e-3];
    const image = imageOf(potential, x, y, Math.round(box.width), Math.round(box.height), low, high, this.palettes.potential);
    this.offscreen ??= document.createElement("canvas");
    this.offscreen.width = image.width;
    this.offscreen.height = image.height;
    this.offscreen.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(this.offscreen, box.left, box.top, box.width, box.height);
    this.paths(axes);
    drawBottom(axes, header.bottom, this.palettes.bottom, box.top + box.height + 1);
    axes.frame({ xLabel: "x [µm]", yLabel: "y [µm]", below: STRIP + 1 });
    colorBar(picture, box, low, high, this.palettes.potential, "potential [mV]");
    const stretched = (box.height / box.width) * (x.high / y.high);
    const bottom = [...new Set(header.bottom.map((part) => part.on))].join(", ");
    this.said.textContent = `equal currents between the lines; below: ${bottom}; y drawn ${stretched.toPrecision(2)} times as long as x`;
  }

  paths(axes) {
    const { arrays } = this, { context } = axes.picture;
    const stream = { x: arrays.field_x, y: arrays.field_y, values: arrays.field_stream };
    let low = Infinity, high = -Infinity;
    for (const value of stream.values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!(high - low > 0)) return;
    axes.clip(() => {
      context.strokeStyle = "rgb(255 255 255 / .85)";
      context.fillStyle = "rgb(255 255 255 / .95)";
      context.lineWidth = 1;
      for (let n = 0; n < PATHS; n += 1) {
        const level = low + ((n + 0.5) / PATHS) * (high - low);
        for (const line of contours(stream, level)) {
          context.beginPath();
          for (let p = 0; p < line.length; p += 2) context.lineTo(axes.px(line[p]), axes.py(line[p + 1]));
          context.stroke();
          if (n % 3 === 1) this.arrow(axes, line, stream);
        }
      }
    });
  }

  // The current goes up where the stream function rises to the right.
  arrow(axes, line, stream) {
    const at = 2 * Math.floor(line.length / 4);
    if (at + 3 >= line.length) return;
    let [x1, y1, x2, y2] = [axes.px(line[at]), axes.py(line[at + 1]), axes.px(line[at + 2]), axes.py(line[at + 3])];
    const column = Math.min(stream.x.length - 2, Math.max(0, stream.x.findIndex((value) => value > line[at]) - 1));
    const row = Math.max(0, stream.y.findIndex((value) => value >= line[at + 1]));
    const cell = row * stream.x.length + column;
    const upward = stream.values[cell + 1] - stream.values[cell] > 0;
    if ((y2 < y1) !== upward) [x1, y1, x2, y2] = [x2, y2, x1, y1];
    const angle = Math.atan2(y2 - y1, x2 - x1), { context } = axes.picture;
    context.beginPath();
    context.moveTo(x2 + 5 * Math.cos(angle), y2 + 5 * Math.sin(angle));
    context.lineTo(x2 + 4 * Math.cos(angle + 2.5), y2 + 4 * Math.sin(angle + 2.5));
    context.lineTo(x2 + 4 * Math.cos(angle - 2.5), y2 + 4 * Math.sin(angle - 2.5));
    context.fill();
  }

  columns() {
    const { field_x: x, field_y: y, field_potential: values } = this.arrays;
    const found = { "x [um]": [], "y [um]": [], "potential [mV]": Array.from(values, (v) => Number(v.toPrecision(7))) };
    for (const up of y) {
      for (const right of x) {
        found["x [um]"].push(Number(right.toPrecision(7)));
        found["y [um]"].push(Number(up.toPrecision(7)));
      }
    }
    return found;
  }
}
