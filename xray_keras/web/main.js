// @ts-check
/** The page: starts the worker, and hands what it says to the views. */

import { fillIn } from "./about.js";
import { Desk } from "./desk.js";
import { Loading } from "./loading.js";
import { TIMES } from "./messages.js";
import { keepOffline } from "./offline.js";
import { fromDialogue, fromDropping, fromSamples } from "./sources.js";

const loading = new Loading(document);

/** Threads for the runtime: `?threads=` says how many; else half of the cores, up to four: others compute as well. */
function threads() {
  if (!self.crossOriginIsolated) return 1;
  const asked = Number(new URLSearchParams(location.search).get("threads"));
  return asked >= 1 ? Math.floor(asked) : Math.min(4, Math.ceil((navigator.hardwareConcurrency || 1) / 2));
}

/** @returns {Promise<import("./messages.js").Description | null>} */
async function describe() {
  try {
    const response = await fetch("chester.json");
    if (response.ok) return await response.json();
  } catch {
    // said below
  }
  loading.broken("chester.json cannot be read; check the connection and reload, or build the page again");
  return null;
}

async function main() {
  const description = await describe();
  if (!description) return;
  fillIn(document, description);
  const desk = new Desk(description, threads(), {
    progress: ({ received, total }) => loading.progress(received, total),
    broken: ({ sentence }) => loading.broken(sentence),
    ready(message) {
      loading.ready(message.threads);
      performance.measure(TIMES.load, { start: 0, end: performance.now() });
      desk.warm();
      keepOffline(description.version, (state) => loading.offline(state), renewed);
    },
  });
  const given = (files) => desk.add(files);
  fromDialogue(/** @type {HTMLInputElement} */ (document.getElementById("choose")), given);
  fromDropping(document.documentElement, given);
  fromSamples(/** @type {HTMLElement} */ (document.getElementById("samples")), description.samples, given);
}

/** @param {() => void} take */
function renewed(take) {
  const line = /** @type {HTMLElement} */ (document.getElementById("renewed"));
  line.hidden = false;
  line.querySelector("button")?.addEventListener("click", take);
}

main();
