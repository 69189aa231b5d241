// @ts-check
/** A picture from anywhere, read as a radiograph; twin of `read` in `xray_keras/datasets/radiograph.py`. */

import { isDicom, readDicom } from "./dicom.js";
import { readJpeg } from "./jpeg.js";
import { readPng } from "./png.js";
import { ReadError, refuse } from "./read_error.js";

export { ReadError };

const LONGEST = 4; // of sides to each other: no radiograph of a chest is so narrow
const SMALLEST = 8; // pixels
const FEWEST = 8; // gray levels from the darkest to the lightest; masks and label maps have fewer
const LARGEST = 2 ** 30; // bytes: 100 million pixels of 32 bits, and room for what stands beside them
/** Kinds that are known, but not read here. */
const OTHERS = /** @type {[string, string][]} */ ([
  ["II*\0", "TIFF file"],
  ["MM\0*", "TIFF file"],
  ["II+\0", "TIFF file"],
  ["MM\0+", "TIFF file"],
  ["\x93NUMPY", "NumPy array"],
  ["GIF8", "GIF"],
  ["BM", "BMP"],
  ["%PDF", "PDF document"],
  ["PK\x03\x04", "ZIP archive"],
  ["\0\0\0\fjP  ", "JPEG 2000 file"],
]);

/**
 * Read a picture; its kind is told by its content, not by its name: PNG and JPEG (colour becomes luminance, and EXIF's
 * orientation is followed) and DICOM.
 *
 * @param {Blob} file
 * @returns {Promise<import("./orientation.js").Picture>} gray, 0–255, bone bright as far as the file tells; and what
 *   was done to it, in the words that Python uses
 * @throws {ReadError} none of these kinds, damaged; sides beyond 4 : 1, under 8 or over 100 million pixels; within 8
 *   gray levels
 */
export async function read(file) {
  try {
    const picture = await readAny(await content(file));
    checkPicture(picture);
    return picture;
  } catch (error) {
    if (error instanceof ReadError) throw error;
    // Errors of the engine may quote what the file says, so nothing of them is told.
    const cause = error instanceof RangeError ? ", or needs more memory than the browser has" : "";
    return refuse(`It is damaged${cause}; save it again as PNG`);
  }
}

/** @param {Blob} file */
async function content(file) {
  if (file.size > LARGEST) refuse("It is larger than 1 GB, more than any radiograph; replace it");
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return refuse("It cannot be read; check that it is still there and choose it again");
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function readAny(bytes) {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  if (isDicom(bytes)) return readDicom(bytes);
  if (head.startsWith("\x89PNG")) return readPng(bytes);
  if (head.startsWith("\xff\xd8")) return readJpeg(bytes);
  if (!head) return refuse("It is empty; choose a PNG, JPEG or DICOM file");
  const other = OTHERS.find(([start]) => head.startsWith(start))?.[1];
  const what = other ? `It is a ${other}, not PNG, JPEG or DICOM` : "It is neither PNG, JPEG nor DICOM";
  return refuse(`${what}; choose a picture of one of these kinds`);
}

/** @param {import("./orientation.js").Picture} picture */
function checkPicture({ pixels, width, height }) {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short < SMALLEST) {
    refuse(`It has ${width} × ${height} pixels; give a picture of at least ${SMALLEST} a side`);
  }
  if (long > LONGEST * short) {
    refuse(`It has ${width} × ${height} pixels, too narrow for a chest; crop it to the image`);
  }
  let [darkest, lightest] = [255, 0];
  for (let k = 0; k < pixels.length; k++) {
    if (pixels[k] < darkest) darkest = pixels[k];
    if (pixels[k] > lightest) lightest = pixels[k];
  }
  if (lightest - darkest < FEWEST) {
    const range = `It shows gray levels from ${darkest} to ${lightest} of 255 only`;
    refuse(`${range}; give the radiograph itself, no mask, in its full range`);
  }
}
