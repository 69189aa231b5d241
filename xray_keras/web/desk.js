// @ts-check
import { Client } from "./client.js";
import { Findings } from "./findings.js";
import { List } from "./list.js";
import { ALL, TIMES } from "./messages.js";
import { explains, Overlays } from "./overlays.js";
import { Picture } from "./picture.js";
import { showVerdict } from "./verdict.js";
import { Viewer } from "./viewer.js";

/** The pictures under examination, the one on view, and everything that shows it. */
export class Desk {
  #pictures = /** @type {Map<number, Picture>} */ (new Map());
  #current = /** @type {Picture | null} */ (null);
  #finding = ALL;
  #given = 0;
  #asked = ""; // picture, method and finding of the explanation that is under way

  /**
   * @param {import("./messages.js").Description} description
   * @param {number} threads
   * @param {Record<string, (message: any) => void>} told handlers of messages that concern no picture, by type
   */
  constructor(description, threads, told) {
    this.description = description;
    this.labels = description.classifier.labels;
    this.client = new Client(description, threads, (message) => {
      if (told[message.type]) told[message.type](message);
      else this.#hear(message);
    });
    this.list = new List(byId("list"), this.labels, (id) => this.#view(id));
    this.viewer = new Viewer(/** @type {HTMLCanvasElement} */ (byId("canvas")));
    this.findings = new Findings(byId("rows"), this.labels, (finding) => {
      this.#finding = finding;
      this.overlays.explain();
      this.#show();
    });
    this.overlays = new Overlays(byId("overlays"), description.classifier.cam, () => this.#show());
    byId("despite").addEventListener("click", () => this.#despite());
    byId("clear").addEventListener("click", () => this.#clear());
    for (const form of document.forms) form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Let the classifier run once, if there is nothing to do. */
  warm() {
    this.client.warm();
  }

  /** @param {import("./sources.js").Source[]} sources to be examined, each in its turn; the first is put on view */
  add(sources) {
    const first = this.#given;
    for (const { name, file } of sources) {
      const picture = new Picture(this.#given++, name, performance.now());
      this.#pictures.set(picture.id, picture);
      this.list.update(picture);
      const sentence = "It could not be fetched; check the connection and try again";
      if (file) this.client.examine(picture.id, file);
      else this.#hear({ type: "failed", id: picture.id, sentence });
    }
    if (this.#given > first) this.#view(first);
  }

  #hear(message) {
    const picture = this.#pictures.get(message.id);
    if (!picture) return;
    const settled = picture.settled;
    picture.hear(message);
    this.list.update(picture);
    if (picture === this.#current) this.#show();
    if (!settled && picture.settled) this.#finish(picture);
  }

  /** The measure ends after the next frame, when the result can be seen. */
  #finish(picture) {
    const waiting = [...this.#pictures.values()].filter((each) => !each.settled).length;
    const more = waiting ? `; ${waiting} more to examine` : "";
    byId("said").textContent = `${picture.name}: ${picture.summary(this.labels)}${more}.`;
    requestAnimationFrame(() => {
      performance.measure(TIMES.examine, { start: picture.chosen, detail: { id: picture.id } });
    });
  }

  #view(id) {
    this.#current = this.#pictures.get(id) ?? null;
    this.list.select(id);
    this.#show();
    // On a small screen the picture may be below the list.
    byId("screen").scrollIntoView({ block: "nearest" });
  }

  #despite() {
    const picture = this.#current;
    if (!picture) return;
    this.client.classify(picture.id);
    byId("despite").hidden = true;
    byId("results").focus();
  }

  #clear() {
    for (const id of this.#pictures.keys()) this.client.forget(id);
    this.#pictures.clear();
    this.list.clear();
    this.#current = null;
    this.#show();
    byId("choose").focus();
  }

  #show() {
    const picture = this.#current;
    byId("list").parentElement?.toggleAttribute("hidden", !this.#pictures.size);
    byId("hint").hidden = Boolean(picture?.shown);
    byId("hint").textContent = picture
      ? picture.hint
      : "Choose a chest radiograph, drop one here, or begin with a sample.";
    byId("overlays").hidden = !picture?.gate;
    this.viewer.show(picture?.shown ?? null);
    byId("caption").textContent = picture ? [picture.name, ...picture.facts].join(" · ") : "";
    showVerdict(byId("verdict"), picture);
    byId("despite").hidden = picture?.state !== "refused" || picture.scores !== null;
    byId("findings").hidden = !picture?.scores;
    if (!picture) return;
    byId("raw").hidden = !picture.scores?.calibrated.includes(false);
    if (picture.scores) this.findings.show(picture.scores);
    this.findings.select(this.#finding);
    this.#overlay(picture);
  }

  #overlay(picture) {
    const chosen = this.overlays.offer(picture);
    const level = this.#level(picture, chosen);
    this.viewer.overlay(level);
    this.viewer.opacity = this.overlays.opacity;
    const words = this.overlays.words(chosen, this.#finding, this.labels);
    this.viewer.description = `${picture.name}; ${words}`;
    byId("busy").hidden = chosen === "none" || level !== null;
    const [wide, high] = picture.shown?.source ?? [];
    const margins = wide === high ? "" : " The models do not see the dimmed margins.";
    byId("meaning").textContent = this.overlays.meaning(chosen, this.#finding, this.labels) + margins;
    Object.assign(byId("view").dataset, {
      overlay: chosen,
      explained:
        explains(chosen) && level ? (this.#finding === ALL ? "all" : this.labels[this.#finding]) : "",
    });
  }

  /** The map to lay over the picture; an explanation that is not there is asked for. */
  #level(picture, chosen) {
    if (chosen === "none") return null;
    if (chosen === "error") return picture.gate.error;
    const key = `${chosen} ${this.#finding}`;
    const found = picture.maps.get(key) ?? null;
    const asked = found ? "" : `${picture.id} ${key}`;
    if (asked && asked !== this.#asked) this.client.explain(picture.id, this.#finding, chosen);
    this.#asked = asked;
    return found;
  }
}

/** @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
