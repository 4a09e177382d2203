/** The table behind a picture. It is filled when opened: a long prompt has 36,000 cells. */
import { element } from "./figure.js";
import { spoken, tokenName } from "./tokens.js";

/**
 * @typedef {{rows: () => string[], cols: () => string[],
 *   cell: (row: number, col: number) => string}} TableSource asked each time the table is filled
 *
 * @param {TableSource} source
 * @returns {{node: HTMLDetailsElement, name: (summary: string, caption: string, space?: string) => void,
 *   refresh: () => void}}
 */
export function lazyTable(source) {
  const node = element("details", "kv-table");
  const summary = element("summary");
  const body = element("div", "kv-table-box");
  body.tabIndex = 0;
  body.setAttribute("role", "group");
  node.append(summary, body);
  let caption = "";
  let space = "";
  const refresh = () => body.replaceChildren(...(node.open ? [build(caption, source, space)] : []));
  const name = (text, label, word = "") => {
    summary.textContent = text;
    [caption, space] = [label, word];
    body.setAttribute("aria-label", label);
  };
  node.addEventListener("toggle", refresh);
  return { node, name, refresh };
}

/** @param {string} caption @param {TableSource} source @param {string} space */
function build(caption, source, space) {
  const rows = source.rows();
  const cols = source.cols();
  const table = element("table");
  table.append(element("caption", "kv-hidden", caption));
  const head = table.createTHead().insertRow();
  head.append(element("td"));
  for (const name of cols) head.append(heading(name, "col", space));
  const body = table.createTBody();
  rows.forEach((name, row) => {
    const line = body.insertRow();
    line.append(heading(name, "row", space));
    cols.forEach((name, col) => {
      const cell = element("td", "", source.cell(row, col));
      cell.dataset.col = name; // for paper, which may be too narrow for a table
      line.append(cell);
    });
  });
  return table;
}

function heading(text, scope, space) {
  const cell = element("th");
  cell.append(...spoken(text, space));
  cell.scope = scope;
  return cell;
}

/** @param {import("./tokens.js").Token[]} tokens @returns {string[]} "cat (2)": names are unique */
export function tokenHeadings(tokens) {
  return tokens.map((token, pos) => `${tokenName(token)} (${pos})`);
}
