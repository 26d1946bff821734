//! libFuzzer on the target `tokenizer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("tokenizer").expect("it is a target").run)(bytes);
});
