// @ts-check
/**
 * JPEG files through the browser's decoder. What would make browsers differ is taken out first: colour profiles, and
 * the orientation, which is followed here as `xray_keras/datasets/radiograph.py` does.
 */

import { luminance, MOST_SHALLOW, TAKEN } from "./gray_levels.js";
import { thousands } from "./number_text.js";
import { orientation, upright } from "./orientation.js";
import { refuse } from "./read_error.js";

const STRIP = 1 << 20; // pixels taken from the canvas at once
const [START, END, SCAN, APP0, APP1, APP14] = [0xd8, 0xd9, 0xda, 0xe0, 0xe1, 0xee];
const TABLES = [0xc4, 0xc8, 0xcc]; // among the numbers of frames, but none
const ADOBE = 12; // bytes; what is shorter is not heeded
const EXIF = "Exif\0\0";
const XMP = "http://ns.adobe.com/xap/1.0/\0";

/**
 * @typedef {{width: number, height: number, bits: number, ids: number[], parts: Uint8Array<ArrayBuffer>[],
 *   jfif: boolean, adobe: boolean, exif: Uint8Array | null, xmp: Uint8Array | null}} Jpeg `ids`: names of the
 *   components; `parts`: the file without what is not needed for its pixels
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of the file
 * @returns {Promise<import("./orientation.js").Picture>}
 * @throws {import("./read_error.js").ReadError} damaged or cut short, over 100 million pixels, not of 8 bits
 */
export async function readJpeg(bytes) {
  const jpeg = parse(bytes) ?? damaged("it ends early or its headers are broken");
  const { width, height, ids } = jpeg;
  if (width * height > MOST_SHALLOW) {
    refuse(`It claims more than ${thousands(MOST_SHALLOW)} pixels, more than any radiograph; replace it`);
  }
  if (jpeg.bits !== 8 || ![1, 3, 4].includes(ids.length)) {
    damaged(`it has ${ids.length} channels of ${jpeg.bits} bits`);
  }
  const pixels = new Uint8Array(width * height);
  let apart = 0;
  const decoded = await decode(jpeg, (colours, to) => {
    for (let at = 0; at < colours.length; at += 4) {
      const [red, green, blue] = [colours[at], colours[at + 1], colours[at + 2]];
      apart |= (red ^ green) | (red ^ blue);
      pixels[to++] = luminance(red, green, blue);
    }
  });
  if (!decoded) damaged("its image data are broken");
  const picture = { pixels, width, height, notes: apart ? [TAKEN] : [] };
  return upright(picture, orientation(jpeg.exif, jpeg.xmp));
}

/**
 * @param {string} what
 * @returns {never}
 */
function damaged(what) {
  return refuse(`It is a damaged JPEG (${what}); save it again`);
}

/**
 * Read the headers of a JPEG file.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Jpeg | null} null where they are damaged or no mark ends the file
 */
export function parse(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** @type {Jpeg} */
  const jpeg = {
    width: 0,
    height: 0,
    bits: 0,
    ids: [],
    parts: [],
    jfif: false,
    adobe: false,
    exif: null,
    xmp: null,
  };
  if (bytes[0] !== 0xff || bytes[1] !== START || bytes[2] !== 0xff) return null;
  jpeg.parts.push(bytes.subarray(0, 2));
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 4 <= bytes.length;) {
    const marker = bytes[at + 1];
    if (marker === 0xff || marker === 0) {
      at = bytes.indexOf(0xff, at + 1); // padding
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    const content = bytes.subarray(at + 4, end);
    if (end < at + 4 || end > bytes.length) return null;
    if (marker === SCAN) {
      jpeg.parts.push(bytes.subarray(at));
      return jpeg.ids.length && jpeg.width && jpeg.height && isEnded(bytes, end) ? jpeg : null;
    }
    if (marker >= 0xc0 && marker <= 0xcf && !TABLES.includes(marker)) {
      if (content.length < 6 + 3 * content[5]) return null;
      jpeg.bits = content[0];
      [jpeg.height, jpeg.width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      jpeg.ids = Array.from({ length: content[5] }, (_, k) => content[6 + 3 * k]);
    }
    if (marker === APP0) jpeg.jfif ||= begins(content, "JFIF");
    if (marker === APP14) jpeg.adobe ||= content.length >= ADOBE && begins(content, "Adobe");
    if (marker === APP1) keepTurn(jpeg, content);
    const needed = marker < APP0 || marker === APP0 || marker === APP14;
    if (needed) jpeg.parts.push(bytes.subarray(at, end));
    at = bytes.indexOf(0xff, end);
  }
  return null;
}

/** What may tell which way up it is. */
function keepTurn(jpeg, content) {
  if (begins(content, EXIF)) jpeg.exif = joined(jpeg.exif, content.subarray(EXIF.length));
  if (begins(content, XMP)) jpeg.xmp = content.subarray(XMP.length);
}

/** Whether a mark ends the image data; inside them it cannot stand. */
function isEnded(bytes, start) {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === END) return true;
  }
  return false;
}

/** @param {Uint8Array} content @param {string} word */
function begins(content, word) {
  for (let k = 0; k < word.length; k++) if (content[k] !== word.charCodeAt(k)) return false;
  return true;
}

/** @param {Uint8Array | null} before @param {Uint8Array} content */
function joined(before, content) {
  return before ? new Uint8Array([...before, ...content]) : content;
}

/**
 * Decode, a strip of rows at a time.
 *
 * @param {Jpeg} jpeg
 * @param {(colours: Uint8ClampedArray, first: number) => void} take red, green, blue, opaque of the pixels from the
 *   `first`th one on
 * @returns {Promise<boolean>} whether the browser could
 */
export async function decode({ parts, width, height }, take) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob(parts, { type: "image/jpeg" }), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  } catch {
    return false;
  }
  try {
    if (bitmap.width !== width || bitmap.height !== height) return false;
    const rows = Math.min(height, Math.max(1, Math.floor(STRIP / width)));
    const canvas = new OffscreenCanvas(width, rows);
    const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    if (!context) return false;
    for (let top = 0; top < height; top += rows) {
      const high = Math.min(rows, height - top);
      context.drawImage(bitmap, 0, top, width, high, 0, 0, width, high);
      take(context.getImageData(0, 0, width, high).data, top * width);
    }
    return true;
  } finally {
    bitmap.close();
  }
}
