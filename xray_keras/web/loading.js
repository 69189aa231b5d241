// @ts-check
/** The line that says how far loading is, what is wrong with it, and whether the page needs a network. */
export class Loading {
  /** @param {Document} page whose root gets `data-state` and `data-offline` */
  constructor(page) {
    this.root = page.documentElement;
    const [status, bytes, bar] = ["status", "bytes", "progress"].map((id) => page.getElementById(id));
    this.status = /** @type {HTMLElement} */ (status);
    this.bytes = /** @type {HTMLElement} */ (bytes);
    this.bar = /** @type {HTMLProgressElement} */ (bar);
  }

  /** @param {number} received @param {number} total in bytes */
  progress(received, total) {
    this.bar.max = total;
    this.bar.value = received;
    this.bytes.textContent = `${megabytes(received)} of ${megabytes(total)} MB`;
    if (received === total) this.status.textContent = "Starting the models …";
  }

  /** @param {number} threads */
  ready(threads) {
    this.root.dataset.state = "ready";
    this.root.dataset.threads = String(threads);
    this.bar.hidden = true;
    this.bytes.textContent = "";
    this.status.textContent = "Ready.";
  }

  /** @param {string} sentence */
  broken(sentence) {
    this.root.dataset.state = "broken";
    this.bar.hidden = true;
    this.bytes.textContent = "";
    this.status.textContent = `${sentence}.`;
  }

  /** @param {"preparing" | "ready" | "unavailable"} state */
  offline(state) {
    this.root.dataset.offline = state;
    if (this.root.dataset.state !== "ready") return;
    this.status.textContent = {
      preparing: "Ready. Storing itself for offline use …",
      ready: "Ready. Works offline as well.",
      unavailable:
        "Ready. It needs a connection whenever it is opened: this browser or address does not store pages.",
    }[state];
  }
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
