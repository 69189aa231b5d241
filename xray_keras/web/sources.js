// @ts-check
/**
 * Where pictures come from: the file dialogue, dropping, and the samples of the page.
 *
 * @typedef {{name: string, file: Blob | null}} Source null for what could not be fetched
 * @typedef {(sources: Source[]) => void} Given
 */

/** @param {HTMLInputElement} input @param {Given} given */
export function fromDialogue(input, given) {
  input.addEventListener("change", () => {
    given([...(input.files ?? [])].map((file) => ({ name: file.name, file })));
    input.value = ""; // the same file may be chosen again
  });
}

/**
 * Files dropped anywhere; elsewhere the browser would leave the page for them.
 *
 * @param {HTMLElement} root gets `data-dropping` while something is held over it
 * @param {Given} given
 */
export function fromDropping(root, given) {
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    root.dataset.dropping = "yes";
  });
  root.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete root.dataset.dropping;
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    delete root.dataset.dropping;
    given([...(event.dataTransfer?.files ?? [])].map((file) => ({ name: file.name, file })));
  });
}

/**
 * @param {HTMLElement} element with a list
 * @param {readonly import("./messages.js").Sample[]} samples
 * @param {Given} given
 */
export function fromSamples(element, samples, given) {
  element.hidden = !samples.length;
  element.querySelector("ul")?.append(
    ...samples.map((sample) => {
      const entry = document.createElement("li");
      const button = document.createElement("button");
      Object.assign(button, { type: "button", title: sample.credit });
      const image = Object.assign(new Image(72, 72), { src: sample.file, alt: "", decoding: "async" });
      const name = Object.assign(document.createElement("span"), { textContent: sample.title });
      button.append(image, name);
      button.addEventListener("click", async () =>
        given([{ name: sample.title, file: await fetched(sample) }]),
      );
      entry.append(button);
      return entry;
    }),
  );
}

/** @returns {Promise<Blob | null>} */
async function fetched(sample) {
  try {
    const response = await fetch(sample.file);
    return response.ok ? await response.blob() : null;
  } catch {
    return null;
  }
}
