// @ts-check
/** The list of pictures: a thumbnail, a name and a few words each; the words of a broken file are its remedy. */
export class List {
  #rows = new Map();

  /**
   * @param {HTMLElement} element an ordered list
   * @param {readonly string[]} labels
   * @param {(id: number) => void} chosen
   */
  constructor(element, labels, chosen) {
    this.element = element;
    this.labels = labels;
    this.chosen = chosen;
  }

  /** @param {import("./picture.js").Picture} picture added, or changed */
  update(picture) {
    const row = this.#rows.get(picture.id) ?? this.#add(picture);
    row.dataset.state = picture.state;
    row.querySelector(".words").textContent = picture.summary(this.labels);
    if (picture.thumbnail && row.dataset.drawn !== "yes") {
      row.dataset.drawn = "yes";
      draw(row.querySelector("canvas"), picture.thumbnail);
    }
  }

  /** @param {number} id of the picture on view */
  select(id) {
    for (const [each, row] of this.#rows) {
      if (each === id) row.firstElementChild.setAttribute("aria-current", "true");
      else row.firstElementChild.removeAttribute("aria-current");
    }
  }

  clear() {
    this.#rows.clear();
    this.element.replaceChildren();
  }

  #add(picture) {
    const row = document.createElement("li");
    row.dataset.id = String(picture.id);
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => this.chosen(picture.id));
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 1, height: 1, className: "thumbnail" });
    canvas.setAttribute("aria-hidden", "true");
    const [text, name, words] = ["text", "name", "words"].map((kind) =>
      Object.assign(document.createElement("span"), { className: kind }),
    );
    name.textContent = picture.name;
    name.title = picture.name;
    text.append(name, words);
    button.append(canvas, text);
    row.append(button);
    this.element.append(row);
    this.#rows.set(picture.id, row);
    return row;
  }
}

/** @param {HTMLCanvasElement} canvas @param {import("./picture.js").Gray} gray */
function draw(canvas, { pixels, width, height }) {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.putImageData(grayImage(pixels, width, height), 0, 0);
}

/**
 * @param {Uint8Array} pixels gray, height × width
 * @param {number} width
 * @param {number} height
 * @returns {ImageData}
 */
export function grayImage(pixels, width, height) {
  const image = new ImageData(width, height);
  const colours = new Uint32Array(image.data.buffer);
  // Equal bytes of red, green and blue, and alpha: the word is the same in either byte order but for alpha's place.
  const alpha = new Uint32Array(Uint8Array.of(0, 0, 0, 255).buffer)[0];
  const unit = new Uint32Array(Uint8Array.of(1, 1, 1, 0).buffer)[0];
  for (let k = 0; k < pixels.length; k++) colours[k] = pixels[k] * unit + alpha;
  return image;
}
