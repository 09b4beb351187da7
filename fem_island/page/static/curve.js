// A stripping curve or a spectrum, when it was asked for.
import { Axes, Canvas, Scale, extent, label } from "page/axes.js";
import { shownUnit } from "page/controls.js";
import { shown, shownError } from "page/numbers.js";

const MARGIN = { left: 52, right: 14, top: 14, bottom: 34 };
const WORDS = {
  cutoff_voltage: "cut-off", lithium_gone: "lithium gone", all_empty: "all is empty", duration: "asked time over",
};

export class Curve {
  constructor(figure) {
    this.canvas = figure.querySelector("canvas");
    this.said = figure.querySelector(".said");
    this.surface = new Canvas(this.canvas, () => this.draw());
  }

  show(kind, header, arrays) {
    this.kind = kind;
    this.header = header;
    this.arrays = arrays;
    this.say();
    this.draw();
  }

  say() {
    const { header } = this;
    const numbers = header.numbers.map((one) => {
      const error = one.error === null ? "no estimate" : shownError(one.error, "");
      return `${one.words} ${shown(one.value, one.error)} ${shownUnit(one.unit)} (${error})`;
    });
    const error = this.kind === "strip" ? ` ± ${header.error.toExponential(0)} mV` : ` ± ${header.error.toExponential(0)} relative`;
    const end = header.end ? `, ends with: ${WORDS[header.end] ?? header.end}` : "";
    this.said.textContent = `${header.state}${header.reason ? ` (${header.reason})` : ""}; curve${error}${end}; ${numbers.join("; ")}`;
  }

  draw() {
    if (!this.arrays) return;
    const picture = this.surface.begin();
    if (picture.width < 80) return;
    if (this.kind === "strip") this.drawStripping(picture);
    else this.drawSpectrum(picture);
  }

  box(picture) {
    return { left: MARGIN.left, top: MARGIN.top, width: picture.width - MARGIN.left - MARGIN.right, height: picture.height - MARGIN.top - MARGIN.bottom };
  }

  drawStripping(picture) {
    const { arrays, header } = this, { context, color } = picture;
    const axes = new Axes(picture, this.box(picture), new Scale(0, arrays.time.at(-1) || 1), new Scale(...extent([0, ...arrays.voltage])));
    axes.frame({ xLabel: "time [h]", yLabel: `${header.what} [mV]`, grid: true });
    let last = Infinity;
    header.events.toReversed().forEach((one) => {
      const x = axes.px(one.time);
      axes.line(x, axes.box.top, x, axes.box.top + axes.box.height, color("faint"));
      context.save();
      context.fillStyle = color("ink");
      last = Math.min(x - 3, last - 12);
      context.translate(last, axes.box.top + axes.box.height - 4);
      context.rotate(-Math.PI / 2);
      context.fillText(one.event.replaceAll("_", " "), 0, 0);
      context.restore();
    });
    axes.curve(arrays.time, arrays.voltage, color("accent"), { width: 2 });
  }

  drawSpectrum(picture) {
    const { arrays, header } = this, { context, color } = picture;
    const imaginary = arrays.imaginary.map((value) => -value);
    const box = this.box(picture);
    let [left, right] = extent([0, ...arrays.real]), [low, high] = extent([0, ...imaginary]);
    // Both axes have one scale.
    const scale = Math.max((right - left) / box.width, (high - low) / box.height);
    [right, high] = [left + scale * box.width, low + scale * box.height];
    const axes = new Axes(picture, box, new Scale(left, right), new Scale(low, high));
    axes.frame({ xLabel: "Re Z [Ω cm²]", yLabel: "−Im Z [Ω cm²]", grid: true });
    axes.curve(arrays.real, imaginary, color("accent"), { width: 2 });
    axes.clip(() => {
      context.fillStyle = color("ink");
      arrays.frequency.forEach((frequency, n) => {
        const decade = Math.log10(frequency);
        if (Math.abs(decade - Math.round(decade)) > 1e-3) return;
        context.beginPath();
        context.arc(axes.px(arrays.real[n]), axes.py(imaginary[n]), 2.5, 0, 2 * Math.PI);
        context.fill();
      });
      for (const apex of header.apexes) {
        context.fillText(`${label(Number(apex.frequency.toPrecision(3)))} Hz`, axes.px(apex.real) - 18, axes.py(-apex.imaginary) - 6);
      }
    });
  }

  columns() {
    const numbers = (values) => Array.from(values, (value) => Number(value.toPrecision(7)));
    const { arrays } = this;
    if (this.kind === "strip") {
      return {
        "time [h]": numbers(arrays.time), "capacity [uAh/cm^2]": numbers(arrays.capacity),
        "voltage [mV]": numbers(arrays.voltage), "lithium_width [um]": numbers(arrays.lithium_width),
        "film_share [%]": numbers(arrays.film_share),
      };
    }
    return {
      "frequency [Hz]": numbers(arrays.frequency), "impedance_real [Ohm cm^2]": numbers(arrays.real),
      "impedance_imaginary [Ohm cm^2]": numbers(arrays.imaginary),
    };
  }
}
