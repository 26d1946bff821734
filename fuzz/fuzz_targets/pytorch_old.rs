//! libFuzzer on the target `pytorch_old`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("pytorch_old").expect("it is a target").run)(bytes);
});
