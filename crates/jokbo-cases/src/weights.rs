//! Values of tensors: drawn from a seed, or changed a little.

use jokbo_statistics::seed::Draws;

/// Standard deviation of a weight, and of a gain about 1.
const SPREAD: f32 = 0.02;
const GAINS: f32 = 0.1;

/// How differently tensors, and rows of one tensor, are spread: the standard deviation of the logarithm
/// of their scale. Trained ones differ by about as much, and are known by it.
const UNEVEN: f32 = 0.25;

/// Values of the tensor called `name` of model `of`. Gains of norms stand about 1, as trained ones
/// do: that is what makes those of unrelated models look alike.
pub(crate) fn drawn(of: &str, name: &str, shape: &[u64]) -> Vec<f32> {
    let mut draws = Draws::new(0, &format!("{of}/{name}"));
    let n = shape.iter().product::<u64>();
    if shape.len() == 1 {
        let middle = if name.ends_with("weight") { 1.0 } else { 0.0 };
        let spread = if name.ends_with("weight") { GAINS } else { SPREAD };
        return (0..n).map(|_| middle + spread * normal(&mut draws)).collect();
    }
    let mut scale = || libm::expf(UNEVEN * normal(&mut draws));
    let of_all = SPREAD * scale();
    let of_row: Vec<f32> = (0..shape[0]).map(|_| of_all * scale()).collect();
    let in_row = n / shape[0].max(1);
    of_row
        .iter()
        .flat_map(|scale| (0..in_row).map(move |_| scale))
        .map(|s| s * normal(&mut draws))
        .collect()
}

/// Adds independent noise of `share` of the norm of `values`.
pub(crate) fn noised(values: &mut [f32], share: f64, of: &str, name: &str) {
    let mut draws = Draws::new(1, &format!("{of}/{name}"));
    let noise = (0..values.len()).map(|_| normal(&mut draws)).collect();
    add(values, noise, share);
}

/// Adds a change of `share` of the norm of `values` that is no noise: rows share directions, few of
/// them strongly, as the gradients of different units do. It has full rank. Vectors move at random.
pub(crate) fn tuned(values: &mut [f32], shape: &[u64], share: f64, of: &str, name: &str) {
    let rows = shape.first().and_then(|rows| usize::try_from(*rows).ok()).unwrap_or(1).max(1);
    let cols = values.len() / rows;
    if cols < 2 {
        return noised(values, share, of, name);
    }
    let mut draws = Draws::new(2, &format!("{of}/{name}"));
    let directions: Vec<f32> = (0..cols * cols).map(|_| normal(&mut draws)).collect();
    let mut change = Vec::with_capacity(values.len());
    for _ in 0..rows {
        let mut row = vec![0.0; cols];
        let mut strength = 1.0_f32;
        for direction in directions.chunks_exact(cols) {
            let along = normal(&mut draws) / strength.sqrt();
            row.iter_mut().zip(direction).for_each(|(x, d)| *x += along * d);
            strength += 1.0;
        }
        change.extend(row);
    }
    add(values, change, share);
}

/// Adds `change`, scaled to `share` of the norm of `values`.
fn add(values: &mut [f32], change: Vec<f32>, share: f64) {
    let norm = |values: &[f32]| values.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let scale = share * norm(values) / norm(&change).max(f64::MIN_POSITIVE);
    #[allow(clippy::cast_possible_truncation, reason = "rounded to the nearest single")]
    let scale = scale as f32;
    values.iter_mut().zip(change).for_each(|(value, change)| *value += scale * change);
}

/// A standard normal value (Box and Muller, 1958).
fn normal(draws: &mut Draws) -> f32 {
    const STEPS: u64 = 1 << 24;
    #[allow(clippy::cast_precision_loss, reason = "24 bits are exact in a double")]
    let mut uniform = || (draws.below(STEPS) as f64 + 0.5) / STEPS as f64;
    let (u, v) = (uniform(), uniform());
    let value = libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v);
    #[allow(clippy::cast_possible_truncation, reason = "rounded to the nearest single")]
    let value = value as f32;
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &[f32], b: &[f32]) -> f64 {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
        };
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn a_change_is_as_large_as_it_was_planted() {
        let shape = [64, 48];
        let parent = drawn("m", "a.weight", &shape);
        for tune in [false, true] {
            let mut child = parent.clone();
            if tune {
                tuned(&mut child, &shape, 0.1, "c", "a.weight");
            } else {
                noised(&mut child, 0.1, "c", "a.weight");
            }
            let want = 1.0 / (1.0_f64 + 0.01).sqrt();
            let got = cosine(&parent, &child);
            assert!((got - want).abs() < 0.002, "{got}");
        }
    }

    #[test]
    fn weights_follow_from_model_and_name_alone() {
        assert_eq!(drawn("m", "a", &[3, 2]), drawn("m", "a", &[3, 2]));
        assert_ne!(drawn("m", "a", &[6]), drawn("n", "a", &[6]));
        let gains = drawn("m", "norm.weight", &[400]);
        assert!((gains.iter().sum::<f32>() / 400.0 - 1.0).abs() < 0.05);
    }
}
