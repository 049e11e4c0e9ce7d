//! Any text is an instant or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::parse_rfc3339;

fuzz_target!(|text: &str| {
    let Ok(millis) = parse_rfc3339(text, "created_at") else { return };
    // The years 0 to 9999, all that the format can say.
    assert!((-62_200_000_000_000..253_500_000_000_000).contains(&millis), "{text:?}: {millis}");
});
