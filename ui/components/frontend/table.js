/** The table behind a picture. It is filled when opened: a long prompt has 36,000 cells. */
import { element } from "./figure.js";
import { tokenName } from "./tokens.js";

/**
 * @param {{summary: string, caption: string}} text
 * @param {() => {rows: string[], cols: string[], cell: (row: number, col: number) => string}} read
 *   asked each time the table is filled
 * @returns {{node: HTMLDetailsElement, refresh: () => void}}
 */
export function lazyTable(text, read) {
  const node = element("details", "kv-table");
  const body = element("div", "kv-table-box");
  body.tabIndex = 0;
  body.setAttribute("role", "region");
  body.setAttribute("aria-label", text.caption);
  node.append(element("summary", "", text.summary), body);
  const refresh = () => body.replaceChildren(...(node.open ? [build(text.caption, read())] : []));
  node.addEventListener("toggle", refresh);
  return { node, refresh };
}

function build(caption, { rows, cols, cell }) {
  const table = element("table");
  table.append(element("caption", "kv-hidden", caption));
  const head = table.createTHead().insertRow();
  head.append(element("td"));
  for (const name of cols) head.append(heading(name, "col"));
  const body = table.createTBody();
  rows.forEach((name, row) => {
    const line = body.insertRow();
    line.append(heading(name, "row"));
    cols.forEach((_, col) => line.append(element("td", "", cell(row, col))));
  });
  return table;
}

function heading(text, scope) {
  const cell = element("th", "", text);
  cell.scope = scope;
  return cell;
}

/** @param {import("./tokens.js").Token[]} tokens @returns {string[]} "cat (2)": names are unique */
export function tokenHeadings(tokens) {
  return tokens.map((token, pos) => `${tokenName(token)} (${pos})`);
}
