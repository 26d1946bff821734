//! Tensors that are a formula: nobody's training is in them.
//!
//! A Fourier basis or a table of sinusoidal positions is bit-identical in models that never met.
//! Counted as evidence it would be a false accusation, so such tensors are recognised, listed and
//! left out. They are recognised by their values, never by their names: each file below recomputes
//! one formula, or checks the structure that defines it.
//!
//! Where a tolerance had to be chosen it leans towards *formula*: a tensor left out only weakens a
//! verdict. Learned weights are refused after a few hundred values.

mod arithmetic;
mod constant;
mod fourier;
mod geometric;
mod grid;
mod mask;
mod mel;
mod positions;
mod rounding;

#[cfg(test)]
mod fixture;

/// A formula that a tensor was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Formula {
    /// All values equal: an untouched bias of zeros, an untouched norm of ones.
    Constant,
    /// Equal steps: position indices.
    ArithmeticSequence,
    /// Equal ratios, falling: rotary inverse frequencies, attention bias slopes.
    GeometricSequence,
    /// Two values on a square, one of them on one side of the diagonal.
    Mask,
    /// Windowed cosines and sines of the whole frequencies.
    FourierBasis,
    /// Triangles over frequency, each further right than the last.
    MelFilterBank,
    /// Sines and cosines of the position at log-spaced frequencies.
    SinusoidalPositions,
}

impl Formula {
    /// Every formula, in the order they are tried.
    pub const ALL: [Formula; 7] = [
        Formula::Constant,
        Formula::ArithmeticSequence,
        Formula::GeometricSequence,
        Formula::Mask,
        Formula::FourierBasis,
        Formula::MelFilterBank,
        Formula::SinusoidalPositions,
    ];

    /// Its stable name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Formula::Constant => "constant",
            Formula::ArithmeticSequence => "arithmetic sequence",
            Formula::GeometricSequence => "geometric sequence",
            Formula::Mask => "mask",
            Formula::FourierBasis => "Fourier basis",
            Formula::MelFilterBank => "mel filter bank",
            Formula::SinusoidalPositions => "sinusoidal positions",
        }
    }

    /// One sentence for a reader of the report.
    pub fn describe(self) -> &'static str {
        match self {
            Formula::Constant => {
                "All values are equal, as in a tensor that training never changed."
            }
            Formula::ArithmeticSequence => {
                "The values rise or fall in equal steps, as position indices do."
            }
            Formula::GeometricSequence => {
                "The values fall by an equal ratio, as the inverse frequencies of rotary positions do."
            }
            Formula::Mask => {
                "A square of two values split along the diagonal, as in a causal attention mask."
            }
            Formula::FourierBasis => {
                "The rows are windowed cosines and sines, the basis of a short-time Fourier transform."
            }
            Formula::MelFilterBank => {
                "The rows are triangles that move up in frequency, as in a mel filter bank."
            }
            Formula::SinusoidalPositions => {
                "The table holds sines and cosines of the position, computed and not learned."
            }
        }
    }

    /// Where the definition is from.
    pub fn reference(self) -> &'static str {
        match self {
            Formula::Constant | Formula::ArithmeticSequence => "by definition",
            Formula::GeometricSequence => {
                "Su et al., RoFormer, arXiv:2104.09864, section 3.2.2; \
                 Press et al., ALiBi, arXiv:2108.12409, section 3"
            }
            Formula::Mask => {
                "Vaswani et al., Attention Is All You Need, arXiv:1706.03762, section 3.2.3; \
                 with a window, Beltagy et al., Longformer, arXiv:2004.05150, section 3.1"
            }
            Formula::FourierBasis => {
                "Allen and Rabiner, A unified approach to short-time Fourier analysis and \
                 synthesis, Proc. IEEE 65 (1977)"
            }
            Formula::MelFilterBank => {
                "Davis and Mermelstein, Comparison of parametric representations, IEEE Trans. \
                 ASSP 28 (1980); Slaney, Auditory Toolbox, report 1998-010"
            }
            Formula::SinusoidalPositions => {
                "Vaswani et al., Attention Is All You Need, arXiv:1706.03762, section 3.5; \
                 Radford et al., Whisper, arXiv:2212.04356, section 2.2"
            }
        }
    }
}

/// The formula that `values` are, or `None`: then they are taken for learned.
///
/// `values` is the tensor row-major, `shape` as stored; axes of length one are ignored. `None`
/// when the two do not fit together, for an empty tensor and for any NaN. Infinities are allowed
/// in a mask and in a constant.
///
/// Cost: a few hundred values are read before a learned tensor is refused, whatever its size, and
/// stretches of zeros besides; a tensor that is a formula is read a few times, `O(n)`. No memory.
pub fn recognise(values: &[f32], shape: &[u64]) -> Option<Formula> {
    let elements = shape.iter().try_fold(1_u64, |n, &axis| n.checked_mul(axis))?;
    if values.is_empty() || usize::try_from(elements).ok() != Some(values.len()) {
        return None;
    }
    Formula::ALL.into_iter().find(|formula| match formula {
        Formula::Constant => constant::is_constant(values),
        Formula::ArithmeticSequence => arithmetic::is_arithmetic(values),
        Formula::GeometricSequence => geometric::is_geometric(values),
        Formula::Mask => mask::is_mask(values, shape),
        Formula::FourierBasis => fourier::is_fourier_basis(values, shape),
        Formula::MelFilterBank => mel::is_mel_filter_bank(values, shape),
        Formula::SinusoidalPositions => positions::is_sinusoidal(values, shape),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::fixture::{Random, examples, single};
    use super::*;

    #[test]
    fn names_are_stable_words_and_differ() {
        let names: BTreeSet<_> = Formula::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names.len(), Formula::ALL.len());
        for formula in Formula::ALL {
            assert!(formula.describe().ends_with('.'), "{formula:?}");
            assert!(!formula.reference().is_empty(), "{formula:?}");
        }
    }

    #[test]
    fn a_shape_that_does_not_fit_is_no_formula() {
        assert_eq!(recognise(&[0.0; 6], &[7]), None);
        assert_eq!(recognise(&[], &[0]), None);
        assert_eq!(recognise(&[0.0; 6], &[u64::MAX, u64::MAX]), None);
        assert_eq!(recognise(&[0.0; 6], &[2, 3]), Some(Formula::Constant));
    }

    #[test]
    fn random_matrices_of_any_shape_are_no_formula() {
        let mut random = Random::new(1);
        let shapes: [&[u64]; 10] = [
            &[4],
            &[8],
            &[768],
            &[16, 16],
            &[64, 96],
            &[258, 1, 256],
            &[129, 256],
            &[80, 201],
            &[1, 512, 64],
            &[32, 16, 3, 3],
        ];
        for shape in shapes {
            let n = shape.iter().product::<u64>();
            for draw in 0..200 {
                let normal: Vec<f32> = (0..n).map(|_| random.normal()).collect();
                let positive = normal.iter().map(|v| v.max(0.0)).collect::<Vec<f32>>();
                let sparse = normal.iter().map(|v| (v - 2.0).max(0.0)).collect::<Vec<f32>>();
                let narrow = normal.iter().map(|v| 1.0 + 0.001 * v).collect::<Vec<f32>>();
                let short = narrow.iter().map(|v| f32::from_bits(v.to_bits() & 0xffff_0000));
                let short = short.collect::<Vec<f32>>();
                assert_eq!(recognise(&normal, shape), None, "normal {shape:?} {draw}");
                assert_eq!(recognise(&narrow, shape), None, "narrow {shape:?} {draw}");
                if 16 <= n {
                    assert_eq!(recognise(&positive, shape), None, "positive {shape:?} {draw}");
                    assert_eq!(recognise(&short, shape), None, "short {shape:?} {draw}");
                }
                if 256 <= n {
                    assert_eq!(recognise(&sparse, shape), None, "sparse {shape:?} {draw}");
                }
            }
        }
    }

    #[test]
    fn smooth_and_low_rank_tables_are_no_formula() {
        let mut random = Random::new(2);
        for (rows, cols) in [(64_u32, 32_u32), (258, 256), (129, 256), (80, 201), (512, 64)] {
            // Each column a slow wave of its own frequency, phase and size, as learned position
            // tables are.
            let waves: Vec<[f64; 3]> = (0..cols)
                .map(|_| [random.uniform() * 0.1, random.uniform() * 6.0, random.uniform()])
                .collect();
            let smooth: Vec<f32> = (0..rows)
                .flat_map(|r| waves.iter().map(move |w| (r, w)))
                .map(|(r, [rate, phase, size])| single(size * (rate * f64::from(r) + phase).sin()))
                .collect();
            let left: Vec<f32> = (0..rows).map(|_| random.normal()).collect();
            let right: Vec<f32> = (0..cols).map(|_| random.normal()).collect();
            let low_rank: Vec<f32> =
                left.iter().flat_map(|&l| right.iter().map(move |&r| l * r)).collect();
            let shape = [u64::from(rows), u64::from(cols)];
            assert_eq!(recognise(&smooth, &shape), None, "{shape:?}");
            assert_eq!(recognise(&low_rank, &shape), None, "{shape:?}");
            let mut sorted = left.clone();
            sorted.sort_by(f32::total_cmp);
            assert_eq!(recognise(&sorted, &shape[..1]), None, "{shape:?}");
        }
    }

    #[test]
    fn a_nan_is_never_part_of_a_formula() {
        for at in [0, 1, 37, 63] {
            let mut values = vec![0.0_f32; 64];
            values[at] = f32::NAN;
            assert_eq!(recognise(&values, &[64]), None);
            assert_eq!(recognise(&values, &[8, 8]), None);
        }
    }

    #[test]
    fn in_the_examples_only_the_fourier_bases_are_formulas() {
        let mut found = Vec::new();
        for (example, name, shape, values) in examples() {
            if let Some(formula) = recognise(&values, &shape) {
                found.push(format!("{example} {name}: {}", formula.name()));
            }
        }
        assert_eq!(
            found,
            ["akiki basis: Fourier basis", "silero-vad stft_conv.weight: Fourier basis"]
        );
    }
}
