//! libFuzzer on the target `safetensors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("safetensors").expect("it is a target").run)(bytes);
});
