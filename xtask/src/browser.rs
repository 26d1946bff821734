//! `cargo xtask browser`: the HTML report in a real browser, in both languages.
//!
//! Needs Chromium and its driver (Debian: `chromium chromium-driver`). Pages are of two cases in
//! miniature, and what is looked at is what a reader would miss: a request that leaves, an error, a
//! contrast too low, a key that leads nowhere, a picture that says other numbers than its table.

mod driver;
mod looks;
mod pages;

use std::path::PathBuf;

use anyhow::Context as _;

use crate::browser::driver::{Browser, Screen};
use crate::browser::pages::Page;
use crate::{say, tree};

const USAGE: &str = "usage: cargo xtask browser [--out FOLDER]";

/// Where pages and pictures are kept when `--out` names no other place.
const OUT: &str = "target/browser";

const PHONE: Screen = Screen { name: "phone", width: 390, height: 844, is_mobile: true };
const DESKTOP: Screen = Screen { name: "desktop", width: 1280, height: 900, is_mobile: false };

/// Makes the pages, opens each, and fails with every complaint that there is.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let out = match arguments {
        [] => tree::root().join(OUT),
        ["--out", out] => PathBuf::from(out),
        _ => anyhow::bail!(USAGE),
    };
    let pages = pages::make(&out)?;
    let browser = Browser::start()?;
    let mut complaints = Vec::new();
    for page in &pages {
        let found = looked_at(&browser, page).with_context(|| format!("in {}", page.name))?;
        say::line(&format!("browser: {}: {} complaints", page.name, found.len()));
        complaints.extend(found.into_iter().map(|what| format!("{}: {what}", page.name)));
    }
    complaints.iter().for_each(|complaint| say::line(&format!("  {complaint}")));
    anyhow::ensure!(complaints.is_empty(), "{} complaints of the browser", complaints.len());
    Ok(())
}

/// Everything that is wrong with one page.
fn looked_at(browser: &Browser, page: &Page) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for screen in [DESKTOP, PHONE] {
        for scheme in ["light", "dark"] {
            browser.show(&screen, scheme)?;
            browser.open(&page.url)?;
            let at = format!("{} {scheme}", screen.name);
            let mut say = |what: Vec<String>| {
                found.extend(what.into_iter().map(|what| format!("{at}: {what}")));
            };
            say(looks::errors(browser)?);
            say(looks::requests(browser)?);
            say(looks::overflow(browser, &screen)?);
            say(looks::accessibility(browser)?);
            if scheme == "light" || page.is_first {
                browser.picture(
                    &page.folder.join(format!("{}-{}-{scheme}.png", page.name, screen.name)),
                )?;
            }
        }
    }
    browser.show(&DESKTOP, "light")?;
    browser.open(&page.url)?;
    found.extend(looks::same_numbers(browser)?);
    found.extend(looks::keys(browser, &page.url)?);
    found.extend(looks::sorting(browser)?);
    found.extend(looks::choosing(browser)?);
    browser.print(&page.folder.join(format!("{}.pdf", page.name)))?;
    found.extend(looks::without_scripts(browser, &page.url)?);
    Ok(found)
}
