//! The order in which a person counts: `layers.2` before `layers.10`.

use std::cmp::Ordering;

/// Compares two names with every run of digits read as one number. A total order: names that
/// read the same (`07` and `7`) are told apart by their bytes.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    while let (Some(&l), Some(&r)) = (left.first(), right.first()) {
        let order = if l.is_ascii_digit() && r.is_ascii_digit() {
            let (l_number, l_rest) = digits(left);
            let (r_number, r_rest) = digits(right);
            (left, right) = (l_rest, r_rest);
            l_number.len().cmp(&r_number.len()).then_with(|| l_number.cmp(r_number))
        } else {
            (left, right) = (&left[1..], &right[1..]);
            l.cmp(&r)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// The run of digits at the start, without its leading zeros, and what follows it.
fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|b| !b.is_ascii_digit()).unwrap_or(bytes.len());
    let (run, rest) = bytes.split_at(end);
    let zeros = run.iter().take_while(|&&b| b == b'0').count();
    (&run[zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_counted_not_spelled() {
        let mut names = ["l.10.b", "l.2", "l.2.b", "l", "l.1000000000000000000000000", "l.02", "m"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            ["l", "l.02", "l.2", "l.2.b", "l.10.b", "l.1000000000000000000000000", "m"]
        );
    }

    #[test]
    fn only_a_name_itself_is_its_equal() {
        for (a, b) in [("7", "07"), ("a.0", "a.00"), ("", "0")] {
            assert_ne!(compare(a, b), Ordering::Equal);
            assert_eq!(compare(a, b), compare(b, a).reverse());
        }
    }
}
