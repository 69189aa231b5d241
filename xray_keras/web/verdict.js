// @ts-check
/** What the gate says of a picture, in words and on a scale. */

const HEADINGS = {
  none: "No image yet",
  waiting: "Waiting",
  examining: "Examining …",
  accepted: "Accepted by the gate",
  refused: "Refused by the gate",
  ungated: "Not gated",
  failed: "Not examined",
};
const WORDS = {
  none: "The gate’s verdict, a score for each finding and their explanation will be here.",
  waiting: "Its turn comes.",
  examining: "The picture is read, gated and scored.",
  accepted: "It can be redrawn as the training radiographs can.",
  refused:
    "It is unlike the radiographs that the models were trained on. Outside of them nothing is known of the " +
    "classifier’s accuracy, ",
  ungated: "This page has no gate, so any picture gets scores, even one that shows no chest.",
};

/**
 * @param {HTMLElement} element gets `data-verdict`, the picture's state, and `data-distance`, 1 − SSIM with all digits
 * @param {import("./picture.js").Picture | null} picture
 */
export function showVerdict(element, picture) {
  const { state, gate } = picture ?? { state: "none", gate: null };
  element.dataset.verdict = state;
  part(element, "h2").textContent = HEADINGS[state];
  part(element, ".words").textContent = picture ? sentence(picture) : WORDS.none;
  const gauge = part(element, ".gauge");
  const { distance, threshold } = gate ?? { distance: null, threshold: null };
  const known = distance !== null && threshold !== null;
  gauge.hidden = part(element, ".numbers").hidden = !known;
  element.dataset.distance = known ? String(distance) : "";
  if (!known) return;
  // The scale ends where the larger of both has room.
  const end = Math.min(1, 1.25 * Math.max(distance, threshold));
  gauge.style.setProperty("--score", String(Math.min(1, distance / end)));
  gauge.style.setProperty("--mark", String(threshold / end));
  part(element, ".numbers").textContent =
    `Reconstruction error (1 − SSIM) ${distance.toFixed(3)}; accepted up to ${threshold.toFixed(3)}`;
}

/** @param {import("./picture.js").Picture} picture */
function sentence({ state, scores, sentence }) {
  if (state === "failed") return sentence;
  if (state !== "refused") return WORDS[state];
  return (
    WORDS.refused +
    (scores ? "and the scores below, which you asked for, may mean nothing." : "so no scores are shown.")
  );
}

/** @returns {HTMLElement} */
function part(element, selector) {
  return element.querySelector(selector);
}
