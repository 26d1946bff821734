// Every picture of sections shows the numbers of the table that follows it, in the same order.
const found = [];
const maps = [...document.querySelectorAll("svg.heat")];
if (maps.length === 0) found.push("there is no heat map");
for (const map of maps) {
  const table = map.closest("figure").nextElementSibling.querySelector("table");
  const told = [...table.tBodies[0].rows].map((row) => row.cells[1].textContent);
  const drawn = [...map.querySelectorAll("text.tiny")].map((text) => text.textContent);
  if (told.length !== drawn.length) found.push(`${drawn.length} cells beside ${told.length} rows`);
  told.forEach((number, k) => {
    const [a, b] = [Number(number), Number(drawn[k])];
    const close = Math.abs(a - b) <= 0.0051 || (0.995 <= a && a < 1 && drawn[k] === "0.99");
    if (!close) found.push(`the cell says ${drawn[k]}, the table ${number}`);
  });
}
return found;
