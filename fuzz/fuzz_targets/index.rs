//! libFuzzer on the target `index`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("index").expect("it is a target").run)(bytes);
});
