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

#[cfg(test)]
mod tests {
    use super::*;

    /// The generator of P-256 (SEC 2, 2.4.2) in either form.
    const SPKI: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q";

    #[test]
    fn a_key_is_the_same_in_either_form_and_alphabet() {
        let key = parse(SPKI).expect("a key");
        assert_eq!(key.type_, COSEAlgorithm::ES256);
        let padded = SPKI.replace('_', "/") + "==";
        assert_eq!(parse(&padded).expect("a key"), key);
        let bytes = decode(SPKI).expect("base64url");
        let cose = point(&bytes[26..], 32, 1, COSEAlgorithm::ES256).expect("a point");
        let cose = serde_cbor_2::to_vec(&cose).expect("CBOR");
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        assert_eq!(parse(&engine.encode(cose)).expect("a key"), key);
    }

    #[test]
    fn an_rsa_key_has_2048_bits() {
        let rsa = |bits: usize| {
            let mut n = vec![0xff; bits / 8];
            n[0] = 0xc0;
            let n = UintRef::new(&n).expect("an integer").as_bytes().to_vec();
            let mut der = vec![0x30, 0x82, 0, 0, 0x02, 0x82, 0, 0, 0x00];
            let len = u16::try_from(n.len() + 1).expect("short").to_be_bytes();
            der[6..8].copy_from_slice(&len);
            der.extend(n);
            der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
            let len = u16::try_from(der.len() - 4).expect("short").to_be_bytes();
            der[2..4].copy_from_slice(&len);
            let (n, e) = super::rsa(&der).expect("an RSAPublicKey");
            let cose = map([
                (1, Value::Integer(3)),
                (3, Value::Integer(-257)),
                (-1, Value::Bytes(n)),
                (-2, Value::Bytes(e)),
            ]);
            COSEKey::try_from(&cose)
        };
        assert!(rsa(2048).is_ok());
        assert!(rsa(3072).is_err());
    }

    #[test]
    fn what_is_no_key_or_never_verifies_is_refused() {
        let eddsa = map([
            (1, Value::Integer(1)),
            (3, Value::Integer(-8)),
            (-1, Value::Integer(6)),
            (-2, Value::Bytes(vec![7; 32])),
        ]);
        let eddsa = serde_cbor_2::to_vec(&eddsa).expect("CBOR");
        let nested = vec![0x81; 3000];
        for bytes in [eddsa, nested, vec![0x30], vec![0x30, 0x80], Vec::new(), vec![0xa0]] {
            let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&bytes);
            assert!(parse(&text).is_err(), "{bytes:02x?}");
        }
        assert!(parse(&SPKI[..SPKI.len() - 4]).is_err());
        assert!(parse("not base64!").is_err());
    }
}
