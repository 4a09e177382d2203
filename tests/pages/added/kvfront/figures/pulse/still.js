/** kv.pulse as a picture. */
import { attention } from "../../record/derive.js";
import { opened } from "../../record/record.js";
import { drawToken } from "../../shared/tokens.js";

const LINE = 20;
const WIDTH = 400;

/**
 * @param {import("../../record/pack.js").Block} block
 * @returns {import("../../shared/svg/picture.js").Still}
 */
export default function still(block) {
  const { record, state } = opened(block);
  const { tokens } = record;
  const newest = attention(record, state.layer, state.head).weights.data.subarray(-tokens.length);
  return {
    shown: tokens.length,
    tokens: tokens.length,
    paint: (ctx, p) => {
      const font = { size: 14, family: p.font, maxWidth: WIDTH / 2, color: p.fg };
      tokens.forEach((token, i) => {
        ctx.fillStyle = p.attention;
        ctx.fillRect(0, i * LINE + 2, (newest[i] * WIDTH) / 2, LINE - 4);
        drawToken(ctx, token, WIDTH / 2, (i + 0.5) * LINE, { ...font, markColor: p.faint });
      });
      return { width: WIDTH, height: LINE * tokens.length };
    },
  };
}
