//! Whether one of three relatives lies between the other two.
//!
//! Where every change is independent of the ones before it, cosines multiply along a line of
//! descent, so their logarithms add up: of `a`, `b`, `c` in a row, `cos(a, c) = cos(a, b) cos(b, c)`.
//! What is missing to that is how far `b` lies off the way from `a` to `c`, the Gromov product of
//! additive trees (Buneman, *A note on the metric properties of trees*, 1974).

/// Lengths below this are what rounding leaves of none.
const NO_LENGTH: f64 = 1e-6;

/// How far `b` lies off the way from `a` to `c`, as a share of its shorter link: 0 between them, 1/2
/// when three are equally near, as siblings are. Below 0 where changes went on in one direction, and
/// far below where the three cosines were not measured alike.
///
/// `ab`, `bc`, `ac` are cosines, dimensionless. `None` where one is not positive or not finite: what
/// lies that far apart has no logarithm. Where a link has no length it is a share of the longest.
pub fn detour(ab: f64, bc: f64, ac: f64) -> Option<f64> {
    let length = |cosine: f64| (0.0 < cosine).then(|| -libm::log(cosine.min(1.0)));
    let (ab, bc, ac) = (length(ab)?, length(bc)?, length(ac)?);
    let off = (ab + bc - ac) / 2.0;
    let (shorter, longest) = (ab.min(bc), ab.max(bc).max(ac));
    let share = match (NO_LENGTH < shorter, NO_LENGTH < longest) {
        (true, _) => off / shorter,
        (false, true) => off / longest,
        (false, false) => 0.0,
    };
    share.is_finite().then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use proptest::prelude::*;

    #[test]
    fn a_parent_between_two_is_no_detour_and_a_sibling_is_half() {
        near(detour(0.9, 0.8, 0.72).unwrap(), 0.0, 1e-12);
        near(detour(0.9, 0.9, 0.9).unwrap(), 0.5, 1e-12);
        // The farther end of three in a row is as far off as it can be.
        near(detour(0.72, 0.8, 0.9).unwrap(), 1.0, 1e-12);
        assert_eq!(detour(1.0, 0.8, 0.8), Some(0.0));
        assert_eq!(detour(1.0, 1.0, 1.0), Some(0.0));
        // Two that are the same are equally far from a third, or not measured alike.
        near(detour(1.0, 0.8, 0.9).unwrap(), 0.264, 1e-3);
    }

    #[test]
    fn what_is_too_far_apart_has_no_place() {
        for (ab, bc, ac) in [(0.0, 0.5, 0.5), (0.5, -0.1, 0.5), (0.5, 0.5, f64::NAN)] {
            assert_eq!(detour(ab, bc, ac), None);
        }
    }

    proptest! {
        #[test]
        fn both_ends_may_change_places(
            ab in 0.01f64..1.0, bc in 0.01f64..1.0, ac in 0.01f64..1.0,
        ) {
            prop_assert_eq!(detour(ab, bc, ac), detour(bc, ab, ac));
        }
    }
}
