//! Shards that number themselves: `model-00002-of-00003.safetensors`.

use std::collections::BTreeSet;

use crate::error::ErrorKind;

/// What a shard's name says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shard<'a> {
    /// The name up to the number.
    pub(super) stem: &'a str,
    /// Its own number.
    pub(super) number: u64,
    /// How many there are.
    pub(super) total: u64,
}

/// What the name `path` says of its place in a set, when it says anything.
pub(super) fn number_of(path: &str) -> Option<Shard<'_>> {
    const ENDINGS: [&str; 6] = [".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt"];
    let named = ENDINGS.iter().find_map(|ending| path.strip_suffix(ending))?;
    let (rest, total) = named.rsplit_once("-of-")?;
    let (stem, number) = rest.rsplit_once('-')?;
    Some(Shard { stem, number: digits(number)?, total: digits(total)? })
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Checks that the numbered files among `paths` are one whole set, numbered from one or from
/// zero. Files without a number are not part of it.
pub(super) fn check<S: AsRef<str>>(paths: &[S]) -> Result<(), ErrorKind> {
    let mut numbers = BTreeSet::new();
    let mut first: Option<(&str, Shard<'_>)> = None;
    for path in paths.iter().map(AsRef::as_ref) {
        let Some(shard) = number_of(path) else { continue };
        let number = shard.number;
        let (other, set) = first.get_or_insert((path, Shard { ..shard }));
        let same = (set.stem, set.total) == (shard.stem, shard.total);
        if !same || !numbers.insert(number) {
            let (first, second) = ((*other).to_owned(), path.to_owned());
            return Err(ErrorKind::ShardsDisagree { first, second });
        }
    }
    let Some((_, Shard { total, .. })) = first else { return Ok(()) };
    let lowest = u64::from(!numbers.contains(&0));
    let in_set = |number: u64| number.checked_sub(lowest).is_some_and(|n| n < total);
    for path in paths.iter().map(AsRef::as_ref) {
        if number_of(path).is_some_and(|shard| !in_set(shard.number)) {
            return Err(ErrorKind::ShardNumber { shard: path.to_owned(), total });
        }
    }
    let has = u64::try_from(numbers.len()).unwrap_or(u64::MAX);
    if has < total {
        let missing = missing(&numbers, lowest, total - has);
        return Err(ErrorKind::ShardsMissing { has, total, missing });
    }
    Ok(())
}

/// The first few of the `count` numbers that are not there. The total is a claim and may be
/// huge, so no list of all of them is made.
fn missing(numbers: &BTreeSet<u64>, lowest: u64, count: u64) -> String {
    const FEW: usize = 5;
    let few: Vec<_> = (lowest..)
        .filter(|number| !numbers.contains(number))
        .take(FEW.min(usize::try_from(count).unwrap_or(FEW)))
        .map(|number| format!("number {number}"))
        .collect();
    let more = count.saturating_sub(FEW as u64);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", few.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(paths: &[&str], want: Option<&str>) {
        let paths: Vec<_> = paths.iter().map(|path| format!("{path}.safetensors")).collect();
        let found = check(&paths).err().map(|kind| kind.to_string());
        assert_eq!(found.as_deref(), want);
    }

    #[test]
    fn a_name_gives_number_and_total() {
        let shard = Shard { stem: "a/model", number: 2, total: 30 };
        assert_eq!(number_of("a/model-00002-of-00030.safetensors"), Some(shard));
        for other in [
            "model.safetensors",
            "model-1-of-2.npz",
            "model-of-2.safetensors",
            "model--of-.safetensors",
            "model-+1-of-2.safetensors",
            "model-1-of-99999999999999999999.safetensors",
        ] {
            assert_eq!(number_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_whole_set_is_nothing_to_tell() {
        says(&[], None);
        says(&["model"], None);
        says(&["m-1-of-2", "m-2-of-2"], None);
        says(&["m-00000-of-00002", "m-00001-of-00002", "other"], None);
    }

    #[test]
    fn a_gap_is_named() {
        says(
            &["m-1-of-3", "m-3-of-3"],
            Some("the folder holds 2 of 3 shards and no index; missing: number 2"),
        );
        says(
            &["m-2-of-9000000000"],
            Some(
                "the folder holds 1 of 9000000000 shards and no index; missing: number 1, number 3, number 4, number 5, number 6 and 8999999994 more",
            ),
        );
    }

    #[test]
    fn shards_of_two_sets_disagree() {
        let disagree = |a: &str, b: &str| {
            format!("`{a}.safetensors` and `{b}.safetensors` do not belong to one set of shards")
        };
        for (a, b) in
            [("m-1-of-3", "m-2-of-2"), ("a-1-of-2", "b-2-of-2"), ("m-1-of-2", "m-01-of-2")]
        {
            says(&[a, b], Some(&disagree(a, b)));
        }
    }

    #[test]
    fn a_number_outside_the_set_is_refused() {
        let want = "`m-3-of-2.safetensors` is numbered outside its own set of 2 shards";
        says(&["m-1-of-2", "m-3-of-2"], Some(want));
        says(
            &["m-0-of-0"],
            Some("`m-0-of-0.safetensors` is numbered outside its own set of 0 shards"),
        );
    }
}
