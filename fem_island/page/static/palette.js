// Maps of colours, from a list of hexadecimal ones.

export class Palette {
  constructor(colors) {
    this.colors = colors.map((one) => [1, 3, 5].map((at) => parseInt(one.slice(at, at + 2), 16)));
  }

  at(share) {
    const place = Math.min(1, Math.max(0, share || 0)) * (this.colors.length - 1);
    const low = Math.min(Math.floor(place), this.colors.length - 2), part = place - low;
    const [from, to] = [this.colors[low], this.colors[low + 1]];
    return from.map((value, n) => Math.round(value + part * (to[n] - value)));
  }

  // 256 colours as they lie in the memory of a picture.
  get table() {
    this.made ??= Uint32Array.from({ length: 256 }, (_, n) => {
      const [r, g, b] = this.at(n / 255);
      return (255 << 24) | (b << 16) | (g << 8) | r;
    });
    return this.made;
  }
}
