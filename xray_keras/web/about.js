// @ts-check
/**
 * Fill in what chester.json says of the page: models, credits, version.
 *
 * @param {Document} page
 * @param {import("./messages.js").Description} description
 */
export function fillIn(page, { classifier, gate, samples, version }) {
  const text = {
    size: `${classifier.size} × ${classifier.size}`,
    version: `Version ${version.slice(0, 12)}.`,
  };
  for (const element of page.querySelectorAll("[data-fill]")) {
    element.textContent = text[/** @type {HTMLElement} */ (element).dataset.fill ?? ""];
  }
  const credits = [
    ["Classifier", classifier.about],
    ["Gate", gate ? gate.about : "none: this page refuses no picture"],
    ...(samples.length ? [["Samples", [...new Set(samples.map(({ credit }) => credit))].join("; ")]] : []),
    ["Runtime", "ONNX Runtime Web, Microsoft Corporation, MIT licence"],
  ];
  page.querySelector("#credits")?.replaceChildren(
    ...credits.map(([name, words]) => {
      const entry = page.createElement("div");
      const [term, meaning] = [page.createElement("dt"), page.createElement("dd")];
      term.textContent = name;
      meaning.textContent = words;
      entry.append(term, meaning);
      return entry;
    }),
  );
}
