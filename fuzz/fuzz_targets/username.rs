//! A username that is taken reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::{Username, UsernameRules};

fuzz_target!(|text: &str| {
    let rules = UsernameRules::default();
    match Username::parse(text, "username", &rules) {
        Ok(username) => {
            let shown = username.to_string();
            let again = Username::parse(&shown, "username", &rules);
            assert_eq!(again.expect("what was taken is taken again").to_string(), shown);
        }
        Err(problems) => assert!(!problems.is_empty()),
    }
});
