// Values on a grid of lines: as a picture, between the lines, and where they have a given value.

// Where positions lie between ascending lines: the number of the line before, and the share.
function between(lines, positions) {
  const before = new Int32Array(positions.length), share = new Float32Array(positions.length);
  let line = 0;
  for (let n = 0; n < positions.length; n += 1) {
    while (line < lines.length - 2 && positions[n] >= lines[line + 1]) line += 1;
    before[n] = line;
    const part = (positions[n] - lines[line]) / (lines[line + 1] - lines[line]);
    share[n] = Math.min(1, Math.max(0, part));
  }
  return { before, share };
}

// An image of values, bilinear between lines; scale.value says what is at a place from 0 to 1.
export function imageOf(grid, xScale, yScale, width, height, low, high, palette) {
  const { x, y, values } = grid;
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer), table = palette.table;
  const xs = between(x, Float64Array.from({ length: width }, (_, n) => xScale.value((n + 0.5) / width)));
  const ys = between(y, Float64Array.from({ length: height }, (_, n) => yScale.value((n + 0.5) / height)));
  const factor = 255 / (high - low || 1);
  for (let row = 0; row < height; row += 1) {
    const first = ys.before[row] * x.length, up = ys.share[row];
    const out = (height - 1 - row) * width;
    for (let column = 0; column < width; column += 1) {
      const at = first + xs.before[column], right = xs.share[column];
      const lower = values[at] + right * (values[at + 1] - values[at]);
      const above = at + x.length;
      const upper = values[above] + right * (values[above + 1] - values[above]);
      const value = lower + up * (upper - lower);
      if (value === value) {
        const place = (value - low) * factor;
        pixels[out + column] = table[place <= 0 ? 0 : place >= 255 ? 255 : place | 0];
      }
    }
  }
  return image;
}

export function valueAt(grid, x, y) {
  const xs = between(grid.x, [x]), ys = between(grid.y, [y]);
  const at = ys.before[0] * grid.x.length + xs.before[0];
  const [right, up] = [xs.share[0], ys.share[0]];
  const { values } = grid, above = at + grid.x.length;
  const lower = values[at] + right * (values[at + 1] - values[at]);
  const upper = values[above] + right * (values[above + 1] - values[above]);
  return lower + up * (upper - lower);
}

// Lines on which the values are a level: lists of points [x, y, x, y, ...], joined where they meet.
export function contours(grid, level) {
  const { x, y, values } = grid, columns = x.length, rows = y.length;
  const ends = new Map();
  const across = (cell, horizontal) => 2 * cell + (horizontal ? 0 : 1);
  const segments = [];
  const point = (edge) => {
    const cell = edge >> 1, row = Math.floor(cell / columns), column = cell % columns;
    const a = values[cell] - level;
    if (edge & 1) {
      const b = values[cell + columns] - level;
      return [x[column], y[row] + (a / (a - b)) * (y[row + 1] - y[row])];
    }
    const b = values[cell + 1] - level;
    return [x[column] + (a / (a - b)) * (x[column + 1] - x[column]), y[row]];
  };
  const join = (from, to) => {
    const number = segments.push([from, to]) - 1;
    for (const edge of [from, to]) ends.set(edge, [...(ends.get(edge) ?? []), number]);
  };
  for (let row = 0; row < rows - 1; row += 1) {
    for (let column = 0; column < columns - 1; column += 1) {
      const cell = row * columns + column;
      const first = values[cell] >= level;
      // Most cells are on one side, and need no more.
      if (first === values[cell + 1] >= level && first === values[cell + columns] >= level
        && first === values[cell + columns + 1] >= level) continue;
      const corners = [values[cell], values[cell + 1], values[cell + columns + 1], values[cell + columns]];
      if (corners.some(Number.isNaN)) continue;
      const above = corners.map((value) => value >= level);
      const edges = [across(cell, true), across(cell + 1, false), across(cell + columns, true), across(cell, false)];
      const cut = edges.filter((_, n) => above[n] !== above[(n + 1) % 4]);
      if (cut.length === 2) join(cut[0], cut[1]);
      else if (cut.length === 4) {
        const middle = corners.reduce((sum, value) => sum + value, 0) / 4 >= level;
        if (middle === above[0]) { join(cut[0], cut[1]); join(cut[2], cut[3]); }
        else { join(cut[3], cut[0]); join(cut[1], cut[2]); }
      }
    }
  }
  return chained(segments, ends).map((edges) => edges.flatMap(point));
}

function chained(segments, ends) {
  const used = new Uint8Array(segments.length), chains = [];
  const follow = (chain, edge) => {
    let last = edge;
    for (;;) {
      const next = ends.get(last).find((number) => !used[number]);
      if (next === undefined) return chain;
      used[next] = 1;
      const [from, to] = segments[next];
      last = from === last ? to : from;
      chain.push(last);
    }
  };
  // Open lines first, from their ends; what is left are closed ones.
  const starts = [...ends].filter(([, numbers]) => numbers.length === 1).map(([edge]) => edge);
  for (const edge of [...starts, ...segments.map(([from]) => from)]) {
    if (ends.get(edge).some((number) => !used[number])) chains.push(follow([edge], edge));
  }
  return chains;
}
