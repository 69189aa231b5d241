// @ts-check
/**
 * A picture made small enough to be shown: means over blocks of whole pixels. For the screen alone; what the models see
 * comes from `square.js`.
 *
 * @typedef {{pixels: Uint8Array<ArrayBuffer>, width: number, height: number}} Picture
 * @param {Uint8Array} pixels gray, height × width
 * @param {number} width
 * @param {number} height
 * @param {number} longest side of the result at most, in pixels; it has more than half of that where there is more
 * @returns {Picture} a copy; the last columns and rows that fill no block are left out
 */
export function shrink(pixels, width, height, longest) {
  const block = Math.ceil(Math.max(width, height) / longest);
  if (block === 1) return { pixels: pixels.slice(), width, height };
  const across = Math.max(1, Math.floor(width / block));
  const down = Math.max(1, Math.floor(height / block));
  // A side shorter than a block is one block of what there is.
  const [wide, high] = [Math.min(block, width), Math.min(block, height)];
  const found = new Uint8Array(across * down);
  const sums = new Uint32Array(across);
  for (let y = 0; y < down; y++) {
    sums.fill(0);
    for (let row = y * block; row < y * block + high; row++) {
      let at = row * width;
      for (let x = 0; x < across; x++) {
        let sum = 0;
        for (let k = 0; k < wide; k++) sum += pixels[at++];
        sums[x] += sum;
      }
    }
    for (let x = 0; x < across; x++) found[y * across + x] = sums[x] / (wide * high) + 0.5;
  }
  return { pixels: found, width: across, height: down };
}
