//! libFuzzer on the target `server`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("server").expect("it is a target").run)(bytes);
});
