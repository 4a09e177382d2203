/**
 * kv.picture: saves an SVG as a PNG at twice its size, in the colours that the page has now. The
 * browser does it, which has the fonts for every script. The SVG is drawn when it is asked for.
 */
import { palette } from "../shared/color.js";
import { element, mount } from "../shared/figure.js";

const SCALE = 2;

/** An SVG that follows the reader's theme, in one of the two for good. @param {string} svg */
export function settled(svg, dark) {
  return svg.replaceAll(/\(prefers-color-scheme:\s*dark\)/g, dark ? "all" : "not all");
}

/** @param {string} svg @param {string} paper @returns {Promise<Blob>} a PNG */
async function rasterised(svg, paper) {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = element("canvas");
    canvas.width = Math.ceil(image.naturalWidth * SCALE);
    canvas.height = Math.ceil(image.naturalHeight * SCALE);
    const ctx = canvas.getContext("2d");
    ctx.fillStyle = paper;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("empty canvas"))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

class Picture {
  /** @param {import("../shared/figure.js").Stage} stage */
  constructor({ root, ask }) {
    this.root = root;
    this.waiting = false;
    this.button = element("button", "kv-save");
    this.button.type = "button";
    this.button.addEventListener("click", () => {
      this.waiting = true;
      this.button.setAttribute("aria-busy", "true");
      ask("asked");
    });
    this.said = element("p", "kv-said");
    this.said.setAttribute("role", "status");
    root.append(this.button, this.said);
  }

  update({ meta, arrays }) {
    this.text = meta.text;
    this.button.textContent = meta.text.save;
    if (this.waiting && arrays.svg.data.length) {
      this.waiting = false;
      this.#save(new TextDecoder().decode(arrays.svg.data), meta.name);
    }
  }

  repaint() {}

  async #save(svg, name) {
    const { dark, bg } = palette(this.root);
    try {
      const url = URL.createObjectURL(await rasterised(settled(svg, dark), bg));
      const link = element("a");
      link.href = url;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      this.said.textContent = "";
    } catch {
      this.said.textContent = this.text.failed;
    }
    this.button.removeAttribute("aria-busy");
  }
}

/** @param {any} component what Streamlit passes */
export default function picture(component) {
  return mount(component, (stage) => new Picture(stage));
}
