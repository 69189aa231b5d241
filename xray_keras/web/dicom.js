// @ts-check
/**
 * Radiographs from DICOM files, as a viewer would show them; twin of `xray_keras/datasets/dicom.py`. Nothing about the
 * patient leaves this module: of elements only their kind of fault is told.
 */

import { showColour } from "./dicom_colour.js";
import { BrokenDicom, cursor, isKind, readElements } from "./dicom_elements.js";
import { showGray } from "./dicom_gray.js";
import { stored } from "./dicom_pixels.js";
import { number, word } from "./dicom_values.js";
import { MOST } from "./gray_levels.js";
import { inflate } from "./inflate.js";
import { thousands } from "./number_text.js";
import { refuse } from "./read_error.js";
import { BIG, DEFLATED, EXPLICIT, IMPLICIT } from "./transfer_syntaxes.js";

const PREAMBLE = 128; // bytes before the mark of a DICOM file
const UNPACKED = 2 * MOST + 2 ** 24; // bytes: 100 million pixels of 16 bits, and what stands before them
const NEEDED = ["PhotometricInterpretation", "BitsStored", "Rows", "Columns"];
/** What a file without a picture may be; any other word was typed in by somebody, and is not told. */
const MODALITIES = new Set(
  "CR CT DOC DX ECG IO KO MG MR NM OP PR PT REG RTDOSE RTIMAGE RTPLAN RTRECORD RTSTRUCT SEG SM SR US XA".split(
    " ",
  ),
);

/**
 * Whether a file is a DICOM file, perhaps of before there was a preamble.
 *
 * @param {Uint8Array} bytes
 * @returns {boolean}
 */
export function isDicom(bytes) {
  const [first, second, , fourth] = bytes;
  return isMarked(bytes) || ((first === 2 || first === 8) && second === 0 && fourth === 0);
}

/** @param {Uint8Array} bytes */
function isMarked(bytes) {
  return String.fromCharCode(...bytes.subarray(PREAMBLE, PREAMBLE + 4)) === "DICM";
}

/**
 * Read one image: modality rescaling, window, inversion, in the order of DICOM PS3.4, N.2.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes of the file
 * @returns {Promise<import("./orientation.js").Picture>} bone bright
 * @throws {import("./read_error.js").ReadError} damaged, without an image, of several frames, over 100 million pixels,
 *   packed as no browser unpacks; elements that say how to show pixels contradict each other
 */
export async function readDicom(bytes) {
  const { elements, syntax } = await judged("is a damaged DICOM file", async () => {
    const found = await open(bytes);
    check(found.elements);
    return found;
  });
  const pixels = await judged("holds pixels that cannot be read", () => stored(elements, syntax));
  const { rows: height, columns: width } = pixels;
  return judged("says wrongly how to show its pixels", () => {
    const gray = word(elements, "PhotometricInterpretation").startsWith("MONOCHROME");
    return { width, height, ...(gray ? showGray(pixels, elements) : showColour(pixels, elements)) };
  });
}

/**
 * @template T
 * @param {string} fault of the file, where its elements are broken
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
async function judged(fault, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BrokenDicom) refuse(`It ${fault} (${error.message}); export it again`);
    throw error;
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function open(bytes) {
  let from = cursor(bytes, isMarked(bytes) ? PREAMBLE + 4 : 0);
  readElements(from, true, true, { group: 0 }); // of a message; not meant for files
  const syntax = word(readElements(from, false, true, { group: 2 }).elements, "TransferSyntaxUID");
  let implicit = syntax === IMPLICIT;
  let little = syntax !== BIG;
  if (!syntax && bytes.length - from.at >= 6) {
    implicit = !isKind(String.fromCharCode(...bytes.subarray(from.at + 4, from.at + 6)));
    little = implicit || from.view.getUint16(from.at, true) < 1024; // groups of images are small numbers
  }
  if (syntax !== DEFLATED) {
    const { elements } = readElements(from, implicit, little);
    return { elements, syntax: syntax || (implicit ? IMPLICIT : EXPLICIT) };
  }
  const { bytes: unpacked, outcome } = await inflate([bytes.subarray(from.at)], "deflate-raw", UNPACKED);
  if (outcome === "full") refuse("It unfolds to more than any radiograph; export it again");
  from = cursor(unpacked, 0);
  const { elements } = readElements(from, false, true);
  // Behind the packed data there may be a byte that evens their number: it harms nothing.
  const whole = outcome === "ended" || elements.has("PixelData");
  if (!whole) throw new BrokenDicom("its packed elements end early");
  return { elements, syntax };
}

/** @param {import("./dicom_elements.js").Elements} elements */
function check(elements) {
  if (!elements.has("PixelData")) {
    const modality = word(elements, "Modality");
    const kind = MODALITIES.has(modality) ? ` (modality ${modality})` : "";
    refuse(`It holds no image${kind}; choose the file with the radiograph`);
  }
  const frames = number(elements, "NumberOfFrames") ?? 1;
  if (!Number.isInteger(frames) || frames < 0) throw new BrokenDicom("its number of frames");
  if (frames > 1) refuse(`It holds ${thousands(frames)} frames; export the one to look at`);
  const value = { PhotometricInterpretation: word(elements, NEEDED[0]) };
  for (const name of NEEDED.slice(1)) value[name] = number(elements, name);
  const missing = NEEDED.find((name) => !value[name]);
  if (missing) refuse(`It does not say how to show its pixels (no ${missing}); export it again`);
  if (value.Rows * value.Columns > MOST) {
    refuse(`It has more than ${thousands(MOST)} pixels, more than any radiograph; export it again`);
  }
}
