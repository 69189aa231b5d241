// @ts-check
/** Maps over a picture as levels of red, uint8: transparent at 0, full at 255. As Figures 4 and 8 are drawn. */

/** Gray levels of reconstruction error that are full red (`xray_keras.datasets.overlays.FULL`). */
export const FULL_ERROR = 64;

/** Percentile of an explanation from which on it is full red: single pixels would hide the rest of a gradient. */
export const FULL_PERCENTILE = 99.5;

/**
 * |image − reconstruction| in levels of red.
 *
 * @param {Uint8Array | Float32Array} image 0–255
 * @param {Float32Array} reconstruction of as many values, 0–255
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function errorLevels(image, reconstruction) {
  const found = new Uint8Array(image.length);
  for (let k = 0; k < image.length; k++) {
    found[k] = Math.round(255 * Math.min(1, Math.abs(image[k] - reconstruction[k]) / FULL_ERROR));
  }
  return found;
}

/**
 * A map of either sign in levels of red: 0 at its minimum, 255 from its 99.5th percentile on.
 *
 * @param {Float32Array} values
 * @returns {Uint8Array<ArrayBuffer>} zeros where the map is flat
 */
export function levels(values) {
  const sorted = Float32Array.from(values).sort();
  const low = sorted[0];
  const place = (FULL_PERCENTILE / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const high = below + (place - Math.floor(place)) * (sorted[Math.ceil(place)] - below);
  const found = new Uint8Array(values.length);
  if (!(high > low)) return found;
  for (let k = 0; k < values.length; k++) {
    found[k] = Math.round(255 * Math.min(1, (values[k] - low) / (high - low)));
  }
  return found;
}

/**
 * The class activation map of one finding, or of the sum of all, upsampled to the size of the model's input: bilinear,
 * pixel centres aligned, edges repeated, as `tf.image.resize`.
 *
 * @param {Float32Array} maps (labels, height, width), Equation 4
 * @param {number[]} shape its three sizes
 * @param {number} finding place of the label, or a negative number for the sum
 * @param {number} size side of the result
 * @returns {Float32Array} (size, size)
 */
export function activation(maps, [labels, height, width], finding, size) {
  const small = new Float32Array(height * width);
  for (let label = 0; label < labels; label++) {
    if (finding >= 0 && label !== finding) continue;
    for (let k = 0; k < small.length; k++) small[k] += maps[label * small.length + k];
  }
  const rows = neighbours(height, size);
  const columns = neighbours(width, size);
  const found = new Float32Array(size * size);
  rows.forEach(([top, bottom, down], y) => {
    columns.forEach(([left, right, across], x) => {
      const above = small[top * width + left] * (1 - across) + small[top * width + right] * across;
      const below = small[bottom * width + left] * (1 - across) + small[bottom * width + right] * across;
      found[y * size + x] = above * (1 - down) + below * down;
    });
  });
  return found;
}

/** Of each of `size` places among `count` pixels: the pixel before, the one after, and the weight of the latter. */
function neighbours(count, size) {
  return Array.from({ length: size }, (_, k) => {
    const place = Math.min(count - 1, Math.max(0, ((k + 0.5) * count) / size - 0.5));
    const before = Math.floor(place);
    return [before, Math.min(count - 1, before + 1), place - before];
  });
}
