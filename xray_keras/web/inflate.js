// @ts-check
/** Data that zlib packed, unpacked by the browser as far as they are wanted: a bomb stops there. */

const PIECE = 1 << 14; // bytes handed over at once; each makes at most 1,032 times as many
const TAIL = 16; // last bytes, handed over one by one: what comes before an error in them is not lost

/**
 * @typedef {"ended" | "cut" | "failed" | "full"} Outcome the data ended as they should; were cut short; were damaged or
 *   had something behind them; or went on beyond what was wanted
 * @param {Uint8Array<ArrayBuffer>[]} parts the packed data, in order
 * @param {"deflate" | "deflate-raw"} format
 * @param {number} most bytes wanted
 * @returns {Promise<{bytes: Uint8Array<ArrayBuffer>, outcome: Outcome}>} at most that many bytes, all that came
 */
export async function inflate(parts, format, most) {
  const { readable, writable } = new DecompressionStream(format);
  const fed = feed(writable.getWriter(), parts);
  const reader = readable.getReader();
  const packed = parts.reduce((sum, part) => sum + part.length, 0);
  let bytes = new Uint8Array(Math.min(most, Math.max(1 << 16, 4 * packed)));
  let length = 0;
  for (;;) {
    const piece = await reader.read().catch(() => null);
    if (!piece || piece.done) return { bytes: bytes.subarray(0, length), outcome: await fed };
    const wanted = piece.value.subarray(0, most - length);
    if (length + wanted.length > bytes.length) {
      const larger = new Uint8Array(Math.min(most, Math.max(2 * bytes.length, length + wanted.length)));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(wanted, length);
    length += wanted.length;
    if (wanted.length < piece.value.length) {
      await reader.cancel().catch(() => {}); // an error behind what is wanted
      return { bytes, outcome: "full" };
    }
  }
}

/**
 * Each piece waits until what came of the one before has been taken.
 *
 * @param {WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>} writer
 * @param {Uint8Array<ArrayBuffer>[]} parts
 * @returns {Promise<Outcome>}
 */
async function feed(writer, parts) {
  writer.closed.catch(() => {}); // told below
  try {
    for (const piece of cut(parts)) await writer.write(piece);
  } catch {
    return "failed";
  }
  return writer.close().then(
    () => "ended",
    () => "cut",
  );
}

/** @param {Uint8Array<ArrayBuffer>[]} parts */
function* cut(parts) {
  const last = parts.at(-1);
  for (const part of parts) {
    const end = part === last ? Math.max(0, part.length - TAIL) : part.length;
    for (let at = 0; at < end; at += PIECE) yield part.subarray(at, Math.min(at + PIECE, end));
    for (let at = end; at < part.length; at++) yield part.subarray(at, at + 1);
  }
}
