//! A locale that is taken reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::Locale;

fuzz_target!(|text: &str| {
    let Ok(locale) = Locale::parse(text, "locale") else { return };
    let shown = locale.to_string();
    let again = Locale::parse(&shown, "locale").expect("what was taken is taken again");
    assert_eq!(again.to_string(), shown);
});
