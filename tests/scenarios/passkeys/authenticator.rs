//! An authenticator with its browser, in software: what a real pair would answer.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::text;

pub(crate) const RP_ID: &str = "example.com";
pub(crate) const ORIGIN: &str = "https://app.example.com";

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKED_UP: u8 = 0x18;
const HAS_CREDENTIAL: u8 = 0x40;

/// One passkey on one device.
#[derive(Clone)]
pub(crate) struct Authenticator {
    pub(crate) key: SigningKey,
    pub(crate) id: Vec<u8>,
    /// Raised before every signature; 0 stays 0, as on authenticators without a counter.
    pub(crate) counter: u32,
    pub(crate) user_handle: Option<String>,
    pub(crate) origin: String,
    /// Whether it says that it is on several devices.
    pub(crate) synced: bool,
}

impl Authenticator {
    /// The same key and id for the same `seed`.
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a key"),
            id: vec![seed; 32],
            counter: 1,
            user_handle: None,
            origin: ORIGIN.to_owned(),
            synced: false,
        }
    }

    /// `RegistrationResponseJSON`
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user_handle = Some(text(&options["user"]["id"]).to_owned());
        let mut data = self.data(HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key());
        let attestation = map([
            (Cbor::Text("fmt".into()), Cbor::Text("none".into())),
            (Cbor::Text("attStmt".into()), map([])),
            (Cbor::Text("authData".into()), Cbor::Bytes(data)),
        ]);
        self.answer(&json!({
            "clientDataJSON": base64url(&self.client_data("webauthn.create", options)),
            "attestationObject": base64url(&serde_cbor_2::to_vec(&attestation).expect("CBOR")),
            "transports": ["internal", "hybrid"],
        }))
    }

    /// `AuthenticationResponseJSON`
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        self.answer(&json!({
            "clientDataJSON": base64url(&client_data),
            "authenticatorData": base64url(&data),
            "signature": base64url(signature.to_der().as_bytes()),
            "userHandle": self.user_handle,
        }))
    }

    /// The public key as a COSE key.
    pub(crate) fn cose_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let key = map([
            (Cbor::Integer(1), Cbor::Integer(2)),
            (Cbor::Integer(3), Cbor::Integer(-7)),
            (Cbor::Integer(-1), Cbor::Integer(1)),
            (Cbor::Integer(-2), Cbor::Bytes(x.to_vec())),
            (Cbor::Integer(-3), Cbor::Bytes(y.to_vec())),
        ]);
        serde_cbor_2::to_vec(&key).expect("CBOR")
    }

    /// The public key as a `SubjectPublicKeyInfo` of P-256.
    pub(crate) fn spki(&self) -> Vec<u8> {
        let mut der = vec![
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        der.extend_from_slice(self.key.verifying_key().to_sec1_point(false).as_bytes());
        der
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let synced = if self.synced { BACKED_UP } else { 0 };
        let mut data = Sha256::digest(RP_ID).to_vec();
        data.push(USER_PRESENT | USER_VERIFIED | flags | synced);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        let data = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn answer(&self, response: &Value) -> Value {
        json!({
            "id": base64url(&self.id), "rawId": base64url(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": response,
        })
    }
}

/// Without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn map<const N: usize>(members: [(Cbor, Cbor); N]) -> Cbor {
    Cbor::Map(members.into())
}
