//! libFuzzer on the target `config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("config").expect("it is a target").run)(bytes);
});
