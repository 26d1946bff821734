//! The table as Markdown.

use std::fmt::Write as _;

use super::naming::Tally;
use super::peers::Peer;
use super::ranking::Ranking;
use super::table::{Row, Table, share};
use super::uniform::Uniform;

/// What stands where the engine does not report a figure.
const NOT_YET: &str = "not yet reported";

/// The page.
pub(crate) fn markdown(table: &Table<'_>) -> String {
    let mut out = String::new();
    summary(&mut out, table);
    relations(&mut out, &table.rows);
    methods(&mut out, table);
    uniform(&mut out, &table.uniform);
    missed(&mut out, table);
    out
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{text}");
}

fn summary(out: &mut String, table: &Table<'_>) {
    let (found, all) = table.recall();
    line(out, "# Lineage benchmark\n");
    line(
        out,
        "Written by `cargo xtask lineage`; what the columns mean is in `bench/lineage/README.md`.\n",
    );
    line(out, "| figure | value |\n|---|---|");
    let mut row = |name: &str, value: String| line(out, &format!("| {name} | {value} |"));
    row("networks", table.networks.to_string());
    row("pairs compared", table.pairs.to_string());
    row("independent pairs", table.independent_pairs.to_string());
    row("independent components", table.independent_components.to_string());
    row("of these with a test", table.independent_components_tested.to_string());
    row("**false accusations**", format!("**{}**", table.false_accusations.len()));
    row("components found, of children and one start", format!("{found} of {all}"));
    row("AUC, by component", figure(table.by_component.map(|r| r.auc)));
    row("TPR at 1 % FPR, by component", figure(table.by_component.map(|r| r.tpr_at_1_percent)));
    let m = table.merges;
    row("merges named rightly, parents named", format!("{} of {}", m.named, m.components));
    row(
        "merge coefficients, largest and mean error",
        format!("{:.4} and {:.4}, of {}", m.largest_error, m.mean_error, m.coefficients),
    );
    row("of these inside their 95 % interval", format!("{} of {}", m.covered, m.coefficients));
    row(
        "matrices of pass-through merges, parent right",
        format!("{} of {}", m.matrices_right, m.matrices),
    );
    row("relation named rightly", tally(table.named));
    row("direction said rightly, both orders", tally(table.directed));
    line(out, "");
}

fn relations(out: &mut String, rows: &[Row]) {
    line(out, "## By relation\n");
    line(
        out,
        "| relation | pairs | found | components | found | recall | median log10 p | said checkpoint | layers placed | experts placed | named |",
    );
    line(out, "|---|---|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        let p = row.median_log10_p.map_or("-".to_owned(), |p| format!("{p:.1}"));
        let of = |count: Option<(usize, usize)>| {
            count.map_or("-".to_owned(), |(right, all)| format!("{right} of {all}"))
        };
        let (layers, experts, named) = (of(row.layers), of(row.experts), of(row.named));
        let text = format!(
            "| {} | {} | {} | {} | {} | {} | {p} | {} | {layers} | {experts} | {named} |",
            row.relation,
            row.pairs,
            row.pairs_found,
            row.components,
            row.components_found,
            figure(share(row.components_found, row.components)),
            row.said_checkpoint,
        );
        line(out, &text);
    }
    line(out, "");
}

fn methods(out: &mut String, table: &Table<'_>) {
    line(out, "## Beside other methods\n");
    line(out, "Related: a child and its parent, or two of one start; ranked by pair.\n");
    line(
        out,
        "| method | related | independent | AUC | TPR at 1 % FPR | without a score | calls related, of independent | of related |",
    );
    line(out, "|---|---|---|---|---|---|---|---|");
    let accused = table.false_accusations.len();
    let found: (usize, usize) = table
        .rows
        .iter()
        .filter(|row| row.relation != "other relatives")
        .fold((0, 0), |sum, row| (sum.0 + row.pairs_found, sum.1 + row.pairs));
    let own = Peer {
        method: "jokbo".to_owned(),
        ranking: table.by_pair,
        silent: 0,
        false_accusations: Some((accused, table.independent_pairs)),
        recalled: Some(found),
    };
    for peer in std::iter::once(&own).chain(table.peers) {
        let counts = peer.ranking.map_or(("-".to_owned(), "-".to_owned()), |r: Ranking| {
            (r.related.to_string(), r.independent.to_string())
        });
        let said =
            |c: Option<(usize, usize)>| c.map_or("-".to_owned(), |(n, of)| format!("{n} of {of}"));
        let text = format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            peer.method,
            counts.0,
            counts.1,
            figure(peer.ranking.map(|r| r.auc)),
            figure(peer.ranking.map(|r| r.tpr_at_1_percent)),
            peer.silent,
            said(peer.false_accusations),
            said(peer.recalled),
        );
        line(out, &text);
    }
    line(out, "");
}

fn uniform(out: &mut String, rows: &[Uniform]) {
    line(out, "## p between independent networks of one family\n");
    line(out, "![p against its rank](uniform.svg)\n");
    line(
        out,
        "| component | test | n | p <= 0.05 | p <= 0.01 | largest distance to uniform | excess of small p | p of the excess, at most | smallest p |",
    );
    line(out, "|---|---|---|---|---|---|---|---|---|");
    for u in rows {
        let text = format!(
            "| {} | {} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.2} | {:.1e} |",
            u.component,
            u.test,
            u.n,
            u.at_most_5_percent,
            u.at_most_1_percent,
            u.distance,
            u.excess,
            u.excess_p,
            u.smallest,
        );
        line(out, &text);
    }
    line(out, "");
}

fn missed(out: &mut String, table: &Table<'_>) {
    line(out, "## Not found\n");
    let direct = table.rows.iter().filter(|row| row.relation != "other relatives");
    let all: Vec<&String> = direct.flat_map(|row| &row.missed).collect();
    for miss in &all {
        line(out, &format!("- {miss}"));
    }
    if all.is_empty() {
        line(out, "Nothing.");
    }
    for accusation in &table.false_accusations {
        line(out, &format!("- **false**: {accusation}"));
    }
}

fn tally(counts: Option<Tally>) -> String {
    counts.map_or(NOT_YET.to_owned(), |c| {
        format!("{} of {} said, {} asked", c.right, c.said, c.asked)
    })
}

fn figure(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.3}"))
}
