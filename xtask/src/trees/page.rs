//! The table of the trees as a page.

use std::fmt::Write as _;

use super::score::{Edges, Table};

pub(crate) fn markdown(table: &Table) -> String {
    let mut out = format!(
        "# Family trees of the lineage benchmark\n\n{} networks, all pairs, in {:.0} s. Read {} of {} \
         bytes.\n\nEdges: children with a parent in the set, joined to a parent by one link; tied: the \
         tree says that a parent is as near, or the link leads to an exact copy of one; in one cluster \
         with a parent all the same; apart from it.\n\n",
        table.networks, table.seconds, table.bytes_read, table.bytes_stored
    );
    let _ = writeln!(
        out,
        "| component | members | children | exact | tied | together | apart | related pairs | found | in \
         one cluster | independent pairs | called | in one cluster through a mixture | directions | right \
         |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for row in &table.components {
        let Edges { children, exact, tied, together, apart } = row.edges;
        let _ = writeln!(
            out,
            "| {} | {} | {children} | {exact} | {tied} | {together} | {apart} | {} | {} | {} | {} | {} | {} \
             | {} | {} |",
            row.component,
            row.members,
            row.related,
            row.found,
            row.together,
            row.independent,
            row.wrong,
            row.through_mixture,
            row.directions,
            row.directions_right
        );
    }
    let Edges { children, exact, tied, together, apart } = table.largest;
    let _ = writeln!(
        out,
        "| largest of each network | | {children} | {exact} | {tied} | {together} | {apart} | | | | | | | | |"
    );
    out.push_str("\n## Not joined to a parent, in the largest component\n\n");
    out.push_str("| network | relation | hangs on | distance | nearest parent | distance |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    for missed in &table.missed {
        let (joined, far) = match &missed.joined {
            Some((name, distance)) => (name.as_str(), format!("{distance:.3}")),
            None => ("nothing", "-".to_owned()),
        };
        let parent = missed.parent.1.map_or("-".to_owned(), |d| format!("{d:.3}"));
        let _ = writeln!(
            out,
            "| {} | {} | {joined} | {far} | {} | {parent} |",
            missed.network, missed.relation, missed.parent.0
        );
    }
    out
}
