// @ts-check
/** The gate and the classifier as ONNX Runtime Web sessions; runs in the worker. */

import * as ort from "./runtime/ort.wasm.min.mjs";
import { download } from "./download.js";
import { PageError } from "./messages.js";

const SCRIPT = "runtime/ort-wasm-simd-threaded.mjs";
const BINARY = "runtime/ort-wasm-simd-threaded.wasm";

/**
 * @typedef {{reconstruction: Float32Array, distance: number}} Gated
 * @typedef {{raw: Float32Array, cam: {maps: Float32Array, shape: number[]} | null}} Classified
 * @typedef {{threads: number, gate: ((image: Uint8Array) => Promise<Gated>) | null,
 *   classify: (image: Uint8Array) => Promise<Classified>,
 *   saliency: (image: Uint8Array, finding: number) => Promise<Float32Array>}} Models
 */

/**
 * Fetch the runtime and the models, all at once, and start them.
 *
 * @param {import("./messages.js").Description} description
 * @param {number} threads that may be used; one where the page is not cross-origin isolated
 * @param {(received: number, total: number) => void} progress in bytes
 * @param {(name: "download" | "start", began: number) => void} timed told at the end of each step
 * @returns {Promise<Models>}
 * @throws {PageError} a file is absent or cut short, or is no model
 */
export async function load(description, threads, progress, timed) {
  const { classifier, gate, files } = description;
  const parts = [{ file: BINARY, bytes: files[BINARY] }, ...(gate ? [gate] : []), classifier];
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let received = 0;
  const began = performance.now();
  progress(0, total);
  const coming = parts.map(({ file, bytes }) =>
    download(file, bytes, (more) => progress((received += more), total)),
  );
  const all = Promise.all(coming).then(() => timed("download", began));
  all.catch(() => {}); // whoever waits for a part hears of it
  const binary = await coming[0];
  const starting = performance.now();
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmBinary = binary;
  ort.env.wasm.wasmPaths = { mjs: new URL(SCRIPT, import.meta.url).href };
  // The runtime and the gate start while the classifier, which is much larger, is on its way.
  const gating = gate && (await start(gate, coming[1]));
  const classifying = await start(classifier, coming[coming.length - 1]);
  timed("start", starting);
  const run = (image, explained, explain, outputs) =>
    classifying.run(
      {
        image: picture(image, classifier.size),
        explained: new ort.Tensor("float32", explained, [1, classifier.labels.length]),
        explain: new ort.Tensor("bool", Uint8Array.of(explain ? 1 : 0), []),
      },
      outputs,
    );
  const none = new Float32Array(classifier.labels.length);
  return {
    threads,
    gate: gate && ((image) => gated(gating, picture(image, gate.size))),
    async classify(image) {
      const found = await run(image, none, false, ["probability", ...(classifier.cam ? ["cam"] : [])]);
      const cam = classifier.cam ? { maps: found.cam.data, shape: found.cam.dims.slice(1) } : null;
      return { raw: found.probability.data, cam };
    },
    async saliency(image, finding) {
      const explained = none.map((_, label) => Number(finding < 0 || label === finding));
      return (await run(image, explained, true, ["saliency"])).saliency.data;
    },
  };
}

/**
 * A session. Exported graphs have little left to fuse: optimising them takes longer than a few pictures win back.
 *
 * @param {{file: string}} card
 * @param {Promise<Uint8Array>} coming the file
 */
async function start({ file }, coming) {
  const graph = await coming;
  const settings = { executionProviders: ["wasm"], graphOptimizationLevel: "disabled" };
  try {
    return await ort.InferenceSession.create(graph, settings);
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error)
      .split("\n")[0]
      .slice(0, 200);
    throw new PageError(`${file} cannot be run (${reason}); build the page again`);
  }
}

async function gated(session, image) {
  const found = await session.run({ image });
  return { reconstruction: found.reconstruction.data, distance: found.distance.data[0] };
}

/** Gray levels as a model takes them, float32 (1, size, size). */
function picture(image, size) {
  return new ort.Tensor("float32", Float32Array.from(image), [1, size, size]);
}
