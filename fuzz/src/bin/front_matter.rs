//! Passes libFuzzer's input to [`daisychain_fuzz::front_matter`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    daisychain_fuzz::front_matter(&String::from_utf8_lossy(input));
});
