//! How well a score separates the related from the independent.

use serde::Serialize;

/// Area under the curve and recall at one false alarm in a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Ranking {
    pub(crate) related: usize,
    pub(crate) independent: usize,
    /// The chance that a related pair scores above an independent one; ties count half.
    pub(crate) auc: f64,
    /// Share of related pairs above all but 1 % of the independent ones.
    pub(crate) tpr_at_1_percent: f64,
}

/// Ranks by `scores`; `None` when there is nothing on one of the sides.
pub(crate) fn rank(related: &[f64], independent: &[f64]) -> Option<Ranking> {
    if related.is_empty() || independent.is_empty() {
        return None;
    }
    let mut null = independent.to_vec();
    null.sort_by(f64::total_cmp);
    let wins = |score: f64| {
        let below = null.partition_point(|x| *x < score);
        let not_above = null.partition_point(|x| *x <= score);
        (count(below) + count(not_above)) / 2.0
    };
    let auc = related.iter().map(|s| wins(*s)).sum::<f64>() / count(related.len() * null.len());
    // At most this many independent pairs may lie above the threshold.
    let allowed = null.len() / 100;
    let threshold = null[null.len() - 1 - allowed];
    let above = related.iter().filter(|score| threshold < **score).count();
    Some(Ranking {
        related: related.len(),
        independent: null.len(),
        auc,
        tpr_at_1_percent: count(above) / count(related.len()),
    })
}

#[allow(clippy::cast_precision_loss, reason = "numbers of pairs, far below 2^52")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_a_useless_and_a_reversed_score_are_told_apart() {
        let null: Vec<f64> = (0..200).map(f64::from).collect();
        let auc = |related: &[f64]| rank(related, &null).unwrap();
        assert_eq!((auc(&[300.0, 400.0]).auc, auc(&[300.0]).tpr_at_1_percent), (1.0, 1.0));
        assert_eq!((auc(&[-1.0]).auc, auc(&[-1.0]).tpr_at_1_percent), (0.0, 0.0));
        assert!((auc(&null).auc - 0.5).abs() < 1e-12);
    }

    #[test]
    fn one_false_alarm_in_a_hundred_is_allowed_and_no_more() {
        let mut null = vec![0.0; 100];
        null[7] = 9.0;
        assert_eq!(rank(&[1.0], &null).unwrap().tpr_at_1_percent, 1.0);
        null[8] = 8.0;
        assert_eq!(rank(&[1.0], &null).unwrap().tpr_at_1_percent, 0.0);
        assert_eq!(rank(&[1.0], &[]), None);
    }
}
