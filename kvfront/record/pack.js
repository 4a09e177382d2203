// @ts-check
/**
 * Reads a block of bytes: a JSON header, then arrays at multiples of 8 bytes. FORMAT.md says how.
 *
 * @typedef {{data: any, shape: number[]}} PackedArray data: a typed array, of floats if not said
 * @typedef {{meta: any, arrays: Record<string, PackedArray>}} Block
 */

/** @type {Record<string, any>} */
const KINDS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** @param {Uint8Array} bytes @returns {Block} */
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
    const data = dtype === "float24"
      ? floats(new Uint8Array(block.buffer, start + offset, 3 * count))
      : new KINDS[dtype](block.buffer, start + offset, count);
    arrays[name] = { data, shape };
  }
  return { meta: header.meta, arrays };
}

/** @param {Uint8Array} planes the highest bytes, the middle ones, the lowest @returns {Float32Array} */
function floats(planes) {
  const count = planes.length / 3;
  const bits = new Uint32Array(count);
  for (let i = 0; i < count; i++)
    bits[i] = (planes[i] << 24) | (planes[count + i] << 16) | (planes[2 * count + i] << 8);
  return new Float32Array(bits.buffer);
}
