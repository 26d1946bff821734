//! libFuzzer on the target `composed`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("composed").expect("it is a target").run)(bytes);
});
