//! libFuzzer on the target `numpy`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("numpy").expect("it is a target").run)(bytes);
});
