/** The next-token distribution of a picture as level bars: the twin of showBars in bars.js. */
import { mix, cssOf, rgbOf } from "../color.js";
import { brief } from "../format.js";
import { drawToken, measureToken } from "../tokens.js";

const [LINE, TALL, GAP, NUMBER] = [23, 12, 8, 56];
const NAME = [48, 112]; // the least and the most room of a name

/** @returns {number} where the last one ends */
export function paintBars(ctx, p, candidates, chosen, top, width) {
  const font = { size: 14, family: p.font, maxWidth: NAME[1] };
  const widths = candidates.map(({ label }) => measureToken(ctx, label, { ...font, weight: 600 }));
  const names = Math.max(NAME[0], ...widths);
  const [left, room] = [names + GAP, width - names - NUMBER - 2 * GAP];
  const share = (t) => cssOf(mix(p.paper, rgbOf(p.fg), t));
  candidates.forEach(({ label, p: probability }, i) => {
    const own = i === chosen;
    const middle = top + i * LINE + LINE / 2;
    const weight = own ? 600 : 400;
    drawToken(ctx, label, names, middle, {
      ...font, weight, align: "right", color: p.fg, markColor: p.faint,
    });
    ctx.fillStyle = share(0.07);
    ctx.fillRect(left, middle - TALL / 2, room, TALL);
    ctx.fillStyle = share(own ? 0.7 : 0.45);
    ctx.fillRect(left, middle - TALL / 2, Math.max(1, probability * room), TALL);
    if (own) {
      ctx.strokeStyle = p.outline;
      ctx.lineWidth = 2;
      ctx.strokeRect(left - 1, middle - TALL / 2 - 1, room + 2, TALL + 2);
    }
    ctx.font = `${weight} 14px ${p.font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillStyle = p.fg;
    ctx.fillText(brief(probability), left + room + GAP, middle);
  });
  return top + candidates.length * LINE;
}
