// @ts-check
/** Numbers in notes, written as Python writes them. */

const DIGITS = 6;

/**
 * Python's `format(x, "g")`: six significant digits, halves to the even one, no zeros at the end.
 *
 * @param {number} x finite
 * @returns {string}
 */
export function general(x) {
  if (x === 0) return "0";
  // Every digit of a double that lies half-way between two texts is among the first 51.
  const [mantissa, power] = Math.abs(x).toExponential(50).split("e");
  const digits = mantissa.replace(".", "");
  const rest = digits.slice(DIGITS);
  let kept = Number(digits.slice(0, DIGITS));
  let exponent = Number(power);
  const half = "5".padEnd(rest.length, "0");
  if (rest > half || (rest === half && kept % 2 === 1)) kept += 1;
  if (kept === 10 ** DIGITS) {
    kept /= 10;
    exponent += 1;
  }
  const sign = x < 0 ? "-" : "";
  const text = String(kept);
  if (exponent < -4 || exponent >= DIGITS) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${bare(`${text[0]}.${text.slice(1)}`)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}${bare(`0.${"0".repeat(-exponent - 1)}${text}`)}`;
  return `${sign}${bare(`${text.slice(0, exponent + 1)}.${text.slice(exponent + 1)}`)}`;
}

/** @param {string} text with a point */
function bare(text) {
  return text.replace(/\.?0*$/, "");
}

/**
 * Python's `format(count, ",")`.
 *
 * @param {number} count a whole number
 * @returns {string}
 */
export function thousands(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
