// @ts-check
/** Rows of a PNG, unpacked, → gray levels: filters, interlacing, depths, palette and colour (PNG, sections 7 to 9). */

import { luminance } from "./gray_levels.js";

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
// Adam7: first column, first row, step of columns, step of rows
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/**
 * @typedef {{left: number, top: number, across: number, down: number, wide: number, high: number, length: number}} Pass
 *   `length`: bytes of one of its rows, without the filter's
 * @param {import("./png.js").Header} header
 * @returns {{passes: Pass[], bytes: number}} those that hold pixels; and how many bytes all rows have
 */
export function layout({ width, height, bits, kind, interlaced }) {
  const passes = (interlaced ? PASSES : [[0, 0, 1, 1]])
    .map(([left, top, across, down]) => {
      const wide = Math.ceil((width - left) / across);
      const high = Math.ceil((height - top) / down);
      return { left, top, across, down, wide, high, length: Math.ceil((wide * bits * CHANNELS[kind]) / 8) };
    })
    .filter(({ wide, high }) => wide > 0 && high > 0);
  return { passes, bytes: passes.reduce((sum, { high, length }) => sum + high * (1 + length), 0) };
}

/**
 * @param {Uint8Array} rows each begins with its filter; overwritten
 * @param {import("./png.js").Header} header
 * @param {{passes: Pass[]}} plan
 * @param {Uint8Array | null} palette red, green, blue of each entry; black where there is none
 * @returns {{levels: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>, coloured: boolean} | null} (height, width),
 *   16-bit where the file is, else 0–255; whether any pixel is not gray; null where a filter is unknown
 */
export function values(rows, header, { passes }, palette) {
  const { width, height, bits, kind } = header;
  const levels = bits === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  const step = Math.max(1, (bits * CHANNELS[kind]) / 8);
  const take = taker(header, levels, palette);
  let coloured = false;
  let at = 0;
  for (const { left, top, across, down, wide, high, length } of passes) {
    for (let y = 0; y < high; y++, at += length + 1) {
      if (!unfilter(rows, at + 1, length, y ? at - length : -1, step)) return null;
      if (take(rows, at + 1, wide, (top + y * down) * width + left, across)) coloured = true;
    }
  }
  return { levels, coloured };
}

/**
 * Undo one row's filter, in place.
 *
 * @param {Uint8Array} rows
 * @param {number} row where it starts, behind its filter
 * @param {number} length
 * @param {number} above where the row before starts; negative for the first, above which all is zero
 * @param {number} step bytes to the pixel on the left
 * @returns {boolean} whether the filter is known
 */
function unfilter(rows, row, length, above, step) {
  const filter = rows[row - 1];
  if (filter > 4) return false;
  if (filter === 0 || (filter === 2 && above < 0)) return true;
  if (filter === 2) for (let k = 0; k < length; k++) rows[row + k] += rows[above + k];
  else if (filter === 1 || (filter === 4 && above < 0)) {
    for (let k = step; k < length; k++) rows[row + k] += rows[row + k - step];
  } else if (filter === 3) {
    for (let k = 0; k < length; k++) {
      const left = k < step ? 0 : rows[row + k - step];
      rows[row + k] += (left + (above < 0 ? 0 : rows[above + k])) >> 1;
    }
  } else paeth(rows, row, length, above, step);
  return true;
}

function paeth(rows, row, length, above, step) {
  for (let k = 0; k < Math.min(step, length); k++) rows[row + k] += rows[above + k];
  for (let k = step; k < length; k++) {
    const left = rows[row + k - step];
    const up = rows[above + k];
    const corner = rows[above + k - step];
    const byLeft = Math.abs(up - corner);
    const byUp = Math.abs(left - corner);
    const byCorner = Math.abs(left + up - 2 * corner);
    rows[row + k] += byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
  }
}

/**
 * @typedef {(rows: Uint8Array, at: number, count: number, to: number, across: number) => boolean} Taker puts `count`
 *   pixels of the row at `at` to every `across`th place from `to` on; tells whether any is not gray
 * @returns {Taker}
 */
function taker({ bits, kind }, levels, palette) {
  const channels = CHANNELS[kind];
  if (bits === 16) {
    return (rows, at, count, to, across) => {
      for (let k = 0; k < count; k++, at += 2, to += across) levels[to] = (rows[at] << 8) | rows[at + 1];
      return false;
    };
  }
  if (kind === 2 || kind === 6) {
    return (rows, at, count, to, across) => {
      let apart = 0;
      for (let k = 0; k < count; k++, at += channels, to += across) {
        const [red, green, blue] = [rows[at], rows[at + 1], rows[at + 2]];
        apart |= (red ^ green) | (red ^ blue);
        levels[to] = luminance(red, green, blue);
      }
      return apart !== 0;
    };
  }
  if (bits === 8 && kind !== 3) {
    return (rows, at, count, to, across) => {
      if (channels === 1 && across === 1) levels.set(rows.subarray(at, at + count), to);
      else for (let k = 0; k < count; k++, at += channels, to += across) levels[to] = rows[at];
      return false;
    };
  }
  const { shades, apart } =
    kind === 3 ? entries(palette) : { shades: scale(bits), apart: new Uint8Array(256) };
  const mask = (1 << bits) - 1;
  return (rows, at, count, to, across) => {
    let coloured = 0;
    for (let k = 0; k < count; k++, to += across) {
      const place = k * bits;
      const entry = (rows[at + (place >> 3)] >> (8 - bits - (place & 7))) & mask;
      coloured |= apart[entry];
      levels[to] = shades[entry];
    }
    return coloured !== 0;
  };
}

/** Gray levels of the entries of a palette, and which of them are not gray. */
function entries(palette) {
  const shades = new Uint8Array(256);
  const apart = new Uint8Array(256);
  for (let k = 0; palette && k < Math.floor(palette.length / 3); k++) {
    const [red, green, blue] = palette.subarray(3 * k, 3 * k + 3);
    shades[k] = luminance(red, green, blue);
    apart[k] = (red ^ green) | (red ^ blue);
  }
  return { shades, apart };
}

/** Levels of 1, 2 or 4 bits, spread over 0–255. */
function scale(bits) {
  return Uint8Array.from({ length: 1 << bits }, (_, level) => (255 / ((1 << bits) - 1)) * level);
}
