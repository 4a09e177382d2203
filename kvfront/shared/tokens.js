/**
 * Token labels as people read them: a leading space as a thin mark, a fragment of a character with
 * its number. All text goes in as text.
 *
 * @typedef {{text: string, space: boolean, part: number, parts: number}} Token
 */

export const SPACE = "␣"; // as kvcore/text/labels.py has it

/** @param {Token} token @returns {string} in a sentence: "␣cat", and "猫 2/3" for a fragment */
export function tokenName(token) {
  const name = `${token.space ? SPACE : ""}${token.text}`;
  return token.parts > 1 ? `${name} ${token.part}/${token.parts}` : name;
}

/**
 * Text in which a screen reader says each mark as the word that it stands for.
 * @param {string} text @param {string} space the word
 * @returns {(string|HTMLSpanElement)[]} to append as text
 */
export function spoken(text, space) {
  return text.split(SPACE).flatMap((piece, i) => (i ? [spaceMark(space, SPACE), piece] : [piece]));
}

/** The same where only a string can stand. @param {string} text @param {string} space */
export function inWords(text, space) {
  return text.replaceAll(SPACE, `${space} `);
}

/** @param {string} space @param {string} text @returns {HTMLSpanElement} */
function spaceMark(space, text = "") {
  const mark = document.createElement("span");
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", space);
  mark.textContent = text;
  return mark;
}

/**
 * @param {Token} token
 * @param {string} space what a screen reader says for a space
 * @returns {HTMLSpanElement} `span.kv-token`; its looks are in common.css
 */
export function tokenElement(token, space) {
  const label = document.createElement("span");
  label.className = "kv-token";
  if (token.space) {
    const mark = spaceMark(space);
    mark.className = "kv-space";
    label.append(mark);
  }
  const text = document.createElement("bdi");
  text.append(...spoken(token.text, space));
  label.append(text);
  if (token.parts > 1) {
    const part = document.createElement("span");
    part.className = "kv-part";
    part.textContent = `${token.part}/${token.parts}`;
    label.append(part);
  }
  return label;
}

const MARK = 0.34; // width of the space mark, in em
const PART = 0.68; // size of the fragment's number, in em

/** @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} width */
function fit(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 1) {
    characters.pop();
    const shorter = `${characters.join("")}…`;
    if (ctx.measureText(shorter).width <= width) return shorter;
  }
  return width > 4 ? characters.join("") : "";
}

/**
 * @param {any} ctx @param {Token} token
 * @param {{size: number, family: string, weight: number}} font @param {number} maxWidth
 */
function pieces(ctx, token, { size, family, weight }, maxWidth) {
  const mark = token.space ? size * (MARK + 0.1) : 0;
  const part = token.parts > 1 ? `${token.part}/${token.parts}` : "";
  ctx.font = `${size * PART}px ${family}`;
  const partWidth = part ? ctx.measureText(part).width + 1 : 0;
  ctx.font = `${weight} ${size}px ${family}`;
  const text = fit(ctx, token.text, Math.max(0, maxWidth - mark - partWidth));
  const textWidth = ctx.measureText(text).width;
  return { mark, part, text, textWidth, width: mark + textWidth + partWidth };
}

/** @returns {number} the width a label takes on the canvas */
export function measureToken(ctx, token, { size, family, maxWidth = Infinity, weight = 400 }) {
  return pieces(ctx, token, { size, family, weight }, maxWidth).width;
}

/**
 * Draws a label on a canvas with its middle line at y.
 * @param {CanvasRenderingContext2D} ctx @param {Token} token @param {number} x @param {number} y
 * @param {{size: number, family: string, color: string, markColor?: string, maxWidth?: number,
 *   align?: "left"|"center"|"right", angle?: number, weight?: number}} options
 *   angle turns the label around (x, y), in radians
 */
export function drawToken(ctx, token, x, y, options) {
  const { size, color, maxWidth = Infinity, align = "left", angle = 0, weight = 400 } = options;
  const family = options.family;
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(angle);
  const font = { size, family, weight };
  const { mark, part, text, textWidth, width } = pieces(ctx, token, font, maxWidth);
  let left = align === "right" ? -width : align === "center" ? -width / 2 : 0;
  if (mark) {
    const w = size * MARK;
    const base = size * 0.36;
    ctx.strokeStyle = options.markColor ?? color;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(left, base - size * 0.22);
    ctx.lineTo(left, base);
    ctx.lineTo(left + w, base);
    ctx.lineTo(left + w, base - size * 0.22);
    ctx.stroke();
    left += mark;
  }
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.direction = "ltr";
  ctx.fillStyle = color;
  ctx.font = `${weight} ${size}px ${family}`;
  ctx.fillText(text, left, 0);
  if (part) {
    ctx.font = `${size * PART}px ${family}`;
    ctx.fillStyle = options.markColor ?? color;
    ctx.fillText(part, left + textWidth + 1, -size * 0.22);
  }
  ctx.restore();
}
