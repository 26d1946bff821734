//! The pages that are looked at: reports of two cases in miniature, made with the program itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::tree;

/// One page.
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) url: String,
    /// Of which dark pictures are kept too.
    pub(crate) is_first: bool,
}

/// An audit under all policies, and a comparison with two references.
const REPORTS: &[(&str, &[&str])] = &[
    (
        "borrowed-encoder",
        &[
            "audit",
            "seed-think",
            "--against",
            "qwen2.5-vl",
            "--policy",
            "from-scratch",
            "--policy",
            "core-from-scratch",
            "--policy",
            "disclosed",
            "--policy",
            "national-programme-2026",
        ],
    ),
    ("false-accusation", &["compare", "solar-open", "glm-4.5-air", "phi-3.5-moe"]),
    ("depth-upscaled", &["compare", "solar", "mistral"]),
];

/// Builds the cases below `out`, which is emptied first, and writes the page of each in each language.
pub(crate) fn make(out: &Path) -> anyhow::Result<Vec<Page>> {
    if out.exists() {
        std::fs::remove_dir_all(out).with_context(|| format!("cannot empty {}", out.display()))?;
    }
    std::fs::create_dir_all(out)?;
    let out = out.canonicalize()?;
    let program = built()?;
    let mut pages = Vec::new();
    for (case, arguments) in REPORTS {
        let folder = out.join(case);
        call(&program, &out, &["demo", case, "--keep", &folder.to_string_lossy()])?;
        call(
            &program,
            &folder,
            &[arguments, &["--format", "json", "--output", "report.json"][..]].concat(),
        )?;
        for language in ["en", "ko"] {
            let name = format!("{case}-{language}");
            let file = out.join(format!("{name}.html"));
            let shown = file.to_string_lossy().into_owned();
            let render = ["render", "report.json", "--format", "html", "--lang", language];
            call(&program, &folder, &[&render[..], &["--output", &shown]].concat())?;
            let is_first = pages.len() < 2;
            pages.push(Page {
                name,
                folder: out.clone(),
                url: format!("file://{shown}"),
                is_first,
            });
        }
    }
    Ok(pages)
}

/// The program, built as the tests build it.
fn built() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "-p", "jokbo"])
        .current_dir(tree::root())
        .status()
        .context("cannot start cargo")?;
    anyhow::ensure!(status.success(), "the program does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| tree::root().join("target"), PathBuf::from);
    Ok(target.join("debug/jokbo"))
}

/// Runs the program. An audit whose policies are not met ends with 1, and that is no failure here.
fn call(program: &Path, at: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let done = Command::new(program)
        .args(arguments)
        .current_dir(at)
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let shown = arguments.join(" ");
    anyhow::ensure!(
        matches!(done.status.code(), Some(0 | 1 | 3)),
        "`jokbo {shown}` failed: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}
