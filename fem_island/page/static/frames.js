// Answers as bytes: a JSON header and arrays of numbers, as frames.py packs them.

export function unpacked(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const first = 4 + length;
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {};
  for (const [name, [start, count]] of Object.entries(header.arrays)) {
    arrays[name] = new Float32Array(buffer, first + start, count);
  }
  delete header.arrays;
  return { header, arrays };
}
