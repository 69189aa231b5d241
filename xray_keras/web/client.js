// @ts-check
import { TIMES } from "./messages.js";
import { stopped, worker } from "./spawn.js";

/**
 * The worker as the page sees it: one job at a time, so that what the user waits for can overtake the rest.
 *
 * Times that the worker tells become `performance.measure` entries on the page's clock, named as in TIMES.
 */
export class Client {
  #waiting = [];
  #working = false;

  /**
   * @param {import("./messages.js").Description} description
   * @param {number} threads
   * @param {(message: any) => void} told called with each message of `messages.js` but `timed` and `done`
   */
  constructor(description, threads, told) {
    this.told = told;
    worker.onmessage = ({ data }) => this.#hear(data);
    const sentence = "The part of this page that computes has stopped; reload the page";
    stopped.then(() => told({ type: "broken", sentence }));
    worker.postMessage({ type: "load", description, threads });
  }

  /** Run the classifier on nothing, unless there is work to do. */
  warm() {
    if (!this.#working && !this.#waiting.length) this.#add({ type: "warm" });
  }

  examine(id, file) {
    this.#add({ type: "examine", id, file });
  }

  classify(id) {
    this.#add({ type: "classify", id }, true);
  }

  /** Overtakes what waits, and takes the place of an explanation that waits: nobody looks at that any more. */
  explain(id, finding, method) {
    this.#waiting = this.#waiting.filter((job) => job.type !== "explain");
    this.#add({ type: "explain", id, finding, method }, true);
  }

  /** Drop everything about a picture. */
  forget(id) {
    this.#waiting = this.#waiting.filter((job) => job.id !== id);
    worker.postMessage({ type: "forget", id });
  }

  #add(job, first = false) {
    if (first) this.#waiting.unshift(job);
    else this.#waiting.push(job);
    this.#next();
  }

  #next() {
    if (this.#working || !this.#waiting.length) return;
    this.#working = true;
    worker.postMessage(this.#waiting.shift());
  }

  #hear(message) {
    if (message.type === "timed") {
      const { id, name, began, ended } = message;
      const [start, end] = [began - performance.timeOrigin, ended - performance.timeOrigin];
      performance.measure(TIMES[name], { start: Math.max(0, start), end, detail: { id } });
    } else if (message.type === "done") {
      this.#working = false;
      this.#next();
    } else this.told(message);
  }
}
