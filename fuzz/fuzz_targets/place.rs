//! libFuzzer on the target `place`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("place").expect("it is a target").run)(bytes);
});
