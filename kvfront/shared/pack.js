/**
 * Reads a block written by pack.py: a JSON header, then arrays at multiples of 8 bytes.
 *
 * @typedef {{data: Float32Array|Int32Array|Uint8Array, shape: number[]}} PackedArray
 */

const KINDS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/**
 * @param {Uint8Array} bytes
 * @returns {{meta: any, arrays: Record<string, PackedArray>}}
 */
export function unpack(bytes) {
  // A typed array must begin at a multiple of its item size in its buffer, and the block may have
  // arrived as a slice of a longer message: then it is copied to a buffer of its own.
  const block = bytes.byteOffset % 8 ? bytes.slice() : bytes;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const size = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(block.subarray(8, 8 + size)));
  const start = block.byteOffset + 8 + size;
  /** @type {Record<string, PackedArray>} */
  const arrays = {};
  for (const { name, dtype, shape, offset } of header.arrays) {
    const count = shape.reduce((product, n) => product * n, 1);
    arrays[name] = { data: new KINDS[dtype](block.buffer, start + offset, count), shape };
  }
  return { meta: header.meta, arrays };
}
