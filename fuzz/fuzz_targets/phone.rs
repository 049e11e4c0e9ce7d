//! A number that is taken is E.164 and reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::PhoneNumber;

fuzz_target!(|text: &str| {
    let Ok(phone) = PhoneNumber::parse(text, "phone_number") else { return };
    let shown = phone.to_string();
    let digits = shown.strip_prefix('+').expect("E.164");
    assert!(digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit()), "{shown}");
    let again = PhoneNumber::parse(&shown, "phone_number").expect("what was taken is taken again");
    assert_eq!(again.to_string(), shown, "{text:?} has two forms");
});
