// @ts-check
/** Pixels of DICOM files in colour → luminance. */

import { BrokenDicom } from "./dicom_elements.js";
import { valueOf } from "./dicom_pixels.js";
import { entries, numbers } from "./dicom_values.js";
import { LUMINANCE, TAKEN, toByte } from "./gray_levels.js";

const { fround } = Math;
// YBR_FULL to RGB, PS3.3, C.7.6.3.1.2, in single precision as pydicom computes
const RED = fround(1.402);
const GREEN = [fround((-0.114 * 1.772) / 0.587), fround((-0.299 * 1.402) / 0.587)];
const BLUE = fround(1.772);

/**
 * @param {import("./dicom_pixels.js").Stored} pixels
 * @param {import("./dicom_elements.js").Elements} elements
 * @returns {{pixels: Uint8Array<ArrayBuffer>, notes: string[]}} 0–255; and what was done
 * @throws {BrokenDicom}
 */
export function showColour(pixels, elements) {
  const { meaning, samples, allocated, signed, bits } = pixels;
  if (meaning === "PALETTE COLOR") return { pixels: fromPalette(pixels, elements), notes: [TAKEN] };
  if (samples !== 3) throw new BrokenDicom("colour of one channel");
  const split = meaning === "YBR_FULL";
  if (split && (allocated !== 8 || signed)) throw new BrokenDicom("colour differences not of 8 bits");
  const { raw } = pixels;
  const value = valueOf(pixels);
  const top = 2 ** bits - 1;
  const found = new Uint8Array(raw.length / 3);
  for (let k = 0, at = 0; k < found.length; k++, at += 3) {
    const colour = [value(raw[at]), value(raw[at + 1]), value(raw[at + 2])];
    found[k] = toByte(light(split ? toRgb(colour) : colour) / top);
  }
  return { pixels: found, notes: [TAKEN] };
}

/** @param {number[]} colour red, green, blue */
function light([red, green, blue]) {
  return red * LUMINANCE[0] + green * LUMINANCE[1] + blue * LUMINANCE[2];
}

/** @param {number[]} colour luminance and two differences, 0–255 */
function toRgb([y, b, r]) {
  const sums = [
    fround(y + fround((r - 128) * RED)),
    fround(fround(y + fround((b - 128) * GREEN[0])) + fround((r - 128) * GREEN[1])),
    fround(y + fround((b - 128) * BLUE)),
  ];
  return sums.map((sum) => Math.min(255, Math.max(0, Math.floor(fround(sum + 0.5)))));
}

/** PS3.3, C.7.6.3.1.5: values beyond the table take its ends. */
function fromPalette(pixels, elements) {
  const { raw, samples, signed } = pixels;
  const [count, first] = numbers(elements, "RedPaletteColorLookupTableDescriptor", signed) ?? [];
  const tables = ["Red", "Green", "Blue"].map((name) => elements.get(`${name}PaletteColorLookupTableData`));
  const complete = first !== undefined && tables.every((table) => table);
  if (!complete || samples !== 1) throw new BrokenDicom("no usable palette");
  const length = (count < 0 ? count + 65536 : count) || 65536;
  const size = (tables[0]?.value.length ?? 0) / length;
  if (size !== 1 && size !== 2) throw new BrokenDicom("palette of another length");
  const [red, green, blue] = tables.map((table) => entries(/** @type {any} */ (table), size === 2));
  const alike = red.length === green.length && red.length === blue.length;
  if (!alike) throw new BrokenDicom("palettes of unlike lengths");
  const top = size === 2 ? 65535 : 255;
  const shades = Uint8Array.from(red, (_, k) => toByte(light([red[k], green[k], blue[k]]) / top));
  const value = valueOf(pixels);
  return Uint8Array.from(raw, (word) => shades[Math.min(length - 1, Math.max(0, value(word) - first))]);
}
