// @ts-check
import { ALL } from "./messages.js";
import { plain } from "./picture.js";

/**
 * The findings as bars, the most probable first, each a choice of what is explained; one half is the operating point.
 *
 * A row has the hooks `data-finding`, `data-score` (as shown, all digits) and `data-raw` (the model's output).
 */
export class Findings {
  #rows;

  /**
   * @param {HTMLElement} element filled with one row a label, and one for all of them
   * @param {readonly string[]} labels
   * @param {(finding: number) => void} chosen
   */
  constructor(element, labels, chosen) {
    this.element = element;
    this.#rows = new Map(
      [ALL, ...labels.keys()].map((k) => [k, row(k, k === ALL ? "All findings" : labels[k])]),
    );
    element.replaceChildren(...this.#rows.values());
    element.addEventListener("change", (event) => chosen(Number(/** @type {any} */ (event.target).value)));
  }

  /** @param {{raw: Float32Array, scores: Float64Array, calibrated: boolean[]}} found in the order of the labels */
  show({ raw, scores, calibrated }) {
    const focused = document.activeElement;
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
    for (const k of order) {
      const element = this.#row(k);
      const [p, known] = [scores[k], calibrated[k]];
      Object.assign(element.dataset, { score: p, raw: raw[k] });
      element.dataset.kind = !known ? "raw" : p > 0.5 ? "above" : "below";
      part(element, ".bar").style.setProperty("--score", String(p));
      part(element, ".score").textContent = p.toFixed(2);
      part(element, ".meaning").textContent = !known
        ? "raw output"
        : `${p > 0.5 ? "above" : "not above"} the operating point`;
      this.element.append(element);
    }
    if (this.element.contains(focused)) /** @type {HTMLElement} */ (focused).focus();
  }

  /** @param {number} finding */
  select(finding) {
    /** @type {HTMLInputElement} */ (part(this.#row(finding), "input")).checked = true;
  }

  #row(finding) {
    return /** @type {HTMLElement} */ (this.#rows.get(finding));
  }
}

/** @returns {HTMLElement} */
function part(element, selector) {
  return element.querySelector(selector);
}

function row(finding, label) {
  const element = document.createElement("label");
  element.className = "finding";
  element.dataset.finding = finding === ALL ? "all" : label;
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "finding", value: String(finding), checked: finding === ALL });
  const name = Object.assign(document.createElement("span"), {
    className: "name",
    textContent: plain(label),
  });
  element.append(input, name);
  if (finding === ALL) return element;
  const [bar, score, meaning] = ["bar", "score", "meaning visually-hidden"].map((kind) =>
    Object.assign(document.createElement("span"), { className: kind }),
  );
  element.append(bar, score, meaning);
  return element;
}
