// @ts-check
/** Values of DICOM elements as numbers and words, PS3.5, section 6.2. */

import { BrokenDicom } from "./dicom_elements.js";

/** @typedef {import("./dicom_elements.js").Elements} Elements */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const READERS =
  /** @type {Record<string, [number, (view: DataView, at: number, little: boolean) => number]>} */ ({
    US: [2, (view, at, little) => view.getUint16(at, little)],
    SS: [2, (view, at, little) => view.getInt16(at, little)],
    UL: [4, (view, at, little) => view.getUint32(at, little)],
    SL: [4, (view, at, little) => view.getInt32(at, little)],
    FL: [4, (view, at, little) => view.getFloat32(at, little)],
    FD: [8, (view, at, little) => view.getFloat64(at, little)],
  });

/**
 * @param {Elements} elements
 * @param {string} name
 * @returns {string} its first word; empty where there is none
 */
export function word(elements, name) {
  return words(elements.get(name)?.value ?? new Uint8Array())[0];
}

/** @param {Uint8Array} value */
function words(value) {
  const text = new TextDecoder("latin1").decode(value);
  return text.split("\\").map((part) => part.replace(/^ +|[ \0]+$/g, ""));
}

/**
 * @param {Elements} elements
 * @param {string} name
 * @param {boolean} [signed] what "US or SS" means where the file does not tell
 * @returns {number[] | null} null where there is no such element; NaN for words that are no number
 * @throws {BrokenDicom}
 */
export function numbers(elements, name, signed = false) {
  const element = elements.get(name);
  if (!element) return null;
  const { value, little } = element;
  const kind = element.kind === "XS" ? (signed ? "SS" : "US") : element.kind;
  if (kind === "DS" || kind === "IS") {
    const texts = words(value);
    if (texts.length === 1 && texts[0] === "") return [];
    return texts.map((text) => (NUMBER.test(text) ? Number(text) : NaN));
  }
  const [size, read] = READERS[kind] ?? READERS.US;
  if (value.length % size) throw new BrokenDicom("half a number");
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length / size }, (_, k) => read(view, k * size, little));
}

/**
 * @param {Elements} elements
 * @param {string} name
 * @param {boolean} [signed]
 * @returns {number | null} null where there is no such element or it is empty
 * @throws {BrokenDicom} more than one, or no number
 */
export function number(elements, name, signed = false) {
  const found = numbers(elements, name, signed);
  if (!found?.length) return null;
  if (found.length > 1 || Number.isNaN(found[0])) throw new BrokenDicom("not one number");
  return found[0];
}

/**
 * A table's entries, stored as bytes or as words of 16 bits.
 *
 * @param {import("./dicom_elements.js").Element} element
 * @param {boolean} wide whether they are words
 * @returns {Uint8Array | Uint16Array}
 * @throws {BrokenDicom}
 */
export function entries({ value, little }, wide) {
  if (!wide) return value;
  if (value.length % 2) throw new BrokenDicom("half a number");
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Uint16Array.from({ length: value.length / 2 }, (_, k) => view.getUint16(2 * k, little));
}
