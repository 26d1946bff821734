//! libFuzzer on the target `onnx`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (jokbo_fuzz::named("onnx").expect("it is a target").run)(bytes);
});
