//! libFuzzer on the target `gguf`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("gguf").expect("it is a target").run)(bytes);
});
