//! A part of the benchmark that is quick.

use super::*;

/// A base with what was made of it in the open, its likes, and strangers of two families.
fn is_quick(network: &Network) -> bool {
    let of_base = network.name.starts_with("llama-01") || network.name == "merge-strangers";
    let apart = ["llama-02", "llama-03", "vit-00", "vit-00-tuned-heavy", "vit-01", "vlm-of-two"];
    of_base || apart.contains(&network.name.as_str())
}

#[test]
fn no_stranger_is_joined_and_open_children_hang_on_their_parents() {
    let manifest = Manifest::read(&folder()).unwrap();
    let networks: Vec<&Network> = manifest.networks.iter().filter(|n| is_quick(n)).collect();
    assert!(12 < networks.len(), "{}", networks.len());
    let (family, trees) = draw(&networks).unwrap();
    let table = Table::new(&manifest, &family, &trees, 0.0);
    for row in &table.components {
        assert_eq!(row.wrong, 0, "{row:?}");
        assert_eq!(row.directions, row.directions_right, "{row:?}");
    }
    let independent: u64 = table.components.iter().map(|row| row.independent).sum();
    assert!(50 < independent, "{independent} independent pairs are too few");
    // What hid itself is apart; everything else hangs on its parent.
    assert_eq!(table.largest.exact + table.largest.apart, table.largest.children, "{table:?}");
    assert!(6 <= table.largest.exact, "{table:?}");
    assert!(table.missed.iter().all(|m| m.relation.starts_with("attack")), "{:?}", table.missed);
    assert!(table.bytes_read <= table.bytes_stored);
}

#[test]
fn a_command_line_that_says_nothing_known_is_refused() {
    assert!(run(&["--out"]).is_err() && run(&["--speed", "1"]).is_err());
}
