/** The race at its end, as a picture: each lane's tokens with their milliseconds. */
import { fill, number } from "../../shared/format.js";
import { paintLines } from "../../shared/svg/lines.js";
import { BROADER } from "../../shared/svg/measure.js";
import { drawToken, measureToken } from "../../shared/tokens.js";
import { lanesOf, seconds } from "./lanes.js";

const WIDTH = 600;
const PAD = 16;
const LINE = { size: 16, tall: 24 }; // of the text that a lane wrote
const UNDER = { size: 12, tall: 15 }; // of the milliseconds under it

/**
 * @param {import("../../record/pack.js").Block} block
 * @returns {import("../../shared/svg/picture.js").Still}
 */
export default function still(block) {
  const race = lanesOf(block);
  const text = (ctx, words, x, y, { size = 16, weight = 400, align = "left", colour, p }) => {
    ctx.font = `${weight} ${size}px ${p.font}`;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.fillStyle = colour;
    ctx.fillText(words, x, y);
    return ctx.measureText(words).width;
  };
  const [cached, recomputed] = race.runs.map(({ total }) => seconds(total, race.end));
  return {
    shown: race.tokens.length,
    tokens: race.tokens.length,
    paint: (ctx, p) => {
      let y = 0;
      for (const run of race.runs) y = paintLane(ctx, p, { ...race, run }, text, y) + 20;
      const result = fill(race.text.result, { cached, recomputed });
      y = paintLines(ctx, p, result, 0, y, WIDTH, { weight: 600 });
      const small = { size: 14, colour: p.muted };
      const height = paintLines(ctx, p, race.text.milliseconds, 0, y, WIDTH, small);
      return { width: WIDTH, height };
    },
  };
}

function paintLane(ctx, p, { run, end, tokens, text: said, prompt, cut }, text, top) {
  const { name, hue, ms, total } = run;
  const right = WIDTH - PAD;
  const middle = top + 24;
  const own = text(ctx, said[name], PAD, middle, { weight: 600, colour: p.ink[hue], p });
  const done = tokens.length;
  const progress = fill(said.progress, { done, total: done });
  text(ctx, progress, PAD + BROADER * own + 12, middle + 1, { size: 14, colour: p.muted, p });
  const time = fill(said.total, { seconds: seconds(total, end) });
  text(ctx, time, right, middle, { weight: 600, align: "right", colour: p.fg, p });
  const step = (right - PAD + 2) / done;
  ctx.fillStyle = p[hue];
  for (let i = 0; i < done; i++) ctx.fillRect(PAD + i * step, top + 44, step - 2, 8);
  const bottom = paintText(ctx, p, { prompt, cut, ms, tokens }, top + 64);
  ctx.strokeStyle = p.grid;
  ctx.lineWidth = 1;
  ctx.strokeRect(0.5, top + 0.5, WIDTH - 1, bottom - top);
  return bottom;
}

/** The end of the prompt, then the tokens that were written, in as many lines as they take. */
function paintText(ctx, p, { prompt, cut, ms, tokens }, top) {
  const font = { size: LINE.size, family: p.font, maxWidth: WIDTH - 2 * PAD };
  const small = (words) => ({ text: words, space: false, part: 1, parts: 1 });
  const pieces = [
    ...(cut ? [{ token: small("…"), under: "" }] : []),
    ...prompt.map((token) => ({ token, under: "" })),
    ...tokens.map((token, i) => ({ token, under: number(ms[i]) })),
  ];
  const below = { ...font, size: UNDER.size, color: p.muted };
  let [x, y] = [PAD, top];
  for (const { token, under } of pieces) {
    const room = Math.max(measureToken(ctx, token, font), measureToken(ctx, small(under), below));
    if (x > PAD && x + room > WIDTH - PAD) [x, y] = [PAD, y + LINE.tall + UNDER.tall + 4];
    const color = under ? p.fg : p.muted;
    drawToken(ctx, token, x, y + LINE.tall / 2, { ...font, color, markColor: p.faint });
    drawToken(ctx, small(under), x, y + LINE.tall + UNDER.tall / 2 - 1, below);
    x += room + 6;
  }
  return y + LINE.tall + UNDER.tall + 14;
}
