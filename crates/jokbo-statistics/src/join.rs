//! Partial results joined in one fixed binary tree.

/// Joins parts in the order of their place, neighbours first: `((0 1) (2 3)) ((4 5) 6)`.
///
/// The grouping follows from the number of parts alone, so a sum has the same last bit whatever
/// computed the parts and in whatever order they arrived. `None` when there are none.
pub fn join<P>(mut parts: Vec<P>, both: impl Fn(P, P) -> P) -> Option<P> {
    while 1 < parts.len() {
        let mut halved = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(left) = rest.next() {
            halved.push(match rest.next() {
                Some(right) => both(left, right),
                None => left,
            });
        }
        parts = halved;
    }
    parts.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_first_and_order_is_kept() {
        let parts: Vec<String> = (0..7).map(|n| n.to_string()).collect();
        let whole = join(parts, |a, b| format!("({a} {b})"));
        assert_eq!(whole.as_deref(), Some("(((0 1) (2 3)) ((4 5) 6))"));
        assert_eq!(join(Vec::<String>::new(), |a, _| a), None);
    }
}
