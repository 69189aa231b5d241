// @ts-check
/**
 * What the page and its worker say to each other, and the names under which times are kept.
 *
 * A message is an object with a `type`; those about one picture carry its `id`, a number that the page chooses. Jobs
 * are done one after the other; each ends in `done`, whatever came before it.
 *
 * To the worker:
 * - `load` {description, threads}: fetch and start the models of chester.json; once, first.
 * - `warm` {}: run the classifier on nothing, so that the first picture does not wait for it.
 * - `examine` {id, file: Blob}: read, gate, and score what the gate does not refuse.
 * - `classify` {id}: score a refused picture all the same.
 * - `explain` {id, finding, method}: `finding` is the place of a label, or ALL; `method` "saliency" or "cam".
 * - `forget` {id}: drop what is kept of a picture; answers nothing.
 *
 * From the worker:
 * - `progress` {received, total}: bytes of runtime and models.
 * - `ready` {threads} or `broken` {sentence}: the end of `load`.
 * - `picture` {id, pixels, width, height, source: [width, height], thumbnail: {pixels, width, height}, notes}: gray
 *   uint8, made small enough to be shown.
 * - `gate` {id, distance, threshold, refused, error: {side, map}}: `map` uint8 (side, side), transparent at 0, full red
 *   at 255; without a gate `distance`, `threshold` and `error` are null.
 * - `scores` {id, raw: Float32Array, scores: Float64Array, calibrated: boolean[]}: in the order of the labels; `raw`
 *   are the model's outputs, `scores` those after Equation 1 where an operating point is known.
 * - `explained` {id, finding, method, side, map}: uint8 (side, side), transparent at 0, full red at 255.
 * - `failed` {id, sentence}: what is wrong with a picture, and the remedy.
 * - `timed` {id, name, began, ended}: milliseconds since 1970 with fractions, `name` one of TIMES.
 * - `done` {id}.
 *
 * @typedef {{file: string, bytes: number, size: number, labels: string[], operating_points: Record<string, number>,
 *   cam: boolean, about: string}} ClassifierCard
 * @typedef {{file: string, bytes: number, size: number, threshold: number, about: string}} GateCard
 * @typedef {{file: string, title: string, credit: string}} Sample
 * @typedef {{note: string, version: string, classifier: ClassifierCard, gate: GateCard | null, samples: Sample[],
 *   files: Record<string, number>}} Description
 */

/** In place of a finding: the sum over all of them, as Equation 3 has it. */
export const ALL = -1;

/**
 * Names of the `performance.measure` entries on the page; `detail.id` tells the picture. `load` begins with the
 * navigation and ends when the models are ready; `examine` begins with the choice of a file and ends when its scores,
 * its refusal or its failure are on the page; the others are times inside the worker.
 */
export const TIMES = Object.freeze({
  load: "chester:load",
  download: "chester:download",
  start: "chester:start",
  read: "chester:read",
  gate: "chester:gate",
  classify: "chester:classify",
  explain: "chester:explain",
  examine: "chester:examine",
});

/** One sentence for people: what is wrong and the remedy. */
export class PageError extends Error {}
