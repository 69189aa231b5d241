// @ts-check
/**
 * Elements of a DICOM file, PS3.5, section 7: those that say how to show pixels, and no others, so that nothing about
 * the patient is even kept. As forgiving as pydicom, whose reading this follows.
 */

import { KEPT, PIXEL_DATA } from "./dicom_names.js";

const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const DEEPEST = 64; // sequences inside each other
const LONG = new Set("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split(" ")); // kinds whose length has 32 bits
const SHORT = new Set("AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split(" "));

/**
 * @typedef {{kind: string, value: Uint8Array<ArrayBuffer>, items: Elements[] | null, implicit: boolean,
 *   little: boolean}} Element `value`: its bytes, fewer than announced where the file ends; `items`: of a sequence of
 *   undefined length
 * @typedef {Map<string, Element>} Elements by name
 * @typedef {{bytes: Uint8Array<ArrayBuffer>, view: DataView, at: number}} Cursor
 */

/** What no reader can make sense of; the message says what, and quotes nothing. */
export class BrokenDicom extends Error {}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {number} at @returns {Cursor} */
export function cursor(bytes, at) {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at };
}

/**
 * Read elements up to the end of the data, of an item, or of a group.
 *
 * @param {Cursor} from moves behind what was read
 * @param {boolean} implicit whether kinds are not written down; where they visibly are, or are not, that counts
 * @param {boolean} little endian
 * @param {{end?: number, depth?: number, group?: number}} [limits] `end`: place at which the item ends; `group`: the
 *   only one to read
 * @returns {{elements: Elements, implicit: boolean}}
 * @throws {BrokenDicom}
 */
export function readElements(from, implicit, little, { end = Infinity, depth = 0, group } = {}) {
  const { bytes, view } = from;
  const elements = new Map();
  if (depth > DEEPEST) throw new BrokenDicom("too many sequences inside each other");
  const told =
    bytes.length - from.at < 6 ? implicit : !(isCapital(bytes[from.at + 4]) && isCapital(bytes[from.at + 5]));
  const hidden = depth && implicit ? true : told;
  while (from.at < end && bytes.length - from.at >= 8) {
    const start = from.at;
    const tag = tagAt(view, start, little);
    if (group !== undefined && tag >>> 16 !== group) break;
    let { kind, length, value } = heading(from, hidden, little);
    from.at = value;
    if (tag === ITEM_END) break;
    if (length !== UNDEFINED) {
      from.at = value + length;
      keep(elements, tag, kind, { value: bytes.subarray(value, from.at), implicit: hidden, little });
    } else if (isSequence(tag, kind)) {
      const items = readItems(from, hidden, little, depth);
      keep(elements, tag, "SQ", { items, implicit: hidden, little });
    } else {
      const found = readFragments(from, little);
      keep(elements, tag, kind, { value: found, implicit: hidden, little });
    }
  }
  return { elements, implicit: hidden };
}

/** Kind and length of the element that begins here, and where its value does. */
function heading({ bytes, view, at }, implicit, little) {
  const letters = [bytes[at + 4], bytes[at + 5]];
  const kind = String.fromCharCode(...letters);
  // As pydicom: an element without a kind may stand among others.
  if (implicit || (!SHORT.has(kind) && !LONG.has(kind) && !("AA" <= kind && kind <= "ZZ"))) {
    return { kind: "", length: view.getUint32(at + 4, little), value: at + 8 };
  }
  if (!LONG.has(kind)) return { kind, length: view.getUint16(at + 6, little), value: at + 8 };
  if (at + 12 > bytes.length) throw new BrokenDicom("an element ends in its length");
  return { kind, length: view.getUint32(at + 8, little), value: at + 12 };
}

const isCapital = (byte) => byte > 0x40 && byte < 0x5b;

/** Of undefined length; without a kind only pixels are none. */
const isSequence = (tag, kind) => kind === "SQ" || (tag !== PIXEL_DATA && (kind === "" || kind === "UN"));

function keep(elements, tag, kind, found) {
  const named = KEPT.get(tag);
  if (!named) return;
  const [name, usual] = named;
  const known = kind === "" || kind === "UN" ? usual : kind;
  elements.set(name, { kind: known, value: new Uint8Array(), items: null, ...found });
}

/**
 * The items of a sequence.
 *
 * @param {Element | undefined} sequence
 * @returns {Elements[]}
 * @throws {BrokenDicom}
 */
export function items(sequence) {
  if (!sequence) return [];
  const { value, implicit, little } = sequence;
  return sequence.items ?? readItems(cursor(value, 0), implicit, little, 0, value.length);
}

/** Up to the mark that ends the sequence, or to `end`. */
function readItems(from, implicit, little, depth, end = Infinity) {
  const found = [];
  while (from.at < end) {
    if (from.at + 8 > from.bytes.length) throw new BrokenDicom("a sequence ends early");
    const tag = tagAt(from.view, from.at, little);
    const length = from.view.getUint32(from.at + 4, little);
    from.at += 8;
    if (tag === SEQUENCE_END) break;
    const last = length === UNDEFINED ? Infinity : from.at + length;
    found.push(readElements(from, implicit, little, { end: last, depth: depth + 1 }).elements);
  }
  return found;
}

/** Items of packed pixels, with their marks, up to the one behind the last. */
function readFragments(from, little) {
  const { bytes, view, at: start } = from;
  let at = start;
  while (at + 8 <= bytes.length && tagAt(view, at, little) === ITEM) at += 8 + view.getUint32(at + 4, little);
  if (at + 8 > bytes.length || tagAt(view, at, little) !== SEQUENCE_END) {
    // A length is wrong; as pydicom does, the mark is then looked for byte by byte.
    at = start;
    while (at + 4 <= bytes.length && tagAt(view, at, little) !== SEQUENCE_END) at += 1;
    if (at + 4 > bytes.length) throw new BrokenDicom("packed pixels end early");
  }
  from.at = Math.min(bytes.length, at + 8);
  return bytes.subarray(start, at);
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes marks and contents of packed pixels
 * @param {boolean} little
 * @returns {Uint8Array<ArrayBuffer>[]} the contents; the first is a table of offsets
 * @throws {BrokenDicom}
 */
export function fragments(bytes, little) {
  const { view } = cursor(bytes, 0);
  const found = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    if (tagAt(view, at, little) === SEQUENCE_END) break;
    const length = at + 8 > bytes.length ? UNDEFINED : view.getUint32(at + 4, little);
    if (tagAt(view, at, little) !== ITEM || length === UNDEFINED) throw new BrokenDicom("packed in disorder");
    found.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  if (!found.length || found[0].length % 4) throw new BrokenDicom("no table of offsets");
  return found;
}

/** @param {DataView} view @param {number} at @param {boolean} little */
function tagAt(view, at, little) {
  return view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little);
}

/** @param {string} letters @returns {boolean} whether they name a kind of element */
export function isKind(letters) {
  return LONG.has(letters) || SHORT.has(letters);
}
