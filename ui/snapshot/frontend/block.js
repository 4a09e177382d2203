// @ts-check
/** Blocks in a recording: base64 of what zlib made of them. */

/** @param {string} text base64 @returns {Promise<Uint8Array>} */
export async function inflate(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
