// @ts-check
/** Pixels as a DICOM file holds them, PS3.5, section 8. */

import { BrokenDicom, fragments } from "./dicom_elements.js";
import { unpackRle } from "./dicom_rle.js";
import { number, word } from "./dicom_values.js";
import { decode, parse } from "./jpeg.js";
import { thousands } from "./number_text.js";
import { refuse } from "./read_error.js";
import { BASELINE, BIG, DEFLATED, EXPLICIT, EXTENDED, IMPLICIT, RLE, unread } from "./transfer_syntaxes.js";

const ADOBE = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]; // components are red, green, blue
const HALVED = "YBR_FULL_422";
const MEANINGS = new Set(["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", HALVED]);

/**
 * @typedef {Uint8Array | Uint16Array | Uint32Array} Words
 * @typedef {{rows: number, columns: number, samples: number, allocated: number, bits: number, signed: boolean,
 *   planar: boolean, meaning: string}} Layout `bits`: that matter of the `allocated` ones; `meaning`: the photometric
 *   interpretation
 * @typedef {Layout & {raw: Words}} Stored `raw`: (rows, columns, samples), see `valueOf`
 */

/**
 * @param {import("./dicom_elements.js").Elements} elements
 * @param {string} syntax how they are packed
 * @returns {Promise<Stored>}
 * @throws {BrokenDicom} not what the elements announce
 * @throws {import("./read_error.js").ReadError} several frames, or packed as no browser unpacks
 */
export async function stored(elements, syntax) {
  const element = elements.get("PixelData");
  if (!element) throw new BrokenDicom("none");
  const name = unread(syntax);
  if (name) refuse(`It holds pixels that no browser decodes (${name}); export the image as PNG`);
  const layout = describe(elements);
  const { value, little, kind } = element;
  if ([IMPLICIT, EXPLICIT, DEFLATED, BIG].includes(syntax)) {
    const swapped = syntax === BIG && layout.allocated === 8 && kind === "OW";
    return native(swapped ? pairsSwapped(value) : value, little, layout);
  }
  if (![RLE, BASELINE, EXTENDED].includes(syntax)) throw new BrokenDicom("packed in an unknown way");
  const [offsets, ...parts] = fragments(value, little);
  if (!parts.length) throw new BrokenDicom("no packed pixels");
  checkFrames(offsets.length >> 2);
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return syntax === RLE ? { ...layout, raw: unpackRle(bytes, layout) } : jpeg(bytes, layout);
}

/** @param {number} frames */
function checkFrames(frames) {
  if (frames > 1) refuse(`It holds ${thousands(frames)} frames; export the one to look at`);
}

/**
 * @param {Layout} layout
 * @returns {(raw: number) => number} the value that a stored word is: bits that do not matter are left out
 */
export function valueOf({ bits, signed }) {
  const spare = 32 - bits;
  return signed ? (raw) => (raw << spare) >> spare : (raw) => (raw << spare) >>> spare;
}

/** @returns {Layout} */
function describe(elements) {
  const told = (name, allowed) => {
    const found = number(elements, name);
    if (found === null || !allowed(found)) throw new BrokenDicom(`${name} ${found ?? "absent"}`);
    return found;
  };
  const binary = (found) => found === 0 || found === 1;
  const samples = told("SamplesPerPixel", (found) => found === 1 || found === 3);
  const allocated = told("BitsAllocated", (found) => [1, 8, 16, 32].includes(found));
  const meaning = word(elements, "PhotometricInterpretation");
  if (!MEANINGS.has(meaning)) throw new BrokenDicom("their colours are of an unknown kind");
  return {
    rows: told("Rows", (found) => found > 0),
    columns: told("Columns", (found) => found > 0),
    samples,
    allocated,
    bits: told("BitsStored", (found) => found >= 1 && found <= allocated),
    signed: told("PixelRepresentation", binary) === 1,
    planar: samples === 3 && told("PlanarConfiguration", binary) === 1,
    meaning,
  };
}

function pairsSwapped(bytes) {
  const found = new Uint8Array(bytes.length + (bytes.length % 2));
  for (let k = 0; k < bytes.length; k++) found[k ^ 1] = bytes[k];
  return found;
}

/** @returns {Stored} */
function native(bytes, little, layout) {
  const { rows, columns, samples, allocated, planar, meaning } = layout;
  const count = rows * columns * samples;
  const halved = meaning === HALVED;
  const words = halved ? Math.floor(count / 3) * 2 : count;
  const expected = Math.ceil((words * allocated) / 8);
  if (bytes.length < expected) throw new BrokenDicom("fewer bytes than pixels");
  const frames = Math.floor(bytes.length / expected);
  if (halved && bytes.length >= 1.5 * expected) throw new BrokenDicom("colours are not halved as announced");
  if (bytes.length > expected + (expected % 2)) checkFrames(frames);
  const found = allocated === 1 ? singleBits(bytes, words) : aligned(bytes, little, words, allocated / 8);
  if (halved) return { ...layout, raw: spread(found, count), meaning: "YBR_FULL" };
  return { ...layout, raw: planar ? interleaved(found, samples) : found };
}

function singleBits(bytes, count) {
  return Uint8Array.from({ length: count }, (_, k) => (bytes[k >> 3] >> (k & 7)) & 1);
}

/** @returns {Words} */
function aligned(bytes, little, count, size) {
  if (size === 1) return bytes.subarray(0, count);
  const kept = bytes.slice(0, count * size);
  if (!little) for (let at = 0; at < kept.length; at += size) kept.subarray(at, at + size).reverse();
  return size === 2 ? new Uint16Array(kept.buffer) : new Uint32Array(kept.buffer);
}

/** Plane after plane → sample after sample. */
function interleaved(words, samples) {
  const found = words.slice();
  const count = words.length / samples;
  for (let from = 0; from < words.length; from++) {
    found[(from % count) * samples + Math.floor(from / count)] = words[from];
  }
  return found;
}

/** Two luminances share their colour, PS3.3, C.7.6.3.1.2: Y Y B R → Y B R, Y B R. */
function spread(words, count) {
  const found = words instanceof Uint8Array ? new Uint8Array(count) : new Uint16Array(count);
  for (let from = 0, to = 0; from + 3 < words.length; from += 4, to += 6) {
    const [first, second, blue, red] = words.subarray(from, from + 4);
    found.set([first, blue, red, second, blue, red], to);
  }
  return found;
}

/** @returns {Promise<Stored>} */
async function jpeg(bytes, layout) {
  const { rows, columns, samples, allocated, meaning } = layout;
  const picture = parse(bytes);
  if (!picture) throw new BrokenDicom("damaged JPEG");
  if (picture.bits !== 8) {
    refuse("It holds pixels that no browser decodes (12-bit JPEG); export the image as PNG");
  }
  const sized = picture.width === columns && picture.height === rows && picture.ids.length === samples;
  if (!sized || allocated !== 8) throw new BrokenDicom("JPEG of another size");
  // Without a word in the JPEG itself, decoders take three components for luminance and colour.
  const spelled = String.fromCharCode(...picture.ids).toUpperCase() === "RGB";
  if (meaning === "RGB" && !picture.jfif && !picture.adobe && !spelled) {
    picture.parts.splice(1, 0, new Uint8Array(ADOBE));
  }
  const raw = new Uint8Array(rows * columns * samples);
  const decoded = await decode(picture, (colours, first) => {
    for (let from = 0, to = first * samples; from < colours.length; from += 4) {
      for (let s = 0; s < samples; s++) raw[to++] = colours[from + s];
    }
  });
  if (!decoded) throw new BrokenDicom("damaged JPEG");
  return { ...layout, raw, meaning: samples === 3 ? "RGB" : meaning };
}
