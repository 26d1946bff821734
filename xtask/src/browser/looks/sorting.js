// The first table that has a column of counts sorted by it, rising and falling; then every heading of
// every sortable table: no row may be lost.
const found = [];
const tables = [...document.querySelectorAll("table.sortable")];
const column = (table) => {
  const rows = [...table.tBodies[0].rows];
  const counts = (k) => rows.every((row) => /^[\d,]+$/.test(row.cells[k].textContent));
  return rows.length < 3 ? -1 : [...rows[0].cells].findIndex((_, k) => counts(k));
};
const long = tables.find((table) => 0 <= column(table));
if (!long) found.push("no table with a column of counts can be sorted");
else {
  const at = column(long);
  const button = long.tHead.rows[0].cells[at].querySelector("button");
  const counts = () =>
    [...long.tBodies[0].rows].map((row) => Number(row.cells[at].textContent.replaceAll(",", "")));
  const rises = (list) => list.every((x, k) => k === 0 || list[k - 1] <= x);
  button.click();
  if (!rises(counts())) found.push(`not rising: ${counts()}`);
  button.click();
  if (!rises(counts().reverse())) found.push(`not falling: ${counts()}`);
  if (button.parentElement.ariaSort !== "descending") found.push("the order is not told");
}
for (const table of tables) {
  const before = table.tBodies[0].rows.length;
  table.querySelectorAll("thead button").forEach((button) => button.click());
  if (table.tBodies[0].rows.length !== before) found.push("rows were lost in sorting");
}
return found;
