//! libFuzzer on the target `dequantise`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("dequantise").expect("it is a target").run)(bytes);
});
