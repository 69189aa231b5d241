// @ts-check
/**
 * PNG files, all kinds that Pillow reads as gray, by an own decoder: a canvas would drop half of 16 bits, apply colour
 * profiles and round with alpha. What is wrong is told as `read_gray` in `xray_keras/datasets/images.py` does.
 */

import { fromValues, MOST, MOST_SHALLOW, TAKEN } from "./gray_levels.js";
import { inflate } from "./inflate.js";
import { thousands } from "./number_text.js";
import { orientation, upright } from "./orientation.js";
import { layout, values } from "./png_rows.js";
import { refuse } from "./read_error.js";

const MAGIC = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const XMP = "XML:com.adobe.xmp\0\0\0"; // not packed; a language and a translated name follow
const CRCS = Uint32Array.from({ length: 256 }, (_, k) => {
  for (let bit = 0; bit < 8; bit++) k = k & 1 ? (k >>> 1) ^ 0xedb88320 : k >>> 1;
  return k;
});

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of the file
 * @returns {Promise<import("./orientation.js").Picture>}
 * @throws {import("./read_error.js").ReadError} damaged or cut short, over 100 million pixels, of one bit, or of 16
 *   bits with colour or alpha
 */
export async function readPng(bytes) {
  const file = parse(bytes);
  const { header } = file;
  const most = header.bits === 16 && header.kind === 0 ? MOST : MOST_SHALLOW;
  if (header.width * header.height > most) {
    refuse(`It claims more than ${thousands(most)} pixels, more than any radiograph; replace it`);
  }
  if (header.bits === 1 && header.kind === 0) {
    refuse("It has pixels of one bit, black or white; convert it to 8-bit gray first");
  }
  if (header.bits === 16 && header.kind !== 0) {
    refuse("It is 16-bit, so its black and white levels are unknown; window it to 8-bit gray first");
  }
  const plan = layout(header);
  const { bytes: rows, outcome } = await inflate(file.data, "deflate", plan.bytes);
  if (rows.length < plan.bytes) damaged("its image data end early or are broken");
  if (outcome === "failed" && !holds(file.data, checksum(rows))) damaged("checksum of its image data");
  const { levels, coloured } = values(rows, header, plan, file.palette) ?? damaged("unknown filter");
  const { width, height } = header;
  if (levels instanceof Uint16Array) return { width, height, ...fromValues(levels) };
  const picture = { pixels: levels, width, height, notes: coloured ? [TAKEN] : [] };
  return upright(picture, orientation(file.exif, file.xmp));
}

/**
 * @param {string} what
 * @returns {never}
 */
function damaged(what) {
  return refuse(`It is a damaged PNG (${what}); save it again`);
}

/**
 * Headers and image data. As Pillow, checksums are compared up to the image data, which have their own, and nothing is
 * told of an end without its mark.
 *
 * @typedef {{width: number, height: number, bits: number, kind: number, interlaced: boolean}} Header `kind`: the
 *   format's colour type
 */
function parse(bytes) {
  if (MAGIC.some((byte, k) => bytes[k] !== byte)) damaged("its first bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const content = ({ start, length }) => bytes.subarray(start, start + length);
  /** @type {{header: Header | null, palette: Uint8Array | null, data: Uint8Array<ArrayBuffer>[],
   *   exif: Uint8Array | null, xmp: Uint8Array | null}} */
  const file = { header: null, palette: null, data: [], exif: null, xmp: null };
  let open = true; // the next chunk of image data belongs to the ones before
  let animated = false;
  for (let at = MAGIC.length; ;) {
    const chunk = read(bytes, view, at);
    const before = file.data.length === 0;
    if (before && !chunk) damaged("it ends before its image data");
    if (!chunk || chunk.name === "IEND" || (chunk.name === "fcTL" && animated && !before)) break;
    const { name, start, length } = chunk;
    at = start + length + 4;
    if (name === "IDAT" && open) {
      file.data.push(content(chunk));
      continue;
    }
    if (!before) open = false;
    if (start + length + (before ? 4 : 0) > bytes.length) damaged("it ends early");
    if (before && crc(bytes, start - 4, start + length) !== view.getUint32(start + length)) {
      damaged(`checksum of its chunk ${name}`);
    }
    if (name === "IHDR" && before) file.header = header(content(chunk));
    else if (name === "PLTE" && file.header?.kind === 3 && before) file.palette = content(chunk);
    else if (name === "acTL") animated = true;
    else if (name === "eXIf") file.exif = content(chunk);
    else if (name === "iTXt") file.xmp = inText(content(chunk)) ?? file.xmp;
  }
  if (!file.data.length) damaged("it ends before its image data");
  if (!file.header) return damaged("it has no header");
  if (file.palette && file.palette.length > 3 * 256) damaged("its palette is too long");
  return { ...file, header: file.header };
}

/** @returns {{name: string, start: number, length: number} | null} null where none is left */
function read(bytes, view, at) {
  if (at + 8 > bytes.length) return null;
  const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  return /^\w{4}$/.test(name) ? { name, start: at + 8, length: view.getUint32(at) } : null;
}

/** @param {Uint8Array} content @returns {Header} */
function header(content) {
  if (content.length < 13) damaged("its header is short");
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bits, kind, , filter, interlaced] = content.subarray(8, 13);
  const kinds = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
  if (!width || !height || filter || !kinds[kind]?.includes(bits)) damaged("its header contradicts itself");
  return { width, height, bits, kind, interlaced: interlaced !== 0 };
}

/** @returns {Uint8Array | null} what a chunk of text says about the picture's orientation, among others */
function inText(content) {
  for (let k = 0; k < XMP.length; k++) if (content[k] !== XMP.charCodeAt(k)) return null;
  return content.subarray(XMP.length);
}

function crc(bytes, start, end) {
  let found = 0xffffffff;
  for (let k = start; k < end; k++) found = CRCS[(found ^ bytes[k]) & 255] ^ (found >>> 8);
  return ~found >>> 0;
}

/** Adler-32, which ends the packed data. */
function checksum(bytes) {
  let [low, high] = [1, 0];
  for (let k = 0; k < bytes.length;) {
    for (const end = Math.min(k + 3800, bytes.length); k < end; k++) high += low += bytes[k];
    low %= 65521;
    high %= 65521;
  }
  return ((high << 16) | low) >>> 0;
}

/** Whether the four bytes of a number are anywhere in the parts: then more data stand behind it, which harm nothing. */
function holds(parts, number) {
  let last = 0;
  for (const part of parts) {
    for (const byte of part) {
      last = ((last << 8) | byte) >>> 0;
      if (last === number) return true;
    }
  }
  return false;
}
