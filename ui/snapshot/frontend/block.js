// @ts-check
/**
 * Blocks in a recording: base64 of what zlib made of them; and back to bytes, as the figures of the
 * site take them. The other half of kvfront/shared/pack.js.
 *
 * @typedef {{meta: any, arrays: Record<string, {data: Float32Array|Int32Array|Uint8Array,
 *   shape: number[]}>}} Block
 */

/** @param {string} text base64 @returns {Promise<Uint8Array>} */
export async function inflate(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @param {any} meta @param {Block["arrays"]} arrays @returns {Uint8Array} as pack.py lays it out */
export function pack(meta, arrays) {
  let offset = 0;
  const table = Object.entries(arrays).map(([name, { data, shape }]) => {
    const entry = { name, dtype: data.constructor.name.replace("Array", "").toLowerCase(), shape, offset };
    offset += Math.ceil(data.byteLength / 8) * 8;
    return entry;
  });
  const text = new TextEncoder().encode(JSON.stringify({ meta, arrays: table }));
  const size = Math.ceil(text.length / 8) * 8;
  const block = new Uint8Array(8 + size + offset);
  new DataView(block.buffer).setUint32(0, size, true);
  block.fill(32, 8, 8 + size);
  block.set(text, 8);
  Object.values(arrays).forEach(({ data: { buffer, byteOffset, byteLength } }, i) =>
    block.set(new Uint8Array(buffer, byteOffset, byteLength), 8 + size + table[i].offset),
  );
  return block;
}

/**
 * Numbers of 24 bits, sent as their highest bytes, then their middle ones, then their lowest: these
 * are 32-bit floats without their last byte, right to 1 part in 60,000.
 * @param {Uint8Array} planes @returns {Float32Array}
 */
export function floats(planes) {
  const count = planes.length / 3;
  const bits = new Uint32Array(count);
  for (let i = 0; i < count; i++)
    bits[i] = (planes[i] << 24) | (planes[count + i] << 16) | (planes[2 * count + i] << 8);
  return new Float32Array(bits.buffer);
}
