// @ts-check
/** Gray pixels of DICOM files → gray levels: modality rescaling, window or table, inversion, padding (PS3.4, N.2). */

import { BrokenDicom, items } from "./dicom_elements.js";
import { valueOf } from "./dicom_pixels.js";
import { entries, number, numbers, word } from "./dicom_values.js";
import { rint, toByte } from "./gray_levels.js";
import { general } from "./number_text.js";

/** @typedef {import("./dicom_elements.js").Elements} Elements */

/**
 * @param {import("./dicom_pixels.js").Stored} pixels
 * @param {Elements} elements
 * @returns {{pixels: Uint8Array<ArrayBuffer>, notes: string[]}} 0–255; and what was done. A VOI table or window (the
 *   first of several) sets the gray levels; without one the smallest and the largest value do. Padding becomes black.
 * @throws {BrokenDicom}
 */
export function showGray(pixels, elements) {
  const { raw, samples, allocated, signed, meaning } = pixels;
  if (samples !== 1) throw new BrokenDicom("gray of several channels");
  const value = valueOf(pixels);
  const isPadding = padding(elements, signed);
  const rescaled = modality(elements, signed);
  // What happens to a pixel depends on its word alone, so words of up to 16 bits are looked up.
  const words = allocated > 16 ? raw : distinct(raw);
  const seen = survey(words, value, rescaled, isPadding);
  const { shown, note } = gray(elements, signed, seen);
  const inverted = meaning === "MONOCHROME1";
  const level = (word) => {
    const stored = value(word);
    if (isPadding(stored)) return 0;
    const light = shown(rescaled(stored));
    return toByte(inverted ? 1 - light : light);
  };
  const found = new Uint8Array(raw.length);
  if (words === raw) for (let k = 0; k < raw.length; k++) found[k] = level(raw[k]);
  else {
    const levels = new Uint8Array(1 << 16);
    for (const word of words) levels[word] = level(word);
    for (let k = 0; k < raw.length; k++) found[k] = levels[raw[k]];
  }
  const notes = [note];
  if (inverted) notes.push("inverted: MONOCHROME1");
  if (seen.padded) notes.push("padding made black");
  return { pixels: found, notes };
}

/** @returns {Uint16Array} each word once */
function distinct(raw) {
  const present = new Uint8Array(1 << 16);
  for (let k = 0; k < raw.length; k++) present[raw[k]] = 1;
  return Uint16Array.from(present.keys()).filter((word) => present[word]);
}

/** Range of the values that are no padding (of all, where there are no others), and whether there is any padding. */
function survey(words, value, rescaled, isPadding) {
  const range = { low: Infinity, high: -Infinity };
  const whole = { low: Infinity, high: -Infinity };
  let padded = false;
  for (const word of words) {
    const stored = value(word);
    const number = rescaled(stored);
    if (!Number.isFinite(number)) throw new BrokenDicom("rescaled beyond all numbers");
    const empty = isPadding(stored);
    padded ||= empty;
    for (const part of empty ? [whole] : [whole, range]) {
      part.low = Math.min(part.low, number);
      part.high = Math.max(part.high, number);
    }
  }
  return { ...(range.low <= range.high ? range : whole), padded };
}

/** Where stored values mark that nothing was imaged. */
function padding(elements, signed) {
  const first = number(elements, "PixelPaddingValue", signed);
  if (first === null) return () => false;
  const limit = elements.has("PixelPaddingRangeLimit")
    ? number(elements, "PixelPaddingRangeLimit", signed)
    : first;
  if (limit === null) throw new BrokenDicom("padding without an end");
  const [low, high] = [Math.min(first, limit), Math.max(first, limit)];
  return (stored) => stored >= low && stored <= high;
}

/** @returns {(stored: number) => number} PS3.3, C.11.1 */
function modality(elements, signed) {
  const [item] = items(elements.get("ModalityLUTSequence"));
  if (item) {
    const { table, first, last } = lookup(item, signed, true);
    return (stored) => table[Math.min(last, Math.max(0, stored - first))];
  }
  if (!elements.has("RescaleSlope") || !elements.has("RescaleIntercept")) return (stored) => stored;
  const [slope, intercept] = [number(elements, "RescaleSlope"), number(elements, "RescaleIntercept")];
  if (slope === null || intercept === null) throw new BrokenDicom("rescaling without numbers");
  return (stored) => stored * slope + intercept;
}

/** A table of gray levels, PS3.3, C.11.2.1.1. */
function lookup(item, signed, wide) {
  const [count, first, bits] = numbers(item, "LUTDescriptor", signed) ?? [];
  const data = item.get("LUTData");
  if (bits === undefined || !data) throw new BrokenDicom("a table without a description");
  const length = (count < 0 ? count + 65536 : count) || 65536;
  const table = entries(data, wide || data.value.length >= 2 * length);
  const last = Math.min(length, table.length) - 1;
  if (last < 0 || (wide && table.length < length)) throw new BrokenDicom("a table that is too short");
  return { table, first, last, bits };
}

/** @returns {{shown: (value: number) => number, note: string}} rescaled values → gray in [0, 1], and what says so */
function gray(elements, signed, { low, high }) {
  const [item] = items(elements.get("VOILUTSequence"));
  if (item) {
    const { table, first, last, bits } = lookup(item, signed, false);
    const shown = (value) => table[Math.min(last, Math.max(0, rint(value) - first))] / (2 ** bits - 1);
    return { shown, note: "gray levels of the file's own table" };
  }
  const [centre, width] = ["WindowCenter", "WindowWidth"].map((name) => numbers(elements, name)?.[0] ?? NaN);
  if (Number.isFinite(centre) && Number.isFinite(width) && width > 0) {
    const shown = window(centre, width, word(elements, "VOILUTFunction") || "LINEAR");
    return { shown, note: `window ${general(centre)} ± ${general(width / 2)}` };
  }
  const shown = high > low ? (value) => (value - low) / (high - low) : () => 0;
  return { shown, note: `no window: shown from ${general(low)} to ${general(high)}` };
}

/**
 * PS3.3, C.11.2.1.
 *
 * @param {number} centre
 * @param {number} width above 0
 * @param {string} shape "SIGMOID", "LINEAR_EXACT"; any other is "LINEAR", the standard's default
 * @returns {(value: number) => number}
 */
function window(centre, width, shape) {
  if (shape === "SIGMOID") {
    return (value) => 1 / (1 + Math.exp(Math.min(500, Math.max(-500, (-4 * (value - centre)) / width))));
  }
  if (shape === "LINEAR_EXACT") return (value) => (value - centre) / width + 0.5;
  if (width <= 1) return (value) => Number(value > centre - 0.5);
  return (value) => (value - (centre - 0.5)) / (width - 1) + 0.5;
}
