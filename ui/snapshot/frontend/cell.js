// @ts-check
/**
 * One cell of the matrix taken apart in numbers, as the page does below the figure: with a digit
 * less, because what was recorded is right to 1 part in 60,000. As there, each line follows from
 * what is shown above it, to 1 in its last digit.
 */
import { element } from "../../../kvfront/shared/figure.js";
import { fill, fixed, significant } from "../../../kvfront/shared/format.js";
import { lazyTable } from "../../../kvfront/shared/table.js";
import { tokenName } from "../../../kvfront/shared/tokens.js";

const DIGITS = 3;
const HUES = { orange: "q", blue: "k" };

/**
 * The numbers of one query and one key, as `cell` in kvcore/study/cell.py has them.
 * @param {Record<string, {data: any, shape: number[]}>} arrays as kv.matrix takes them
 * @param {number} row @param {number} col
 */
export function take({ q, k, scores, mask, weights }, row, col) {
  const [count, dim] = q.shape;
  const products = Array.from({ length: dim }, (_, d) => q.data[row * dim + d] * k.data[col * dim + d]);
  const line = (array) => Array.from(array.data.subarray(row * count, (row + 1) * count));
  const own = line(scores);
  const visible = line(mask).map(Boolean);
  const seen = own.filter((_, j) => visible[j]);
  const top = Math.max(...seen);
  const masked = visible[col] ? own[col] : -Infinity;
  return {
    products,
    dot: products.reduce((sum, product) => sum + product, 0),
    score: own[col],
    visible: visible[col],
    masked,
    top,
    exp: Math.exp(masked - top),
    total: seen.reduce((sum, score) => sum + Math.exp(score - top), 0),
    weight: line(weights)[col],
  };
}

export class CellNumbers {
  constructor() {
    this.node = element("details", "cell");
    this.node.open = window.parent === window; // in the column of another page it waits
    this.title = element("summary");
    this.stages = element("table");
    const dims = () => this.cell.products.map((_, d) => `${d}`);
    this.products = lazyTable({
      rows: dims,
      cols: () => ["q", "k", "q × k"],
      cell: (d, column) =>
        column === 2
          ? fixed(this.cell.products[d], DIGITS + 2)
          : fixed(this.rows[column][d], DIGITS + 4),
    });
    this.node.append(this.title, this.stages, this.products.node);
  }

  /** @param {{meta: any, arrays: any}} block of kv.matrix @param {Record<string, string>} text */
  show({ meta: { tokens, cell: [row, col] }, arrays }, text) {
    const { q, k } = arrays;
    const n = q.shape[1];
    const at = (array, i) => array.data.subarray(i * n, (i + 1) * n);
    const cell = (this.cell = take(arrays, row, col));
    this.rows = [at(q, row), at(k, col)];
    const name = (i) => fill(text.token, { text: tokenName(tokens[i]) });
    this.title.textContent = fill(text.title, { query: name(row), row, key: name(col), column: col });
    const [score, top, total] = [cell.masked, cell.top, cell.total].map((x) => fixed(x, DIGITS));
    const lowered = cell.top < 0 ? `(${top})` : top; // a minus after a minus
    const head = element("thead");
    head.append(line("th", [text.stage], text.value));
    const body = element("tbody");
    body.append(
      line("td", coloured(fill(text.dot, { n })), fixed(cell.dot, DIGITS)),
      line("td", [fill(text.score, { n })], fixed(cell.score, DIGITS)),
      line("td", [text.visible], cell.visible ? text.yes : text.no),
      line("td", [text.masked], score),
      line("td", [fill(text.exp, { score, top: lowered })], significant(cell.exp, DIGITS)),
      line("td", [fill(text.weight, { total })], significant(cell.weight, DIGITS - 1)),
    );
    this.stages.replaceChildren(head, body);
    this.products.name(fill(text.products, { n }), this.title.textContent);
    this.products.refresh();
  }
}

/** @param {"td"|"th"} tag @param {(string|Node)[]} what @param {string} value */
function line(tag, what, value) {
  const row = element("tr");
  const first = element(tag);
  first.append(...what);
  row.append(first, element(tag, "", value));
  return row;
}

/** Our own :orange[q] as a letter in its colour. @param {string} text */
function coloured(text) {
  return text.split(/(:\w+\[\w\])/).map((piece) => {
    const found = /^:(\w+)\[(\w)\]$/.exec(piece);
    return found ? element("span", `ink-${HUES[found[1]]}`, found[2]) : piece;
  });
}
