// @ts-check
import { grayImage } from "./list.js";

const SHORTEST = 640; // canvas pixels of the shorter side, so that maps over small pictures are not coarse
const DIM = 0.55; // of margins, which no model sees
const RED = [255, 32, 32];

/** The picture on view, with the part that the models see, and one map over it in red. */
export class Viewer {
  #canvas;
  #context;
  #picture = /** @type {ImageBitmap | null} */ (null);
  #map = /** @type {OffscreenCanvas | null} */ (null);
  #shown = /** @type {object | null} */ (null);
  #level = /** @type {object | null} */ (null);
  #opacity = 1;
  #asked = false;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  }

  /**
   * @param {{blob: Blob, width: number, height: number} | null} shown a gray picture; null for none. The same
   *   one is not read again.
   */
  async show(shown) {
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#canvas.hidden = !shown;
    this.#picture?.close();
    this.#picture = null;
    if (!shown) return;
    const { blob, width, height } = shown;
    const pixels = new Uint8Array(await blob.arrayBuffer());
    if (shown !== this.#shown) return;
    const bitmap = await createImageBitmap(grayImage(pixels, width, height));
    if (shown !== this.#shown) return bitmap.close();
    const scale = Math.max(1, SHORTEST / Math.min(width, height));
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    this.#picture = bitmap;
    this.#ask();
  }

  /** @param {{side: number, map: Uint8Array} | null} level of red; null for none */
  overlay(level) {
    if (level === this.#level) return;
    this.#level = level;
    this.#map = level && redImage(level);
    this.#ask();
  }

  /** @param {number} opacity of full red, 0–1 */
  set opacity(opacity) {
    this.#opacity = opacity;
    this.#ask();
  }

  /** @param {string} text says what is to be seen */
  set description(text) {
    this.#canvas.setAttribute("aria-label", text);
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#paint();
    });
  }

  #paint() {
    const { width, height } = this.#canvas;
    const context = this.#context;
    if (!this.#picture) return;
    context.globalAlpha = 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#picture, 0, 0, width, height);
    const side = Math.min(width, height);
    const [left, top] = [(width - side) / 2, (height - side) / 2];
    context.fillStyle = `rgb(0 0 0 / ${DIM})`;
    context.fillRect(0, 0, left || width, top || (left ? height : 0));
    context.fillRect(left ? left + side : 0, top ? top + side : 0, left || width, top || (left ? height : 0));
    if (!this.#map) return;
    context.globalAlpha = this.#opacity;
    context.drawImage(this.#map, left, top, side, side);
  }
}

/** Levels of red as a picture, transparent where they are 0. */
function redImage({ side, map }) {
  const canvas = new OffscreenCanvas(side, side);
  const image = new ImageData(side, side);
  for (let k = 0; k < map.length; k++) {
    [image.data[4 * k], image.data[4 * k + 1], image.data[4 * k + 2]] = RED;
    image.data[4 * k + 3] = map[k];
  }
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
  return canvas;
}
