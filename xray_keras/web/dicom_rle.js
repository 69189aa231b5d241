// @ts-check
/** Pixels packed by run lengths, PS3.5, annex G: each byte of each sample is a segment of its own, the highest first. */

import { BrokenDicom } from "./dicom_elements.js";

const HEADER = 64; // bytes: number of segments, and where up to 15 of them start
const MOST = 15;

/**
 * @param {Uint8Array} bytes of one frame
 * @param {import("./dicom_pixels.js").Layout} layout
 * @returns {import("./dicom_pixels.js").Words} (rows, columns, samples)
 * @throws {BrokenDicom}
 */
export function unpackRle(bytes, { rows, columns, samples, allocated }) {
  const size = allocated / 8;
  if (bytes.length < HEADER || size < 1) throw new BrokenDicom("damaged run lengths");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count > MOST || count !== samples * size) throw new BrokenDicom("another number of segments");
  const starts = Array.from({ length: count }, (_, k) => view.getUint32(4 + 4 * k, true));
  const pixels = rows * columns;
  const plane = new Uint8Array(pixels);
  const found = new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[size](pixels * samples);
  for (let segment = 0; segment < count; segment++) {
    unpack(bytes.subarray(starts[segment], starts[segment + 1] ?? bytes.length), plane);
    const sample = Math.floor(segment / size);
    const shift = 8 * (size - 1 - (segment % size));
    for (let k = 0; k < pixels; k++) found[k * samples + sample] |= plane[k] << shift;
  }
  return found;
}

/** Fill a plane; what would go beyond it is left out. */
function unpack(segment, plane) {
  let to = 0;
  for (let from = 0; from < segment.length && to < plane.length;) {
    const head = segment[from++];
    if (head === 128) continue;
    if (head < 128) {
      const run = segment.subarray(from, from + Math.min(head + 1, plane.length - to));
      plane.set(run, to);
      from += head + 1;
      to += run.length;
    } else if (from < segment.length) {
      plane.fill(segment[from++], to, to + 257 - head);
      to += 257 - head;
    }
  }
  if (to < plane.length) throw new BrokenDicom("run lengths end early");
}
