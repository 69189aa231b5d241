// @ts-check
import { PageError } from "./messages.js";

/**
 * A file of the page, whole, with progress.
 *
 * @param {string} path relative to the page
 * @param {number} bytes its length, as chester.json has it
 * @param {(received: number) => void} progress told the bytes of each part as it comes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {PageError} the server does not give it, or not all of it
 */
export async function download(path, bytes, progress) {
  const found = new Uint8Array(bytes);
  let at = 0;
  try {
    const response = await fetch(new URL(path, import.meta.url), { credentials: "omit" });
    if (!response.ok || !response.body) throw new PageError(`${path} is not there (${response.status})`);
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (at + part.value.length > bytes) throw new PageError(`${path} is longer than chester.json says`);
      found.set(part.value, at);
      at += part.value.length;
      progress(part.value.length);
    }
  } catch (error) {
    const reason = error instanceof PageError ? error.message : `${path} could not be fetched`;
    throw new PageError(`${reason}; check the connection and reload the page, or build the page again`);
  }
  if (at < bytes) {
    throw new PageError(`${path} ends after ${at} of ${bytes} bytes; reload the page, or build it again`);
  }
  return found;
}
