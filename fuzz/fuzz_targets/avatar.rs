//! Any path and query of an avatar draw a PNG or are refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_images::{Format, Transform, avatar, sniff};

fuzz_target!(|input: (&str, &str, Vec<(&str, &str)>)| {
    let (seed, initials, query) = input;
    let Ok(transform) = Transform::parse(query) else { return };
    let drawn = avatar(seed, initials, &transform).expect("there is always something to draw");
    assert_eq!(sniff(&drawn), Some(Format::Png));
});
