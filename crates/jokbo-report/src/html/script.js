// What a reader may do besides reading: sort a table, look up a pair of layers. The page says all of
// it without this.
"use strict";
(() => {
  // "p ≤ 10^-93" sorts by its exponent, "12,345" and "32.2 %" by their number, all else as text.
  const value = (cell) => {
    const text = cell.textContent.trim();
    const power = /10\^(-?\d+(?:\.\d+)?)/.exec(text);
    if (power) return Number(power[1]);
    const number = /-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?/i.exec(text);
    if (!number) return text;
    const plain = Number(number[0].replaceAll(",", ""));
    return text.startsWith("p") ? Math.log10(plain) : plain;
  };
  const before = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const rising = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => before(value(a.cells[column]), value(b.cells[column])));
        table.tBodies[0].append(...(rising ? rows : rows.reverse()));
      });
    });
  }

  for (const figure of document.querySelectorAll("figure.pairs")) {
    const table = figure.querySelector("table");
    const [ours, theirs] = figure.querySelectorAll("select");
    const output = figure.querySelector("output");
    const rows = [...table.tBodies[0].rows];
    const fill = (select, names) => names.forEach((name, k) => select.add(new Option(name, k)));
    fill(ours, rows.map((row) => row.cells[0].textContent));
    fill(theirs, [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent));
    let chosen = null;
    const show = () => {
      const cell = rows[ours.value].cells[Number(theirs.value) + 1];
      chosen?.classList.remove("chosen");
      chosen = cell;
      cell.classList.add("chosen");
      const names = [ours, theirs].map((select) => select.selectedOptions[0].textContent);
      const said = [...names, cell.textContent];
      const text = figure.dataset.say.replace(/\{(\d)\}/g, (_, k) => said[k]);
      output.textContent = cell.title ? `${text} (${cell.title})` : text;
    };
    [ours, theirs].forEach((select) => select.addEventListener("change", show));
    table.addEventListener("click", (event) => {
      const cell = event.target.closest("td");
      if (!cell) return;
      ours.value = String(cell.parentElement.sectionRowIndex);
      theirs.value = String(cell.cellIndex - 1);
      show();
    });
    figure.querySelector(".choose").hidden = false;
    show();
  }
})();
