//! Public keys as other services hand them over.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_cbor_2::Value;
use spki::der::asn1::UintRef;
use spki::der::{Decode as _, Reader as _, SliceReader};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};
use webauthn_rs::prelude::{COSEAlgorithm, COSEKey};

/// The longest text of a key: RSA of 2048 bits takes some 400 letters.
const MAX_TEXT: usize = 4096;

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The first byte of a DER sequence, which no CBOR map of a key begins with.
const SEQUENCE: u8 = 0x30;

const UNSUPPORTED: &str = "must be a key of ES256, ES384 or RS256 (2048 bits)";

/// A COSE key or a `SubjectPublicKeyInfo`; the error completes "`public_key` …".
pub(crate) fn parse(text: &str) -> Result<COSEKey, &'static str> {
    if text.len() > MAX_TEXT {
        return Err("is too long");
    }
    let bytes = decode(text).ok_or("must be base64url")?;
    let cose = if bytes.first() == Some(&SEQUENCE) {
        from_spki(&bytes).ok_or(UNSUPPORTED)?
    } else {
        serde_cbor_2::from_slice(&bytes)
            .map_err(|_| "must be a COSE key or a SubjectPublicKeyInfo")?
    };
    let key = COSEKey::try_from(&cose).map_err(|_| UNSUPPORTED)?;
    // The others parse, and then never verify.
    if COSEAlgorithm::secure_algs().contains(&key.type_) { Ok(key) } else { Err(UNSUPPORTED) }
}

/// base64url or base64, with or without padding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let alphabet = if text.contains(['+', '/']) { &STANDARD } else { &URL_SAFE };
    GeneralPurpose::new(alphabet, ANY_PADDING).decode(text).ok()
}

/// The same key as a COSE map (RFC 9053, 7.1; RFC 8230, 4).
fn from_spki(der: &[u8]) -> Option<Value> {
    let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
    let bits = info.subject_public_key.as_bytes()?;
    match (info.algorithm.oid, info.algorithm.parameters_oid().ok()) {
        (EC, Some(P256)) => point(bits, 32, 1, COSEAlgorithm::ES256),
        (EC, Some(P384)) => point(bits, 48, 2, COSEAlgorithm::ES384),
        (RSA, _) => {
            let (n, e) = rsa(bits)?;
            Some(map([
                (1, Value::Integer(3)),
                (3, Value::Integer(COSEAlgorithm::RS256 as i128)),
                (-1, Value::Bytes(n)),
                (-2, Value::Bytes(e)),
            ]))
        }
        _ => None,
    }
}

/// An uncompressed point (SEC 1, 2.3.3).
fn point(bits: &[u8], size: usize, curve: i128, algorithm: COSEAlgorithm) -> Option<Value> {
    let coordinates = bits.strip_prefix(&[4]).filter(|rest| rest.len() == 2 * size)?;
    let (x, y) = coordinates.split_at(size);
    Some(map([
        (1, Value::Integer(2)),
        (3, Value::Integer(algorithm as i128)),
        (-1, Value::Integer(curve)),
        (-2, Value::Bytes(x.to_vec())),
        (-3, Value::Bytes(y.to_vec())),
    ]))
}

/// `RSAPublicKey` (RFC 8017, A.1.1): modulus and exponent.
fn rsa(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut reader = SliceReader::new(der).ok()?;
    reader
        .sequence(|reader| {
            let n = UintRef::decode(reader)?.as_bytes().to_vec();
            let e = UintRef::decode(reader)?.as_bytes().to_vec();
            Ok::<_, spki::der::Error>((n, e))
        })
        .ok()
}

fn map<const N: usize>(members: [(i128, Value); N]) -> Value {
    Value::Map(BTreeMap::from(members.map(|(label, value)| (Value::Integer(label), value))))
}
