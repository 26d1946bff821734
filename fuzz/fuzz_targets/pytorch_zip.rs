//! libFuzzer on the target `pytorch_zip`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("pytorch_zip").expect("it is a target").run)(bytes);
});
