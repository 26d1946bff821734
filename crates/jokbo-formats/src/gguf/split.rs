//! The parts of a split file: what each says of the set, checked against the others.

use super::metadata::Metadata;
use crate::error::ErrorKind;
use crate::oddity::Oddities;
use crate::words::Shown;

/// What a part says of its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its number, from 0 on.
    pub(crate) number: u64,
    /// How many parts there are.
    pub(crate) count: u64,
    /// How many tensors all parts hold together.
    pub(crate) tensors: Option<u64>,
}

/// The part that a file says it is: none, when it is a whole model.
pub(super) fn of(metadata: &Metadata) -> Result<Option<Part>, ErrorKind> {
    let whole = |key: &str| match (metadata.get(key), metadata.whole(key)) {
        (Some(_), None) => Err(ErrorKind::NotWhole { key: key.to_owned() }),
        (_, number) => Ok(number),
    };
    let (number, tensors) = (whole("split.no")?, whole("split.tensors.count")?);
    let Some(count) = whole("split.count")?.filter(|&count| count != 0) else { return Ok(None) };
    let number = number.ok_or(ErrorKind::KeyMissing { key: "split.no" })?;
    if count <= number {
        return Err(ErrorKind::SplitNumber { number, count });
    }
    Ok(Some(Part { number, count, tensors }))
}

/// Checks `parts`, a path, what the file says and its number of tensors each. A part that was
/// named alone is told; several files must be one whole set.
pub(crate) fn check(
    parts: &[(&str, Option<Part>, u64)],
    told: &mut Oddities,
) -> Result<(), ErrorKind> {
    if let [(path, Some(part), _)] = parts {
        if 1 < part.count {
            let what = format_args!(
                "`{}` says that it is part {} of {}; only this part is read",
                Shown(path),
                part.number + 1,
                part.count
            );
            told.tell("lone parts", None, what);
        }
        return Ok(());
    }
    if parts.len() < 2 {
        return Ok(());
    }
    let mut numbers: Vec<(u64, &str)> = Vec::with_capacity(parts.len());
    let mut first: Option<(&str, Part)> = None;
    let names = || parts.iter().map(|(path, ..)| (*path).to_owned()).collect();
    for (path, part, _) in parts {
        let Some(part) = *part else { return Err(ErrorKind::ManyModels { names: names() }) };
        let (other, set) = *first.get_or_insert((path, part));
        if (set.count, set.tensors) != (part.count, part.tensors) {
            let (first, second) = (other.to_owned(), (*path).to_owned());
            return Err(ErrorKind::ShardsDisagree { first, second });
        }
        numbers.push((part.number, path));
    }
    if !numbers.is_sorted() {
        told.tell("order of parts", None, "the parts are numbered otherwise than they are named");
    }
    numbers.sort_unstable();
    if let Some(pair) = numbers.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let [first, second] = [pair[0].1, pair[1].1].map(str::to_owned);
        return Err(ErrorKind::SplitTwice { number: pair[0].0, first, second });
    }
    let Some((_, set)) = first else { return Ok(()) };
    let has = parts.len() as u64;
    if has != set.count {
        return Err(ErrorKind::SplitCount { has, count: set.count });
    }
    let held =
        parts.iter().map(|(.., tensors)| tensors).fold(0, |sum: u64, n| sum.saturating_add(*n));
    match set.tensors.filter(|&tensors| tensors != held) {
        Some(claims) => Err(ErrorKind::SplitTensors { claims, has: held }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: u64, count: u64, tensors: u64) -> Option<Part> {
        Some(Part { number, count, tensors: Some(tensors) })
    }

    #[track_caller]
    fn says(parts: &[(&str, Option<Part>, u64)], want: Result<&[&str], &str>) {
        let mut told = Oddities::of("m");
        let got = check(parts, &mut told).map_err(|kind| kind.to_string());
        let told: Vec<String> = told.into_list().into_iter().map(|oddity| oddity.what).collect();
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        assert_eq!(got.as_ref().map(|()| told.as_slice()).map_err(String::as_str), want);
    }

    #[test]
    fn a_whole_set_is_nothing_to_tell() {
        says(&[("m", None, 3)], Ok(&[]));
        says(&[("a", part(0, 2, 5), 2), ("b", part(1, 2, 5), 3)], Ok(&[]));
        says(&[("m", part(0, 1, 3), 3)], Ok(&[]));
    }

    #[test]
    fn a_part_alone_is_told() {
        let told = "`b` says that it is part 2 of 3; only this part is read";
        says(&[("b", part(1, 3, 9), 3)], Ok(&[told]));
    }

    #[test]
    fn parts_that_do_not_make_one_set_are_refused() {
        let (a, b) = (("a", part(0, 2, 5), 2), ("b", part(1, 2, 5), 3));
        says(
            &[a, ("c", None, 1)],
            Err("there are 2 GGUF files (`a`, `c`), and they do not say that they are one model"),
        );
        says(&[a, ("b", part(1, 3, 5), 3)], Err("`a` and `b` do not belong to one set of shards"));
        says(&[a, ("b", part(0, 2, 5), 3)], Err("`a` and `b` both say that they are part 1"));
        says(
            &[a, b, ("c", part(2, 2, 5), 0)],
            Err("3 parts are there, and each says that they are 2"),
        );
        says(
            &[("a", part(0, 2, 9), 2), ("b", part(1, 2, 9), 3)],
            Err("the parts hold 5 tensors, and each says that they hold 9"),
        );
        let turned = "the parts are numbered otherwise than they are named";
        says(&[("a", part(1, 2, 5), 2), ("b", part(0, 2, 5), 3)], Ok(&[turned]));
    }
}
