//! An address that is taken reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::EmailAddress;

fuzz_target!(|text: &str| {
    let Ok(email) = EmailAddress::parse(text, "email_address") else { return };
    let shown = email.to_string();
    let again =
        EmailAddress::parse(&shown, "email_address").expect("what was taken is taken again");
    assert_eq!(again.to_string(), shown, "{text:?} has two forms");
    assert_eq!(format!("{}@{}", email.local(), email.domain()), shown);
});
