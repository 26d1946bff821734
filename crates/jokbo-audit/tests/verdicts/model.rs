//! Small models with real names and seeded weights, written as safetensors in memory.

use std::cell::Cell;

use jokbo_audit::{Opened, from_memory};
use jokbo_statistics::seed::Draws;

/// A named tensor.
#[derive(Debug, Clone)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// How a model's weights are spread.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spread {
    Normal,
    /// Cubed, so that a few weights dwarf the rest.
    Heavy,
    /// All weights share a mean.
    Shifted,
    /// Input coordinates of very different scale.
    Anisotropic,
    /// Two directions, the model's own, carry most of every matrix.
    LowRank,
}

/// A model in the making.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) tensors: Vec<Tensor>,
    seed: u64,
    spread: Spread,
    vocabulary: usize,
}

pub(crate) fn normal(draws: &mut Draws) -> f32 {
    let mut uniform = || (draws.below(1 << 40) as f64 + 1.0) / (1u64 << 40) as f64;
    let (u, v) = (uniform(), uniform());
    ((-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
}

impl Model {
    pub(crate) fn new(seed: u64) -> Self {
        Self { tensors: Vec::new(), seed, spread: Spread::Normal, vocabulary: 50 }
    }

    pub(crate) fn spread(self, spread: Spread) -> Self {
        Self { spread, ..self }
    }

    /// Tokens in the tables of [`Model::language`].
    pub(crate) fn vocabulary(self, vocabulary: usize) -> Self {
        Self { vocabulary, ..self }
    }

    fn put(&mut self, name: String, shape: &[usize], value: impl Fn(&mut Draws, usize) -> f32) {
        let mut draws = Draws::new(self.seed, &name);
        let n = shape.iter().product();
        let values = (0..n).map(|k| value(&mut draws, k)).collect();
        self.tensors.push(Tensor { name, shape: shape.to_vec(), values });
    }

    pub(crate) fn matrix(&mut self, name: impl Into<String>, rows: usize, cols: usize) {
        let spread = self.spread;
        let mut own = Draws::new(self.seed, "directions");
        let directions: Vec<f32> = (0..2 * cols).map(|_| normal(&mut own)).collect();
        let loads = Cell::new([0.0; 2]);
        self.put(name.into(), &[rows, cols], move |draws, k| {
            let x = normal(draws);
            if k % cols == 0 {
                loads.set([normal(draws), 2.0 + normal(draws)]);
            }
            let along: f32 = loads
                .get()
                .iter()
                .enumerate()
                .map(|(r, l)| l * directions[r * cols + k % cols])
                .sum();
            0.02 * match spread {
                Spread::Normal => x,
                Spread::Heavy => x * x * x,
                Spread::Shifted => x + 4.0,
                Spread::Anisotropic => x / (1.0 + (k % cols) as f32),
                Spread::LowRank => 2.0 * along + 0.3 * x,
            }
        });
    }

    /// A tensor of any shape.
    pub(crate) fn tensor(&mut self, name: &str, shape: &[usize]) {
        self.put(name.to_owned(), shape, |draws, _| 0.1 * normal(draws));
    }

    pub(crate) fn norm(&mut self, name: impl Into<String>, n: usize) {
        self.put(name.into(), &[n], |draws, _| 1.0 + 0.2 * normal(draws));
    }

    /// A llama-like language model with its embedding and output head.
    pub(crate) fn language(mut self, prefix: &str, layers: usize, d: usize, h: usize) -> Self {
        self.matrix(format!("{prefix}model.embed_tokens.weight"), self.vocabulary, d);
        for layer in 0..layers {
            let at = |name: &str| format!("{prefix}model.layers.{layer}.{name}.weight");
            for name in ["q_proj", "k_proj", "v_proj", "o_proj"] {
                self.matrix(at(&format!("self_attn.{name}")), d, d);
            }
            self.matrix(at("mlp.gate_proj"), h, d);
            self.matrix(at("mlp.up_proj"), h, d);
            self.matrix(at("mlp.down_proj"), d, h);
            self.norm(at("input_layernorm"), d);
            self.norm(at("post_attention_layernorm"), d);
        }
        self.norm(format!("{prefix}model.norm.weight"), d);
        self.matrix(format!("{prefix}lm_head.weight"), self.vocabulary, d);
        self
    }

    /// A mixture of `experts` experts, `h` units each, with norms as alike as real ones are.
    pub(crate) fn mixture(mut self, layers: usize, d: usize, h: usize, experts: usize) -> Self {
        self.matrix("model.embed_tokens.weight", 60 + h, d);
        for layer in 0..layers {
            let at = |name: &str| format!("model.layers.{layer}.{name}.weight");
            self.matrix(at("self_attn.q_proj"), 2 * d - h, d);
            self.matrix(at("self_attn.k_proj"), d / 2, d);
            self.matrix(at("self_attn.v_proj"), d / 2, d);
            self.matrix(at("self_attn.o_proj"), d, 2 * d - h);
            self.matrix(at("mlp.gate"), experts, d);
            let experts = (0..experts).map(|e| format!("mlp.experts.{e}"));
            for expert in experts.chain(["mlp.shared_experts".to_owned()]) {
                self.matrix(at(&format!("{expert}.gate_proj")), h, d);
                self.matrix(at(&format!("{expert}.up_proj")), h, d);
                self.matrix(at(&format!("{expert}.down_proj")), d, h);
            }
            self.norm(at("input_layernorm"), d);
            self.norm(at("post_attention_layernorm"), d);
        }
        self.norm("model.norm.weight", d);
        self.matrix("lm_head.weight", 60 + h, d);
        self
    }

    /// A Qwen2.5-VL-like vision encoder without its merger.
    pub(crate) fn vision(mut self, prefix: &str, layers: usize, d: usize, h: usize) -> Self {
        self.put(format!("{prefix}patch_embed.proj.weight"), &[d, 3, 2, 4, 4], |draws, _| {
            0.02 * normal(draws)
        });
        for layer in 0..layers {
            let at = |name: &str| format!("{prefix}blocks.{layer}.{name}.weight");
            self.matrix(at("attn.qkv"), 3 * d, d);
            self.matrix(at("attn.proj"), d, d);
            self.matrix(at("mlp.gate_proj"), h, d);
            self.matrix(at("mlp.up_proj"), h, d);
            self.matrix(at("mlp.down_proj"), d, h);
            self.norm(at("norm1"), d);
            self.norm(at("norm2"), d);
        }
        self
    }

    /// The same names with every weight moved by normal noise of `share` of its tensor's spread.
    pub(crate) fn noised(mut self, share: f32, seed: u64) -> Self {
        for tensor in &mut self.tensors {
            let n = tensor.values.len() as f32;
            let mean = tensor.values.iter().sum::<f32>() / n;
            let sd = (tensor.values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n).sqrt();
            let mut draws = Draws::new(seed, &tensor.name);
            tensor.values.iter_mut().for_each(|x| *x += share * sd * normal(&mut draws));
        }
        self
    }

    /// The same weights under other names.
    pub(crate) fn renamed(mut self, from: &str, to: &str) -> Self {
        self.tensors.iter_mut().for_each(|t| t.name = t.name.replacen(from, to, 1));
        self
    }

    /// Only the tensors whose names pass.
    pub(crate) fn only(mut self, pass: impl Fn(&str) -> bool) -> Self {
        self.tensors.retain(|t| pass(&t.name));
        self
    }

    /// Both models' tensors in one checkpoint.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.tensors.extend(other.tensors);
        self
    }

    pub(crate) fn open(&self) -> Opened {
        self.open_with(None)
    }

    /// The same beside a configuration.
    pub(crate) fn open_with(&self, config: Option<serde_json::Value>) -> Opened {
        let mut header = serde_json::Map::new();
        let mut data = Vec::new();
        for t in &self.tensors {
            let start = data.len();
            data.extend(t.values.iter().flat_map(|x| x.to_le_bytes()));
            header.insert(
                t.name.clone(),
                serde_json::json!({
                    "dtype": "F32", "shape": t.shape, "data_offsets": [start, data.len()]
                }),
            );
        }
        let header = serde_json::Value::from(header).to_string();
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.as_bytes());
        file.extend(data);
        let files = vec![("model.safetensors".to_owned(), file)];
        from_memory("memory", files, config).expect("a model written here can be opened")
    }
}
