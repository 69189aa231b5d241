// @ts-check
/**
 * One picture that the user gave, and what is known of it so far.
 *
 * @typedef {"waiting" | "examining" | "accepted" | "refused" | "ungated" | "failed"} State
 * @typedef {{pixels: Uint8Array<ArrayBuffer>, width: number, height: number}} Gray
 * @typedef {{side: number, map: Uint8Array}} Level of red over the part that the models see
 */
export class Picture {
  /** @type {State} */
  state = "waiting";
  /** Gray bytes, as a Blob: the browser may keep them on disk, so that many pictures need little memory. */
  shown = /** @type {{blob: Blob, width: number, height: number, source: number[]} | null} */ (null);
  thumbnail = /** @type {Gray | null} */ (null);
  notes = /** @type {string[]} */ ([]);
  gate = /** @type {{distance: number | null, threshold: number | null, error: Level | null} | null} */ (
    null
  );
  scores = /** @type {{raw: Float32Array, scores: Float64Array, calibrated: boolean[]} | null} */ (null);
  /** Explanations computed so far, by method and finding: "saliency 3". */
  maps = /** @type {Map<string, Level>} */ (new Map());
  sentence = "";

  /** @param {number} id @param {string} name @param {number} chosen when, by the page's clock */
  constructor(id, name, chosen) {
    this.id = id;
    this.name = name;
    this.chosen = chosen;
  }

  /** @param {any} message of `messages.js`, about this picture */
  hear(message) {
    if (message.type === "picture") {
      const { pixels, width, height, source, thumbnail, notes } = message;
      this.state = "examining";
      this.shown = { blob: new Blob([pixels]), width, height, source };
      Object.assign(this, { thumbnail, notes });
    } else if (message.type === "gate") {
      this.state = message.distance === null ? "ungated" : message.refused ? "refused" : "accepted";
      this.gate = message;
    } else if (message.type === "scores") this.scores = message;
    else if (message.type === "explained") this.maps.set(`${message.method} ${message.finding}`, message);
    else if (message.type === "failed") {
      Object.assign(this, { state: "failed", sentence: `${message.sentence}.`, gate: null, scores: null });
    }
  }

  /** Whether it is examined as far as it will be without being asked. */
  get settled() {
    return this.state === "failed" || this.state === "refused" || this.scores !== null;
  }

  /**
   * What can be laid over it, without computing anything anew.
   *
   * @param {boolean} cam whether the classifier gives class activation maps
   * @returns {string[]}
   */
  overlays(cam) {
    return [
      "none",
      ...(this.scores ? ["saliency", ...(cam ? ["cam"] : [])] : []),
      ...(this.gate?.error ? ["error"] : []),
    ];
  }

  /** @returns {string[]} how large it is and how it was read */
  get facts() {
    return this.shown ? [this.shown.source.join(" × "), ...this.notes] : [];
  }

  /** @returns {string} in place of the picture while there is none */
  get hint() {
    return this.state === "failed" ? this.sentence : "Reading …";
  }

  /** @param {readonly string[]} labels @returns {string} in a few words, for the list */
  summary(labels) {
    if (this.state === "failed") return this.sentence;
    if (this.state === "refused") return "Refused: unlike the training radiographs";
    if (!this.scores) return this.state === "waiting" ? "Waiting" : "Examining …";
    const best = this.scores.scores.reduce((top, p, k, all) => (p > all[top] ? k : top), 0);
    const highest = `highest: ${plain(labels[best])} ${this.scores.scores[best].toFixed(2)}`;
    return this.state === "accepted" ? `Accepted; ${highest}` : `Not gated; ${highest}`;
  }
}

/** @param {string} label @returns {string} for people */
export function plain(label) {
  return label.replaceAll("_", " ");
}
