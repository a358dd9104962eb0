"use strict";
// Makes the headers of sortable tables buttons that sort the rows. Without this script, rows keep the order of the page.

const byText = new Intl.Collator("en", { numeric: true }).compare;

function keyOf(row, column, isNumber) {
  const cell = row.cells[column];
  if (!isNumber) return cell.dataset.sort ?? cell.textContent.trim();
  return cell.dataset.sort ? Number(cell.dataset.sort) : null;
}

// Entries without a number come last in both directions. Equal entries keep their order.
function compare(a, b, isNumber, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  return sign * (isNumber ? a - b : byText(a, b));
}

function sortBy(header, headers, body) {
  const column = headers.indexOf(header);
  const isNumber = header.classList.contains("number");
  // The first click shows the largest number, or the first word.
  const [first, second] = isNumber ? ["descending", "ascending"] : ["ascending", "descending"];
  const direction = header.getAttribute("aria-sort") === first ? second : first;
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...body.rows].map((row) => [keyOf(row, column, isNumber), row]);
  rows.sort(([a], [b]) => compare(a, b, isNumber, sign));
  body.append(...rows.map(([, row]) => row));
  headers.forEach((other) => other.removeAttribute("aria-sort"));
  header.setAttribute("aria-sort", direction);
}

for (const table of document.querySelectorAll("table.sortable")) {
  const headers = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  for (const header of headers) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortBy(header, headers, table.tBodies[0]));
    header.append(button);
  }
}
