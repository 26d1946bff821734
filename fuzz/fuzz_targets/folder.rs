//! libFuzzer on the target `folder`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("folder").expect("it is a target").run)(bytes);
});
