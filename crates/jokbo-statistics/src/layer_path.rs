//! The path of one model's layers through another's.

use crate::number::float_usize;

/// What a break in the order costs, in standard deviations of the scores: a layer that only seems a
/// little more like another one does not break a run.
const JUMP: f64 = 1.0;

/// For each row of `scores`, shape `[a][b]`, the column it came from: the path of largest sum, by
/// dynamic programming, in which going on to the next column is free and any other step (a layer
/// dropped, repeated or inserted) costs one standard
/// deviation. Empty when there is no score.
///
/// Scores are double-centred and scaled first: what a layer has in common with all others does not
/// count. A pair without a score counts as average. Time `O(a b)`.
pub fn path(scores: &[Vec<Option<f64>>]) -> Vec<usize> {
    let centred = centred(scores);
    let width = centred.first().map_or(0, Vec::len);
    if width == 0 {
        return Vec::new();
    }
    let mut best: Vec<f64> = centred[0].clone();
    let mut steps: Vec<Vec<usize>> = Vec::new();
    for row in &centred[1..] {
        let (from, top) = largest(&best);
        let step = |j: usize| match j.checked_sub(1) {
            Some(before) if top - JUMP <= best[before] => (before, best[before]),
            _ => (from, top - JUMP),
        };
        let chosen: Vec<(usize, f64)> = (0..width).map(step).collect();
        best = row.iter().zip(&chosen).map(|(score, (_, sum))| score + sum).collect();
        steps.push(chosen.into_iter().map(|(from, _)| from).collect());
    }
    let mut at = largest(&best).0;
    let mut path = vec![at];
    for step in steps.iter().rev() {
        at = step[at];
        path.push(at);
    }
    path.reverse();
    path
}

/// The first place of the largest value, and the value.
fn largest(values: &[f64]) -> (usize, f64) {
    values
        .iter()
        .copied()
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (k, x)| if best.1 < x { (k, x) } else { best })
}

/// Row and column means removed, and the standard deviation 1 where there is one.
fn centred(scores: &[Vec<Option<f64>>]) -> Vec<Vec<f64>> {
    let known: Vec<f64> = scores.iter().flatten().flatten().copied().collect();
    let grand = known.iter().sum::<f64>() / float_usize(known.len().max(1));
    let mut all: Vec<Vec<f64>> =
        scores.iter().map(|row| row.iter().map(|x| x.unwrap_or(grand)).collect()).collect();
    let (a, b) = (all.len(), all.first().map_or(0, Vec::len));
    let columns: Vec<f64> =
        (0..b).map(|j| all.iter().map(|row| row[j]).sum::<f64>() / float_usize(a)).collect();
    for row in &mut all {
        let mean = row.iter().sum::<f64>() / float_usize(b.max(1));
        row.iter_mut().zip(&columns).for_each(|(x, column)| *x += grand - mean - column);
    }
    let square: f64 = all.iter().flatten().map(|x| x * x).sum();
    let sd = (square / float_usize((a * b).max(1))).sqrt();
    if 0.0 < sd {
        all.iter_mut().flatten().for_each(|x| *x /= sd);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;

    fn noisy(from: &[usize], b: usize, neighbour: f64) -> Vec<Vec<Option<f64>>> {
        let mut draws = Draws::new(1, "scores");
        let mut noise = || draws.below(1001) as f64 / 1000.0;
        let score = |i: usize, j: usize| match from[i].abs_diff(j) {
            0 => 10.0,
            1 => neighbour,
            _ => 0.0,
        };
        (0..from.len()).map(|i| (0..b).map(|j| Some(score(i, j) + noise())).collect()).collect()
    }

    #[test]
    fn dropped_repeated_and_plain_layers_are_followed() {
        for from in
            [vec![0, 1, 2, 3, 4, 5, 6, 7], vec![0, 1, 4, 5, 7], vec![0, 1, 2, 3, 1, 2, 3, 4]]
        {
            assert_eq!(path(&noisy(&from, 8, 0.0)), from);
            // Neighbours of one parent look alike, and are not mistaken for it.
            assert_eq!(path(&noisy(&from, 8, 6.0)), from);
        }
    }

    #[test]
    fn one_weak_row_does_not_break_a_run() {
        let mut scores = noisy(&[0, 1, 2, 3, 4, 5], 6, 0.0);
        scores[3][3] = Some(2.0);
        scores[3][0] = Some(2.5);
        assert_eq!(path(&scores), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn nothing_to_follow_is_no_path_and_unknown_scores_are_average() {
        assert!(path(&[]).is_empty());
        assert!(path(&[vec![], vec![]]).is_empty());
        assert_eq!(path(&[vec![None]]), [0]);
    }
}
