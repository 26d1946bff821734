//! The layer-by-layer matrix: every layer of A against every layer of B, cheaply.

use crate::features::Features;
use crate::lanes::sums;
use crate::matrix::products;
use crate::scores::z;

/// One layer's units, prepared once so that each pairing costs little.
///
/// The sum of squares of double-centred scores is `‖Ã B̃ᵀ‖² = ⟨Ãᵀ Ã, B̃ᵀ B̃⟩`: with the `d × d`
/// Gram matrix at hand a pair of layers costs `O(d² + n d)` instead of `O(n² d)`.
#[derive(Debug, Clone)]
pub struct Layer {
    rows: Features,
    /// Entries of the Gram matrix on its diagonal, and above it row by row.
    diagonal: Vec<f32>,
    above: Vec<f32>,
}

impl Layer {
    /// Prepares rows of length 1, shape `[n, d]`. Time `O(n d²)`, memory `O(n d + d²)`.
    pub fn new(unit_rows: Features) -> Self {
        let rows = unit_rows.centred();
        let (n, d) = (rows.units(), rows.width());
        let mut columns = vec![0.0f32; d * n];
        for unit in 0..n {
            for (k, &x) in rows.row(unit).iter().enumerate() {
                columns[k * n + unit] = x;
            }
        }
        let gram = products(&columns, &columns, n, d, d);
        let diagonal = (0..d).map(|k| gram[k * d + k]).collect();
        let above = (0..d).flat_map(|k| &gram[k * d + k + 1..(k + 1) * d]).copied().collect();
        Self { rows, diagonal, above }
    }

    /// Its units, centred, shape `[n, d]`.
    pub fn rows(&self) -> &Features {
        &self.rows
    }

    /// The aligned `z` of this layer's units with those of `other`. `None` when the shapes differ
    /// or the scores do not vary.
    pub fn z(&self, other: &Self) -> Option<f64> {
        let (a, b) = (&self.rows, &other.rows);
        if (a.units(), a.width()) != (b.units(), b.width()) {
            return None;
        }
        let dot = |x: &[f32], y: &[f32]| {
            let [sum] = sums(x, y, |x, y| [x * y]);
            sum
        };
        let squares = dot(&self.diagonal, &other.diagonal) + 2.0 * dot(&self.above, &other.above);
        z(dot(a.rows(), b.rows()), squares, a.units() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::scores::Scores;
    use crate::seed::Draws;

    fn rows(n: usize, d: usize, seed: u64) -> Features {
        let mut draws = Draws::new(seed, "rows");
        let values: Vec<f32> = (0..n * d).map(|_| draws.below(1001) as f32 - 300.0).collect();
        let mut features = Features::new(n);
        features.push_centred(&values);
        features.unit_rows()
    }

    #[test]
    fn the_short_way_gives_the_z_of_the_full_scores() {
        let (a, b) = (rows(30, 12, 1), rows(30, 12, 2));
        let scores = Scores::products(&a, &b).double_centred();
        let want = z(scores.diagonal().iter().sum(), scores.sum_of_squares(), 30).unwrap();
        near(Layer::new(a).z(&Layer::new(b)).unwrap(), want, 1e-3);
    }

    #[test]
    fn the_largest_entry_of_a_row_is_the_layer_it_came_from() {
        let b: Vec<Layer> = (0..5).map(|k| Layer::new(rows(60, 20, k))).collect();
        let a: Vec<Layer> = [3, 3, 0].map(|k| Layer::new(rows(60, 20, k))).to_vec();
        for (layer, parent) in a.iter().zip([3, 3, 0]) {
            let row: Vec<Option<f64>> = b.iter().map(|other| layer.z(other)).collect();
            let best = (0..5).max_by(|&i, &j| row[i].unwrap().total_cmp(&row[j].unwrap()));
            assert_eq!(best, Some(parent));
        }
    }

    #[test]
    fn layers_of_other_shapes_have_no_z() {
        assert!(Layer::new(rows(5, 3, 1)).z(&Layer::new(rows(6, 3, 1))).is_none());
    }
}
