/** The browser that painting needs, where there is none. Import it before anything that paints. */
import { Recorder } from "./context.js";

class Canvas {
  constructor() {
    this.context = new Recorder();
  }

  getContext() {
    return this.context;
  }
}

const here = /** @type {any} */ (globalThis);

here.document ??= { createElement: () => new Canvas() };

here.ImageData ??= class {
  /** As a browser has it: (data, width, height), or (width, height) of an empty one. */
  constructor(...given) {
    const [data, width, height] = given.length > 2 ? given : [null, ...given];
    this.data = data ?? new Uint8ClampedArray(4 * width * height);
    this.width = width;
    this.height = height;
  }
};

here.DOMMatrix ??= class {
  a = 1;

  scale(by) {
    this.a *= by;
    return this;
  }
};

here.TextDecoder ??= class {
  decode(bytes) {
    const hex = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`);
    return decodeURIComponent(hex.join(""));
  }
};

export const paper = () => new Recorder();
