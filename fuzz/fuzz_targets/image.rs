//! A picture with bytes changed is cleaned or refused, and what comes out is a
//! picture of a sane size.

#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use image::{DynamicImage, ImageFormat, RgbImage};
use libfuzzer_sys::{Corpus, fuzz_target};
use rollbook_images::{MAX_STORED_SIDE, sanitize, sniff};

/// One small picture of each format, so that no run has to find their magic bytes.
static PICTURES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];
    let picture = DynamicImage::ImageRgb8(RgbImage::from_fn(16, 9, |x, y| {
        image::Rgb([(x * 16) as u8, (y * 28) as u8, (x * y) as u8])
    }));
    let encoded = formats.map(|format| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("an encoded picture");
        bytes.into_inner()
    });
    encoded.into()
});

fuzz_target!(|input: (u8, Vec<(u16, u8)>, Vec<u8>, u16)| -> Corpus {
    let (which, changes, tail, length) = input;
    let mut bytes = match PICTURES.get(usize::from(which % 5)) {
        Some(picture) => picture.clone(),
        None => Vec::new(),
    };
    for (at, byte) in changes {
        if let Some(changed) = bytes.get_mut(usize::from(at)) {
            *changed = byte;
        }
    }
    bytes.truncate(usize::from(length).max(8));
    bytes.extend_from_slice(&tail);
    let Ok(picture) = sanitize(&bytes) else { return Corpus::Keep };
    assert!(picture.width.max(picture.height) <= MAX_STORED_SIDE);
    assert_eq!(sniff(&picture.bytes), Some(picture.format));
    assert!(sanitize(&picture.bytes).is_ok(), "what was stored is a picture");
    Corpus::Keep
});
