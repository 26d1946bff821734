//! libFuzzer on the target `adapter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("adapter").expect("it is a target").run)(bytes);
});
