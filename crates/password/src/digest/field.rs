//! The fields that digest formats are made of: numbers, hexadecimal and base64, each bounded.

use std::ops::RangeInclusive;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::InvalidDigest;

/// Standard base64 with or without padding: exporters differ in that.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Length in bytes that a salt may have where its format sets no other bounds.
pub(super) const SALT: RangeInclusive<usize> = 1..=128;

/// The number that `text` writes in plain decimal digits, if it lies in `range`.
pub(super) fn number(
    what: &str,
    text: &str,
    range: RangeInclusive<u32>,
) -> Result<u32, InvalidDigest> {
    Some(text)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (least, most) = range.into_inner();
            InvalidDigest::new(format!("the {what} must be a number from {least} to {most}"))
        })
}

/// The bytes that `text` writes in hexadecimal digits of either case.
pub(super) fn hexadecimal(
    what: &str,
    text: &str,
    bytes: RangeInclusive<usize>,
) -> Result<Vec<u8>, InvalidDigest> {
    let decoded = hex::decode(text)
        .map_err(|_| InvalidDigest::new(format!("the {what} must be hexadecimal")))?;
    sized(what, decoded, bytes)
}

/// The bytes that `text` writes in base64.
pub(super) fn base64(
    what: &str,
    text: &str,
    bytes: RangeInclusive<usize>,
) -> Result<Vec<u8>, InvalidDigest> {
    let decoded = BASE64
        .decode(text)
        .map_err(|_| InvalidDigest::new(format!("the {what} must be base64")))?;
    sized(what, decoded, bytes)
}

/// `bytes`, if their number lies in `range`.
pub(super) fn sized(
    what: &str,
    bytes: Vec<u8>,
    range: RangeInclusive<usize>,
) -> Result<Vec<u8>, InvalidDigest> {
    if range.contains(&bytes.len()) {
        return Ok(bytes);
    }
    let (least, most) = range.into_inner();
    let reason = if least == most {
        format!("the {what} must have {least} bytes")
    } else {
        format!("the {what} must have from {least} to {most} bytes")
    };
    Err(InvalidDigest::new(reason))
}

/// The fields of `text` between the `$` signs, if there are exactly `N`.
pub(super) fn split<'a, const N: usize>(
    text: &'a str,
    shape: &str,
) -> Result<[&'a str; N], InvalidDigest> {
    text.split('$').collect::<Vec<_>>().try_into().map_err(|_| shape_of(shape))
}

/// The complaint that a text does not have its format's shape.
pub(super) fn shape_of(shape: &str) -> InvalidDigest {
    InvalidDigest::new(format!("the digest must have the form {shape}"))
}
