/** How a picture shrinks on paper, where nothing scrolls: custom properties that print.css reads. */

const TALLEST = 520; // px of a picture: half a page of A4

/**
 * @param {HTMLElement} box of the picture @param {number} scale at which its width fits
 * @param {number} height of the picture in px
 */
export function fitPaper(box, scale, height) {
  box.style.setProperty("--kv-fit", String(Math.min(1, scale, TALLEST / height)));
}

/**
 * One canvas of several beside each other, which shrink together.
 * @param {HTMLCanvasElement} canvas @param {number} share of the width of them all
 */
export function shareWidth(canvas, share) {
  canvas.style.setProperty("--kv-width", canvas.style.width);
  canvas.style.setProperty("--kv-share", `${100 * share}%`);
}
