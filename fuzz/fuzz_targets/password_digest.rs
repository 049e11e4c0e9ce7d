//! Any text is a digest of a hasher or refused; nothing is computed from it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_password::{Digest, Hasher};

fuzz_target!(|text: &str| {
    for hasher in Hasher::ALL {
        match Digest::parse(*hasher, text) {
            Ok(digest) => {
                assert_eq!(digest.hasher(), *hasher);
                assert_eq!(digest.as_str(), text);
            }
            Err(invalid) => assert!(!invalid.reason().is_empty()),
        }
    }
});
