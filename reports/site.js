// Tables that sort: a button in every column heading. Without this file they are plain tables.
"use strict";

const NOTHING = new Set(["", "–", "not run", "not printed"]);
const NUMBER = /^[<>≤≥~±]?\s*([+−-]?)\s*(\d[\d,]*(?:\.\d+)?(?:e[+−-]?\d+)?)/i;
const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
const WORDS = new Intl.Collator("en", { numeric: true });

/** The number that a cell begins with: "97.5% ± 4.8%" is 97.5, "−0.017 [−0.03 to 0.01]" is −0.017. */
function number(text) {
  const found = NUMBER.exec(text);
  if (!found) return null;
  const size = Number(found[2].replaceAll(",", "").replace("−", "-"));
  return found[1] === "" || found[1] === "+" ? size : -size;
}

/** Compare two texts: numbers by size and before words, words as in a dictionary. */
function compare(one, other, numbers) {
  if (!numbers) return WORDS.compare(one, other);
  const [a, b] = [number(one), number(other)];
  if (a === null || b === null) return (a === null) - (b === null) || WORDS.compare(one, other);
  return a - b;
}

/** Put the rows in order; cells without a value stay last, equal ones as they were. */
function sort(table, column, direction) {
  const body = table.tBodies[0];
  const text = (row) => row.cells[column].textContent.trim();
  const all = [...body.rows].sort((one, other) => one.dataset.place - other.dataset.place);
  const said = all.filter((row) => !NOTHING.has(text(row)));
  const numbers = said.filter((row) => number(text(row)) !== null).length * 2 > said.length;
  const sign = { none: 0, ascending: 1, descending: -1 }[direction];
  if (sign) {
    said.sort((one, other) => sign * compare(text(one), text(other), numbers));
    body.append(...said, ...all.filter((row) => NOTHING.has(text(row))));
  } else {
    body.append(...all);
  }
}

for (const table of document.querySelectorAll("main table")) {
  if (table.tBodies[0].rows.length < 3) continue;
  [...table.tBodies[0].rows].forEach((row, place) => (row.dataset.place = place));
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const direction = NEXT[heading.getAttribute("aria-sort")];
      for (const each of headings) each.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", direction);
      sort(table, column, direction);
    });
  });
}
