//! libFuzzer on the target `pickle`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("pickle").expect("it is a target").run)(bytes);
});
