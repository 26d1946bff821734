// After the tab key was pressed through the page: every visible stop was reached, and was seen.
const stops = [...document.querySelectorAll("a[href], button, select, summary, [tabindex='0']")];
const visible = stops.filter((one) => one.checkVisibility({ contentVisibilityAuto: true }));
const found = [];
if (visible.length < 10) found.push(`only ${visible.length} stops`);
for (const one of visible) {
  const shown = one.outerHTML.slice(0, 80);
  if (!one.dataset.stopped) found.push(`never reached by key: ${shown}`);
  if (one.dataset.unseen) found.push(`no focus is seen: ${shown}`);
}
return found.slice(0, 5);
