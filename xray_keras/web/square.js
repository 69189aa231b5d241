// @ts-check
/**
 * The models' input from a radiograph; twin of `square` in `xray_keras/datasets/radiograph.py`, bit for bit.
 *
 * The filter is Pillow's BILINEAR (libImaging/Resample.c): a triangle that widens with the reduction, one pass along
 * rows and one along columns, with weights of 22 bits after the point and bytes in between.
 */

import { rint } from "./gray_levels.js";

const BITS = 22;
const HALF = 1 << (BITS - 1);

/**
 * Scale the short side to `size` and crop the centre: nothing is stretched (cohen2019 §5.1).
 *
 * @param {Uint8Array} pixels gray, height × width
 * @param {number} width
 * @param {number} height
 * @param {number} size side of the result
 * @returns {Uint8Array<ArrayBuffer>} size × size
 */
export function square(pixels, width, height, size) {
  const scale = size / Math.min(width, height);
  const [wide, high] = [Math.max(size, rint(width * scale)), Math.max(size, rint(height * scale))];
  const across = filter(width, wide, size);
  const down = filter(height, high, size);
  // The first pass leaves out what the second does not look at. Since version 13 Pillow begins with the columns where
  // the height shrinks by over twice as many pixels as the width.
  if (height > high && height - high > 2 * (width - wide)) {
    const { start, end } = span(across);
    const low = alongColumns(pixels, start, width, end - start, down);
    return alongRows(low, -start, end - start, size, across);
  }
  const { start, end } = span(down);
  const narrow = alongRows(pixels, start * width, width, end - start, across);
  return alongColumns(narrow, -start * size, size, size, down);
}

/**
 * Weights of the pixels that each pixel of the cropped side is made of.
 *
 * @typedef {{first: Int32Array, count: Int32Array, weights: Int32Array, most: number}} Filter `weights`: `most` of them
 *   for each pixel, of which `count` matter, from pixel `first` on
 * @param {number} from pixels of the side
 * @param {number} to pixels after scaling
 * @param {number} size pixels that are left in the middle
 * @returns {Filter}
 */
function filter(from, to, size) {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const most = 2 * Math.ceil(support) + 1;
  const shrink = 1 / support;
  const left = Math.floor((to - size) / 2);
  const firsts = new Int32Array(size);
  const counts = new Int32Array(size);
  const weights = new Int32Array(size * most);
  const exact = new Float64Array(most);
  for (let k = 0; k < size; k++) {
    const centre = (left + k + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let x = 0; x < count; x++) {
      exact[x] = Math.max(0, 1 - Math.abs((x + first - centre + 0.5) * shrink));
      sum += exact[x];
    }
    for (let x = 0; x < count; x++) weights[k * most + x] = 0.5 + (exact[x] / sum) * 2 ** BITS;
    firsts[k] = first;
    counts[k] = count;
  }
  return { first: firsts, count: counts, weights, most };
}

/** @param {Filter} filter @returns {{start: number, end: number}} the pixels that it looks at */
function span({ first, count }) {
  const last = first.length - 1;
  return { start: first[0], end: first[last] + count[last] };
}

/**
 * @param {Uint8Array} source
 * @param {number} start of the first row
 * @param {number} stride from row to row
 * @param {number} rows
 * @param {Filter} filter
 * @returns {Uint8Array<ArrayBuffer>} rows × the filter's size
 */
function alongRows(source, start, stride, rows, { first, count, weights, most }) {
  const size = first.length;
  const found = new Uint8Array(rows * size);
  for (let y = 0, to = 0; y < rows; y++) {
    for (let k = 0; k < size; k++) {
      let at = start + y * stride + first[k];
      let weight = k * most;
      let sum = HALF;
      const end = weight + count[k];
      while (weight < end) sum += Math.imul(source[at++], weights[weight++]);
      found[to++] = sum >> BITS;
    }
  }
  return found;
}

/**
 * @param {Uint8Array} source
 * @param {number} start of the first column
 * @param {number} stride from row to row
 * @param {number} columns
 * @param {Filter} filter
 * @returns {Uint8Array<ArrayBuffer>} the filter's size × columns
 */
function alongColumns(source, start, stride, columns, { first, count, weights, most }) {
  const size = first.length;
  const found = new Uint8Array(size * columns);
  const sums = new Int32Array(columns);
  for (let y = 0, to = 0; y < size; y++) {
    sums.fill(HALF);
    for (let k = 0; k < count[y]; k++) {
      const weight = weights[y * most + k];
      const row = start + (first[y] + k) * stride;
      for (let x = 0; x < columns; x++) sums[x] += Math.imul(source[row + x], weight);
    }
    for (let x = 0; x < columns; x++) found[to++] = sums[x] >> BITS;
  }
  return found;
}
