// Drive and local current density along the bottom, one above the other.
import { Axes, Canvas, Scale, extent } from "page/axes.js";
import { drawBottom } from "page/field.js";

const MARGIN = { left: 52, right: 12, top: 8, bottom: 34 };
const BETWEEN = 16;

export class Profile {
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
    if (!this.arrays?.profile_x) return;
    const picture = this.surface.begin();
    if (picture.width < 80) return;
    const { width, height, color } = picture, { arrays, header } = this;
    const room = (height - MARGIN.top - MARGIN.bottom - BETWEEN) / 2;
    const x = new Scale(0, 1e6 * header.case.width);
    const box = (top) => ({ left: MARGIN.left, top, width: width - MARGIN.left - MARGIN.right, height: room });
    const drive = new Axes(picture, box(MARGIN.top), x, new Scale(...extent(arrays.profile_drive)));
    drive.frame({ yLabel: "drive [mV]", grid: true });
    const film = header.case.film_potential;
    if (film !== null) {
      const ends = [0, 1e6 * header.case.width];
      drive.curve(ends, [1e3 * film, 1e3 * film], color("faint"), { width: 1, dash: [5, 4] });
    }
    drive.curve(arrays.profile_x, arrays.profile_drive, color("accent"), { width: 2 });
    drawBottom(drive, header.bottom, this.palettes.bottom, MARGIN.top + room + 5);
    const current = new Axes(picture, box(MARGIN.top + room + BETWEEN), x, new Scale(...extent(arrays.profile_current)));
    current.frame({ xLabel: "x [µm]", yLabel: "i [mA/cm²]", grid: true });
    current.curve(arrays.profile_x, arrays.profile_current, color("second"), { width: 2, dash: [9, 2] });
    this.said.textContent = `above φ_Li − φ, below the local current density${film === null ? "" : "; thin dashes: U of the film"}`;
  }

  columns() {
    const { profile_x: x, profile_drive: drive, profile_current: current } = this.arrays;
    const rows = Array.from(x.keys()).filter((n) => !Number.isNaN(x[n]));
    const of = (values) => rows.map((n) => Number(values[n].toPrecision(7)));
    return { "x [um]": of(x), "drive [mV]": of(drive), "current_density [mA/cm^2]": of(current) };
  }
}
