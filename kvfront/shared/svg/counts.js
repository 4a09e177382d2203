/** A row of numbers with their names, in a picture: the twin of Counters in counters.js. */

const LEAST = 136; // px of a number's column

/**
 * @param {any} ctx @param {import("../color.js").Palette} p @param {[string, string][]} counts
 * @param {number} top @param {number} width @returns {number} where it ends
 */
export function paintCounts(ctx, p, counts, top, width) {
  const column = Math.max(LEAST, width / counts.length);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  counts.forEach(([name, value], i) => {
    ctx.font = `13px ${p.font}`;
    ctx.fillStyle = p.muted;
    ctx.fillText(name, i * column, top + 10);
    ctx.font = `600 20px ${p.font}`;
    ctx.fillStyle = p.fg;
    ctx.fillText(value, i * column, top + 35);
  });
  return top + 50;
}
