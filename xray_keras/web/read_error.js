// @ts-check
/** What is wrong with a picture and the remedy, in one sentence without a name or a full stop. */
export class ReadError extends Error {}

/**
 * @param {string} sentence
 * @returns {never}
 */
export function refuse(sentence) {
  throw new ReadError(sentence);
}
