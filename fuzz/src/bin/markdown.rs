//! Passes libFuzzer's input to [`daisychain_fuzz::markdown`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    daisychain_fuzz::markdown(&String::from_utf8_lossy(input));
});
