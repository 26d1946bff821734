//! What is looked at in a page; each look returns its complaints, none when all is well.

use serde_json::{Value, json};

use crate::browser::driver::{Browser, Screen};

/// Audits a page for accessibility. It lies beside the standards, with its licence.
const AXE: &str = include_str!("../../../data/standards/axe-core/axe.min.js");

/// The tab and enter keys, as the protocol writes them.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// More presses of the tab key than any page here has stops.
const STOPS: usize = 400;

/// Everything that the console says is a complaint.
pub(crate) fn errors(browser: &Browser) -> anyhow::Result<Vec<String>> {
    let lines = browser.log("browser")?;
    Ok(lines.iter().map(|line| format!("console: {}", line["message"])).collect())
}

/// Requests for anything but the page itself.
pub(crate) fn requests(browser: &Browser) -> anyhow::Result<Vec<String>> {
    let mut urls = Vec::new();
    for line in browser.log("performance")? {
        let event: Value = serde_json::from_str(line["message"].as_str().unwrap_or("null"))?;
        if event["message"]["method"] == "Network.requestWillBeSent" {
            let url = event["message"]["params"]["request"]["url"].as_str().unwrap_or_default();
            urls.push(url.to_owned());
        }
    }
    if urls.is_empty() {
        return Ok(vec!["not even the request for the page was seen".to_owned()]);
    }
    let left = urls.into_iter().filter(|url| !url.starts_with("file:///"));
    Ok(left.map(|url| format!("a request left: {url}")).collect())
}

/// Whether the page is wider than its screen. A phone zooms out until it fits, so it is not asked how
/// wide its window is.
pub(crate) fn overflow(browser: &Browser, screen: &Screen) -> anyhow::Result<Vec<String>> {
    let width = browser.run("return document.documentElement.scrollWidth;")?;
    let fits = width.as_u64().is_some_and(|width| width <= u64::from(screen.width));
    let complaint = || format!("the page is {width} wide on a screen of {}", screen.width);
    Ok((!fits).then(complaint).into_iter().collect())
}

/// Contrast, names, order, language: what axe-core finds.
pub(crate) fn accessibility(browser: &Browser) -> anyhow::Result<Vec<String>> {
    browser.run(AXE)?;
    complaints(browser.wait_for(
        "const done = arguments[arguments.length - 1];
         axe.run(document, { resultTypes: ['violations'] }).then(
           (found) => done(found.passes.length < 10 ? ['axe looked at next to nothing'] : found.violations.map(
             (one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((n) => n.html).join(' ')}`)),
           (error) => done([`axe failed: ${error}`]));",
    )?)
}

/// Every heat map and the table under it, number by number.
pub(crate) fn same_numbers(browser: &Browser) -> anyhow::Result<Vec<String>> {
    complaints(browser.run(include_str!("looks/same_numbers.js"))?)
}

/// Goes through the page by the tab key, and by its first stop past the contents.
pub(crate) fn keys(browser: &Browser, url: &str) -> anyhow::Result<Vec<String>> {
    browser.press(TAB)?;
    let mut found = complaints(browser.run(
        "const at = document.activeElement, box = at.getBoundingClientRect();
         return at.className === 'skip' && 0 <= box.left ? [] : ['the first stop does not skip, or is not seen'];",
    )?)?;
    browser.press(ENTER)?;
    found
        .extend(complaints(browser.run(
            "return location.hash === '#verdicts' ? [] : ['the skip link leads nowhere'];",
        )?)?);
    // Only a page that is opened anew starts at its beginning again.
    browser.open("about:blank")?;
    browser.open(url)?;
    let mut stops = 0;
    for _ in 0..STOPS {
        browser.press(TAB)?;
        let is_over = browser.run(
            "const at = document.activeElement;
             if (at === document.body || at.dataset.stopped) return true;
             at.dataset.stopped = 'yes';
             const look = getComputedStyle(at);
             if (look.outlineStyle === 'none' || look.outlineWidth === '0px') at.dataset.unseen = 'yes';
             return false;",
        )?;
        // A window that is busy may miss its first keys; after a stop, the body is the end.
        if is_over != json!(true) {
            stops += 1;
        } else if 0 < stops {
            break;
        }
    }
    found.extend(complaints(browser.run(include_str!("looks/keys.js"))?)?);
    Ok(found)
}

/// Sorts a table by its headings.
pub(crate) fn sorting(browser: &Browser) -> anyhow::Result<Vec<String>> {
    complaints(browser.run(include_str!("looks/sorting.js"))?)
}

/// Looks up a pair of layers by the two lists and by a click.
pub(crate) fn choosing(browser: &Browser) -> anyhow::Result<Vec<String>> {
    complaints(browser.run(include_str!("looks/choosing.js"))?)
}

/// The page where scripts do not run: nothing that only a script could move is offered.
pub(crate) fn without_scripts(browser: &Browser, url: &str) -> anyhow::Result<Vec<String>> {
    let with = browser.run("return document.querySelector('main').innerText.length;")?;
    browser.command("Emulation.setScriptExecutionDisabled", &json!({ "value": true }))?;
    browser.open(url)?;
    let mut found = complaints(browser.run(
        "const offered = [...document.querySelectorAll('button, select, output')]
           .filter((one) => one.offsetParent !== null);
         return offered.length ? [`without scripts ${offered[0].outerHTML} is offered`] : [];",
    )?)?;
    let without = browser.run("return document.querySelector('main').innerText.length;")?;
    browser.command("Emulation.setScriptExecutionDisabled", &json!({ "value": false }))?;
    if without.as_f64() < with.as_f64().map(|n| 0.9 * n) {
        found.push(format!("without scripts {without} characters are left of {with}"));
    }
    Ok(found)
}

/// A list of complaints; anything else is one.
fn complaints(value: Value) -> anyhow::Result<Vec<String>> {
    serde_json::from_value(value.clone())
        .or_else(|_| Ok(vec![format!("no list came back: {value}")]))
}
