// @ts-check
/** Numbers that stand for gray → bytes; twin of `xray_keras/datasets/gray_levels.py`. */

/** Pixels: no radiograph has so many. */
export const MOST = 100_000_000;

/** Of pictures of 8 bits: where Pillow's own limit lies. */
export const MOST_SHALLOW = 89_478_485;

/** Shares of red, green and blue, ITU-R BT.601, as Pillow. */
export const LUMINANCE = Object.freeze([0.299, 0.587, 0.114]);

export const TAKEN = "colour picture: luminance taken";

const DEPTHS = [8, 10, 12, 14, 16]; // bits that detectors and files have

/**
 * To the nearest whole number, halves to the even one, as numpy and Python round.
 *
 * @param {number} x
 * @returns {number}
 */
export function rint(x) {
  const above = Math.round(x);
  return above - x === 0.5 && above % 2 !== 0 ? above - 1 : above;
}

/**
 * @param {number} shown gray in [0, 1], clipped
 * @returns {number} 0–255, whole; not a number stays so, and is 0 in an array of bytes
 */
export function toByte(shown) {
  return rint(255 * Math.min(1, Math.max(0, shown)));
}

/**
 * Whole numbers of an unknown range → gray levels; the range is told by the largest one.
 *
 * @param {Uint16Array} values
 * @returns {{pixels: Uint8Array<ArrayBuffer>, notes: string[]}} 0–255; and what was done
 */
export function fromValues(values) {
  let largest = 0;
  for (let k = 0; k < values.length; k++) if (values[k] > largest) largest = values[k];
  const bits = DEPTHS.find((depth) => largest < 2 ** depth) ?? 16;
  const top = 2 ** bits - 1;
  const table = Uint8Array.from({ length: largest + 1 }, (_, value) => toByte(value / top));
  const pixels = new Uint8Array(values.length);
  for (let k = 0; k < values.length; k++) pixels[k] = table[values[k]];
  return { pixels, notes: bits === 8 ? [] : [`${bits}-bit values: divided by ${top}`] };
}

/**
 * Luminance of bytes in Pillow's whole numbers, 16 bits after the point.
 *
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 * @returns {number} 0–255, whole
 */
export function luminance(red, green, blue) {
  return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
}
