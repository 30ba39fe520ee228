//! Passes libFuzzer's input to [`daisychain_fuzz::component`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    daisychain_fuzz::component(&String::from_utf8_lossy(input));
});
