// @ts-check
/**
 * The worker, started before anything else of the page is there: this module needs no other, and index.html names it
 * first.
 */
export const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module", name: "chester" });

/** Kept when the worker has stopped, be it before anybody asks. */
export const stopped = new Promise((resolve) => {
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    resolve(undefined);
  });
});
