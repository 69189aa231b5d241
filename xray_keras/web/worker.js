// @ts-check
/** Everything that takes long: reading, gate, classification, explanation. It answers as `messages.js` says. */

import { calibrate } from "./calibrate.js";
import { activation, errorLevels, levels } from "./maps.js";
import { PageError, TIMES } from "./messages.js";
import { load } from "./models.js";
import { shrink } from "./shrink.js";

// Many modules, which the models' downloads need not wait for.
const reading = Promise.all([import("./read.js"), import("./square.js")]);
reading.catch(() => {}); // told where a picture waits for it

const SHOWN = 1536; // pixels of a picture's longer side on the screen, at most
const THUMBNAIL = 128;
const OFTEN = 40; // milliseconds between two words of progress

/** @type {import("./messages.js").Description} */
let description;
/** @type {Promise<import("./models.js").Models>} */
let loaded;
/** What is kept of each picture: the classifier's input, and the class activation maps of its forward pass. */
const kept = new Map();

const send = (message, transfer = []) => postMessage(message, { transfer });

/** @param {keyof typeof TIMES} name @param {number} began by this worker's clock */
function timed(id, name, began) {
  const ended = performance.timeOrigin + performance.now();
  send({ type: "timed", id, name, began: performance.timeOrigin + began, ended });
}

async function start(job) {
  description = job.description;
  let told = -Infinity;
  const progress = (received, total) => {
    if (received < total && performance.now() - told < OFTEN) return;
    told = performance.now();
    send({ type: "progress", received, total });
  };
  loaded = load(description, job.threads, progress, (name, began) => timed(null, name, began));
  try {
    send({ type: "ready", threads: (await loaded).threads });
  } catch (error) {
    send({ type: "broken", sentence: sentence(error, "The models cannot be started; reload the page") });
  }
}

async function examine({ id, file }) {
  const began = performance.now();
  const { classifier, gate } = description;
  const { pixels, width, height, notes, square } = await picture(file);
  const shown = shrink(pixels, width, height, SHOWN);
  const thumbnail = shrink(shown.pixels, shown.width, shown.height, THUMBNAIL);
  kept.set(id, { image: square(pixels, width, height, classifier.size), cam: null });
  const small = gate && square(pixels, width, height, gate.size);
  timed(id, "read", began);
  send({ type: "picture", id, ...shown, source: [width, height], thumbnail, notes }, [shown.pixels.buffer]);
  const refused = await judge(id, small);
  if (!refused) await classify({ id });
}

/** The picture in a file; whatever goes wrong with it, it is the file that must be mended. */
async function picture(file) {
  const [{ read, ReadError }, { square }] = await reading;
  try {
    return { ...(await read(file)), square };
  } catch (error) {
    if (error instanceof ReadError) throw new PageError(error.message);
    console.error(error);
    throw new PageError("It could not be read; save it again as PNG, JPEG or DICOM");
  }
}

/** The gate comes first: of what it refuses nothing is computed unless it is asked for. */
async function judge(id, image) {
  const models = await loaded;
  const { gate } = description;
  if (!gate || !models.gate) {
    send({ type: "gate", id, distance: null, threshold: null, refused: false, error: null });
    return false;
  }
  const began = performance.now();
  const { reconstruction, distance } = await models.gate(image);
  timed(id, "gate", began);
  if (!Number.isFinite(distance)) {
    throw new PageError("The gate gives no number for this picture; build the page with another gate");
  }
  const refused = distance > gate.threshold;
  const error = { side: gate.size, map: errorLevels(image, reconstruction) };
  send({ type: "gate", id, distance, threshold: gate.threshold, refused, error });
  return refused;
}

async function classify({ id }) {
  const models = await loaded;
  const picture = kept.get(id);
  const began = performance.now();
  const { raw, cam } = await models.classify(picture.image);
  timed(id, "classify", began);
  if (!raw.every(Number.isFinite)) {
    throw new PageError("The classifier gives no number for this picture; build the page with another one");
  }
  picture.cam = cam;
  const { labels, operating_points: points } = description.classifier;
  const calibrated = labels.map((label) => label in points);
  const scores = Float64Array.from(raw, (p, k) => (calibrated[k] ? calibrate(p, points[labels[k]]) : p));
  send({ type: "scores", id, raw, scores, calibrated });
}

async function explain({ id, finding, method }) {
  const models = await loaded;
  const { image, cam } = kept.get(id);
  const { size } = description.classifier;
  const began = performance.now();
  const values =
    method === "cam" ? activation(cam.maps, cam.shape, finding, size) : await models.saliency(image, finding);
  const map = levels(values);
  timed(id, "explain", began);
  send({ type: "explained", id, finding, method, side: size, map }, [map.buffer]);
}

async function warm() {
  await (await loaded).classify(new Uint8Array(description.classifier.size ** 2));
}

/** Only sentences that were written for people are shown. */
function sentence(error, otherwise) {
  if (error instanceof PageError) return error.message;
  console.error(error);
  return otherwise;
}

const JOBS = { examine, classify, explain, warm };

async function work(job) {
  try {
    await JOBS[job.type](job);
  } catch (error) {
    const otherwise = "The browser could not compute this; close other pages, reload this one and try again";
    send({ type: "failed", id: job.id, sentence: sentence(error, otherwise) });
  }
  send({ type: "done", id: job.id });
}

let last = Promise.resolve();
onmessage = ({ data }) => {
  if (data.type === "load") start(data);
  else if (data.type === "forget") kept.delete(data.id);
  else last = last.then(() => work(data));
};
