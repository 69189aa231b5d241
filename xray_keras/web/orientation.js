// @ts-check
/** Which way up a photograph is, by what its camera wrote: EXIF, or XMP where that is silent. */

const ORIENTATION = 0x0112;
const SIZES = { 3: 2, 4: 4, 8: 2, 9: 4 }; // bytes of whole numbers, by EXIF's type

/**
 * @param {Uint8Array | null} exif a TIFF directory, "II*" or "MM*"; null where there is none
 * @param {Uint8Array | null} xmp
 * @returns {number} 1–8, or another number where nothing is said
 */
export function orientation(exif, xmp) {
  const found = exif && inDirectory(exif);
  if (found !== null || !xmp) return found ?? 0;
  const text = new TextDecoder("latin1").decode(xmp);
  return Number(text.match(/tiff:Orientation(?:="|>)([0-9])/)?.[1] ?? 0);
}

/** @returns {number | null} null where the directory is whole and silent; 0 where it is damaged */
function inDirectory(exif) {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const little = exif[0] === 0x49;
  if (exif.length < 8 || exif[1] !== exif[0] || ![0x49, 0x4d].includes(exif[0])) return 0;
  if (view.getUint16(2, little) !== 42) return 0;
  const start = view.getUint32(4, little);
  if (start + 2 > exif.length) return null;
  let found = null;
  for (let k = 0; k < view.getUint16(start, little); k++) {
    const at = start + 2 + 12 * k;
    if (at + 12 > exif.length) break;
    const size = SIZES[view.getUint16(at + 2, little)];
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    if (!size || view.getUint32(at + 4, little) !== 1) found = 0;
    else found = size === 2 ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
  }
  return found;
}

/**
 * @typedef {{pixels: Uint8Array<ArrayBuffer>, width: number, height: number, notes: string[]}} Picture
 * @param {Picture} picture
 * @param {number} turn EXIF's orientation
 * @returns {Picture} upright
 */
export function upright(picture, turn) {
  const { pixels, width, height, notes } = picture;
  const last = pixels.length - 1;
  // Of the upright picture: place of its first pixel, steps to the next column and to the next row.
  const steps = {
    2: [width - 1, -1, width],
    3: [last, -1, -width],
    4: [last - width + 1, 1, -width],
    5: [0, width, 1],
    6: [last - width + 1, -width, 1],
    7: [last, -width, -1],
    8: [width - 1, width, -1],
  }[turn];
  if (!steps) return picture;
  const [start, across, down] = steps;
  const [wide, high] = turn >= 5 ? [height, width] : [width, height];
  const found = new Uint8Array(pixels.length);
  for (let y = 0, to = 0; y < high; y++) {
    for (let x = 0, from = start + y * down; x < wide; x++, from += across) found[to++] = pixels[from];
  }
  return { pixels: found, width: wide, height: high, notes: [...notes, "turned as its EXIF data say"] };
}
