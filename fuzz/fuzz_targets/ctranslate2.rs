//! libFuzzer on the target `ctranslate2`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("ctranslate2").expect("it is a target").run)(bytes);
});
