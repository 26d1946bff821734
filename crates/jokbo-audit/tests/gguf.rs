//! One small model as safetensors and as llama.cpp's converter would have written it: the parts
//! meet, and the verdict is the one that two safetensors files would have.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "a test counts in small numbers, and its failed unwrap is a failed test"
)]

#[path = "../../jokbo-formats/tests/gguf/writer.rs"]
mod writer;

use jokbo_audit::{Opened, Plan, Silent, compare, from_memory};
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Case, Grade, grade};
use writer::Writer;

const WIDTH: usize = 64;
const HIDDEN: usize = 96;
const HEAD: usize = 16;

/// A matrix of the model: its name here and there, its rows and columns.
type Matrix = (String, String, usize, usize);

fn matrices() -> Vec<Matrix> {
    let mut all = vec![("model.embed_tokens".to_owned(), "token_embd".to_owned(), 50, WIDTH)];
    for layer in 0..3 {
        for (name, theirs, rows, cols) in [
            ("self_attn.q_proj", "attn_q", WIDTH, WIDTH),
            ("self_attn.k_proj", "attn_k", 2 * HEAD, WIDTH),
            ("self_attn.v_proj", "attn_v", 2 * HEAD, WIDTH),
            ("self_attn.o_proj", "attn_output", WIDTH, WIDTH),
            ("mlp.gate_proj", "ffn_gate", HIDDEN, WIDTH),
            ("mlp.up_proj", "ffn_up", HIDDEN, WIDTH),
            ("mlp.down_proj", "ffn_down", WIDTH, HIDDEN),
        ] {
            let ours = format!("model.layers.{layer}.{name}");
            all.push((ours, format!("blk.{layer}.{theirs}"), rows, cols));
        }
    }
    all
}

/// Weights in rough likeness of a normal distribution, by seed and name.
fn values(seed: u64, name: &str, n: usize) -> Vec<f32> {
    let mut draws = Draws::new(seed, name);
    let mut one = || (0..4).map(|_| draws.below(1 << 16) as f32 / 65536.0 - 0.5).sum::<f32>();
    (0..n).map(|_| 0.02 * one()).collect()
}

fn safetensors(seed: u64) -> Opened {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, _, rows, cols) in matrices() {
        let start = data.len();
        data.extend(values(seed, &name, rows * cols).iter().flat_map(|x| x.to_le_bytes()));
        let range = [start, data.len()];
        let entry =
            serde_json::json!({ "dtype": "F32", "shape": [rows, cols], "data_offsets": range });
        header.insert(format!("{name}.weight"), entry);
    }
    let header = serde_json::Value::from(header).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    let config = serde_json::json!({ "model_type": "llama", "num_attention_heads": 4 });
    from_memory("a", vec![("model.safetensors".to_owned(), file)], Some(config)).unwrap()
}

/// The same weights with the rows of each head's halves interleaved, stored by `pack`.
fn gguf(seed: u64, of: u32, pack: impl Fn(&[f32]) -> Vec<u8>) -> Opened {
    let file = Writer::new()
        .string("general.architecture", "llama")
        .number("llama.embedding_length", WIDTH as u32)
        .number("llama.attention.head_count", (WIDTH / HEAD) as u32);
    let file = matrices().into_iter().fold(file, |file, (name, theirs, rows, cols)| {
        let stored = values(seed, &name, rows * cols);
        let is_turned = theirs.ends_with("attn_q") || theirs.ends_with("attn_k");
        let row_of = |row: usize| {
            let (head, within) = (row / HEAD, row % HEAD);
            if is_turned { head * HEAD + within % 2 * (HEAD / 2) + within / 2 } else { row }
        };
        let turned: Vec<f32> =
            (0..rows).flat_map(|row| stored[row_of(row) * cols..][..cols].to_vec()).collect();
        file.tensor(&format!("{theirs}.weight"), &[cols as u64, rows as u64], of, &pack(&turned))
    });
    from_memory("b", vec![("model.gguf".to_owned(), file.bytes())], None).unwrap()
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// Q8_0 with a scale of 2^-11, code 0x1000 of F16, for every block.
fn q8_0(values: &[f32]) -> Vec<u8> {
    let block = |part: &[f32]| {
        let codes = part.iter().map(|x| ((x * 2048.0).round() as i8).cast_unsigned());
        0x1000_u16.to_le_bytes().into_iter().chain(codes).collect::<Vec<u8>>()
    };
    values.chunks(32).flat_map(block).collect()
}

fn case(suspect: &Opened, reference: &Opened) -> Case {
    let case = compare(suspect, reference, &Plan::default(), &Silent).unwrap();
    // Nothing is left over: every element of a component meets one of the other model.
    assert!(case.exhibits.iter().all(|e| e.values.as_ref().unwrap().pairs == e.parameters));
    case
}

fn grades(case: &Case) -> Vec<Grade> {
    grade(case).iter().map(|verdict| verdict.grade).collect()
}

#[test]
fn a_converted_model_holds_the_same_values() {
    let case = case(&gguf(1, 0, f32s), &safetensors(1));
    assert_eq!(grades(&case), [Grade::Identical; 2]);
    assert_eq!(case.suspect.format, "gguf");
}

#[test]
fn a_quantised_model_is_derived_in_every_head() {
    let case = case(&gguf(1, 8, q8_0), &safetensors(1));
    assert_eq!(grades(&case), [Grade::Derived; 2]);
    let cosine = |k: usize| case.exhibits[k].values.as_ref().unwrap().cosine.unwrap();
    assert!(0.99 < cosine(0) && 0.99 < cosine(1), "{} {}", cosine(0), cosine(1));
}

#[test]
fn an_unrelated_model_stays_unrelated_in_another_format() {
    let case = case(&gguf(1, 8, q8_0), &safetensors(2));
    assert!(grades(&case).iter().all(|grade| !grade.is_finding()));
}
