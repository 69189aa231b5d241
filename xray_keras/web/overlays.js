// @ts-check
import { FULL_ERROR } from "./maps.js";
import { ALL } from "./messages.js";
import { plain } from "./picture.js";

const WORDS = {
  none: "no overlay",
  saliency: "saliency",
  cam: "class activation map",
  error: "reconstruction error",
};
const MEANINGS = {
  none: "",
  saliency: "Red where a brighter pixel raises the score of",
  cam: "Red where the last layer sees more than elsewhere that speaks for",
  error: `Red where the gate cannot redraw the picture: full from ${FULL_ERROR} of 255 gray levels on`,
};

/**
 * What lies over the picture: the choice is kept from one picture to the next, separately for those with scores and
 * those without, where only the gate's error is left to be seen.
 */
export class Overlays {
  #scored = "saliency";
  #unscored = "error";

  /**
   * @param {HTMLElement} element with the radio buttons `overlay`, and the slider
   * @param {boolean} cam whether the classifier gives class activation maps
   * @param {() => void} changed
   */
  constructor(element, cam, changed) {
    this.element = element;
    this.cam = cam;
    this.buttons = /** @type {HTMLInputElement[]} */ ([...element.querySelectorAll("[name=overlay]")]);
    this.slider = /** @type {HTMLInputElement} */ (element.querySelector("[type=range]"));
    this.changed = changed;
    for (const button of this.buttons) {
      if (button.value === "cam") /** @type {HTMLElement} */ (button.parentElement).hidden = !cam;
      button.addEventListener("change", () => {
        if (this.scored) this.#scored = button.value;
        else this.#unscored = button.value;
        changed();
      });
    }
    this.slider.addEventListener("input", changed);
    this.scored = true;
  }

  /** @returns {number} 0–1 */
  get opacity() {
    return Number(this.slider.value) / 100;
  }

  /** A finding was chosen to be explained: show an explanation, if none is. */
  explain() {
    if (!explains(this.#scored)) this.#scored = "saliency";
  }

  /**
   * Offer what the picture has.
   *
   * @param {import("./picture.js").Picture} picture
   * @returns {string} what lies over it: "none", "saliency", "cam" or "error"
   */
  offer(picture) {
    const offered = picture.overlays(this.cam);
    this.scored = picture.scores !== null;
    const wanted = this.scored ? this.#scored : this.#unscored;
    const chosen = offered.includes(wanted) ? wanted : "none";
    for (const button of this.buttons) {
      button.disabled = !offered.includes(button.value);
      button.checked = button.value === chosen;
    }
    this.slider.disabled = chosen === "none";
    return chosen;
  }

  /** @returns {string} the overlay in words, for those who cannot see it */
  words(chosen, finding, labels) {
    const what = explains(chosen) ? `${WORDS[chosen]} of ${title(finding, labels)}` : WORDS[chosen];
    return chosen === "none" ? what : `${what} in red, opacity ${this.slider.value} %`;
  }

  /** @returns {string} a sentence on what its red means */
  meaning(chosen, finding, labels) {
    const what = explains(chosen) ? `${MEANINGS[chosen]} ${title(finding, labels)}` : MEANINGS[chosen];
    return what && `${what}.`;
  }
}

/** @param {string} chosen @returns {boolean} whether that overlay explains findings */
export function explains(chosen) {
  return chosen === "saliency" || chosen === "cam";
}

function title(finding, labels) {
  return finding === ALL ? "all findings" : plain(labels[finding]);
}
