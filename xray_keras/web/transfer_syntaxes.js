// @ts-check
/** How the pixels of DICOM files are packed, PS3.6, table A-1. */

const ROOT = "1.2.840.10008.1.2";

export const IMPLICIT = ROOT;
export const EXPLICIT = `${ROOT}.1`;
export const DEFLATED = `${ROOT}.1.99`;
export const BIG = `${ROOT}.2`;
export const RLE = `${ROOT}.5`;
export const BASELINE = `${ROOT}.4.50`;
export const EXTENDED = `${ROOT}.4.51`;

/** By the last number behind "….4.": what no browser unpacks. */
const UNREAD = /** @type {[number, number, string][]} */ ([
  [52, 56, "JPEG, a retired kind"],
  [57, 70, "JPEG Lossless"],
  [80, 81, "JPEG-LS"],
  [90, 93, "JPEG 2000"],
  [94, 95, "JPIP"],
  [100, 108, "video"],
  [110, 112, "JPEG XL"],
  [201, 203, "High-Throughput JPEG 2000"],
]);

/**
 * @param {string} syntax
 * @returns {string | null} name of a packing that no browser unpacks; null of others and of unknown ones
 */
export function unread(syntax) {
  const last = syntax.startsWith(`${ROOT}.4.`) ? Number(syntax.slice(ROOT.length + 3).split(".")[0]) : NaN;
  return UNREAD.find(([first, final]) => first <= last && last <= final)?.[2] ?? null;
}
