//! Digests of our own making, for passwords that arrive in plain text.

use std::{hint::black_box, sync::LazyLock};

use crate::{
    Digest, Hasher, Password, Scratch,
    digest::{Argon, Bcrypt, bcrypt},
};

/// Bytes of a password that bcrypt reads; a longer one is refused rather than cut.
pub const BCRYPT_MAX_PASSWORD_BYTES: usize = bcrypt::MAX_PASSWORD_BYTES;

/// How the passwords of an instance are hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NativeScheme {
    /// Argon2id with 19 MiB, two passes and one lane (OWASP's first choice): 25 ms of one core.
    #[default]
    Argon2id,
    /// bcrypt `2b` of cost 10, which other software can take over; passwords of 72 bytes at most.
    Bcrypt,
}

impl NativeScheme {
    /// Cost of a native bcrypt digest: 70 ms of one core.
    pub(crate) const BCRYPT_COST: u32 = 10;

    /// Longest password it takes, in bytes.
    pub fn max_password_bytes(self) -> usize {
        match self {
            Self::Argon2id => Password::MAX_BYTES,
            Self::Bcrypt => BCRYPT_MAX_PASSWORD_BYTES,
        }
    }

    /// The hasher of its digests.
    pub fn hasher(self) -> Hasher {
        match self {
            Self::Argon2id => Hasher::Argon2id,
            Self::Bcrypt => Hasher::Bcrypt,
        }
    }
}

/// The password has more bytes than the scheme reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password is longer than {max_bytes} bytes")]
pub struct PasswordTooLong {
    /// The most bytes that the scheme takes.
    pub max_bytes: usize,
}

/// The digest of `password`; `salt` must be new random bytes every time.
///
/// Takes tens of milliseconds of one core: run it in the
/// [`HashPool`](crate::HashPool). A password that is too long is refused, never cut.
pub fn hash(
    password: &Password,
    scheme: NativeScheme,
    salt: [u8; 16],
    scratch: &mut Scratch,
) -> Result<Digest, PasswordTooLong> {
    let max_bytes = scheme.max_password_bytes();
    let too_long = PasswordTooLong { max_bytes };
    let bytes = password.as_bytes();
    if bytes.len() > max_bytes {
        return Err(too_long);
    }
    match scheme {
        NativeScheme::Argon2id => {
            Argon::make(bytes, salt, scratch).map(Digest::argon2id).ok_or(too_long)
        }
        NativeScheme::Bcrypt => {
            Ok(Digest::bcrypt(Bcrypt::make(bytes, NativeScheme::BCRYPT_COST, salt)))
        }
    }
}

/// The decoy of the default scheme; see [`decoy`].
pub static DECOY: LazyLock<Digest> = LazyLock::new(|| decoy(NativeScheme::Argon2id));

/// A digest of no password, to verify against where a user has none or does not
/// exist, so that the answer takes as long as it would for one who has.
pub fn decoy(scheme: NativeScheme) -> Digest {
    let salt = *b"rollbook's decoy";
    match scheme {
        NativeScheme::Argon2id => Digest::argon2id(Argon::native(salt, [0; 32])),
        NativeScheme::Bcrypt => {
            Digest::bcrypt(Bcrypt::of_hash(NativeScheme::BCRYPT_COST, salt, [0; 23]))
        }
    }
}

/// Whether `digest` was made from `password`, in no less time than for a native digest.
///
/// Without a digest (a user without a password, an unknown user) the decoy of
/// `scheme` is verified and the answer is no. A digest that takes less than half
/// the time of the decoy has the decoy verified as well, whatever the outcome, so
/// that an imported fast hash answers no sooner than a native one or none at all.
/// One that takes more shows as it does: nothing is hidden of it but the password.
pub fn verify_or_decoy(
    digest: Option<&Digest>,
    password: &Password,
    scheme: NativeScheme,
    scratch: &mut Scratch,
) -> bool {
    let decoy = decoy(scheme);
    let is_right = digest.is_some_and(|digest| digest.verify(password, scratch));
    if digest.is_none_or(|digest| 2 * digest.cost_us() < decoy.cost_us()) {
        // The decoy's hash is zero, which no password is known for; but no one
        // shall get in should one be found.
        black_box(decoy.verify(password, scratch));
    }
    is_right
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const SCHEMES: [NativeScheme; 2] = [NativeScheme::Argon2id, NativeScheme::Bcrypt];

    #[test]
    fn a_native_digest_verifies_its_password_after_a_round_trip_through_text() {
        let mut scratch = Scratch::default();
        let password = Password::from("Secure*Pass4");
        for scheme in SCHEMES {
            let made = hash(&password, scheme, [7; 16], &mut scratch).unwrap();
            let read = Digest::parse(scheme.hasher(), made.as_str()).unwrap();
            for digest in [made, read] {
                assert!(digest.verify(&password, &mut scratch));
                assert!(!digest.verify(&Password::from("Secure*Pass5"), &mut scratch));
            }
        }
    }

    #[test]
    fn the_default_is_argon2id_at_the_parameters_owasp_names() {
        let mut scratch = Scratch::default();
        let made = hash(
            &Password::from("Secure*Pass4"),
            NativeScheme::default(),
            *b"0123456789abcdef",
            &mut scratch,
        )
        .unwrap();
        // What argon2-cffi makes of the same password, salt and parameters.
        assert_eq!(
            made.as_str(),
            "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$HBm/0UtQ8E7Ujz+iR6fVlozGcNa7jrOjpE8PQe/9NFw"
        );
    }

    #[test]
    fn bcrypt_agrees_with_libxcrypt_to_the_letter() {
        let salt = [
            0x71, 0xd7, 0x9f, 0x82, 0x18, 0xa3, 0x92, 0x59, 0xa7, 0xa2, 0x9a, 0xab, 0xb2, 0xdb,
            0xaf, 0xc3,
        ];
        let (_, text) = Bcrypt::make("ä€password".as_bytes(), 5, salt);
        assert_eq!(text, "$2b$05$abcdefghijklmnopqrstuuUWtaJ5KgGLsjmfcZAHocGeV5BO10r1e");
    }

    #[test]
    fn too_long_a_password_is_refused_rather_than_cut() {
        let mut scratch = Scratch::default();
        for scheme in SCHEMES {
            let max_bytes = scheme.max_password_bytes();
            let refused =
                hash(&Password::new("a".repeat(max_bytes + 1)), scheme, [7; 16], &mut scratch);
            assert_eq!(refused.unwrap_err(), PasswordTooLong { max_bytes });
            let taken = Password::new("a".repeat(max_bytes));
            assert!(hash(&taken, scheme, [7; 16], &mut scratch).is_ok());
        }
    }

    #[test]
    fn no_digest_and_a_fast_one_take_as_long_as_a_native_one() {
        let mut scratch = Scratch::default();
        let right = Password::from("Secure*Pass4");
        let wrong = Password::from("Secure*Pass5");
        let md5 = Digest::parse(Hasher::Md5, "1d6afe0dc67918e27c5178fa29d4a08c").unwrap();
        // A tenth of what they take: no load shortens a hash, and MD5 alone takes microseconds.
        for (scheme, least_ms) in [(NativeScheme::Argon2id, 2), (NativeScheme::Bcrypt, 6)] {
            let native = hash(&right, scheme, [7; 16], &mut scratch).unwrap();
            for (digest, password, expected) in [
                (None, &right, false),
                (Some(&md5), &right, true),
                (Some(&md5), &wrong, false),
                (Some(&native), &right, true),
                (Some(&native), &wrong, false),
            ] {
                let begun = Instant::now();
                assert_eq!(verify_or_decoy(digest, password, scheme, &mut scratch), expected);
                let took = begun.elapsed();
                assert!(took >= Duration::from_millis(least_ms), "{scheme:?} {digest:?} {took:?}");
            }
        }
    }

    #[test]
    fn only_digests_that_are_much_faster_are_padded() {
        let cost = |hasher, text: &str| Digest::parse(hasher, text).unwrap().cost_us();
        let key = "EjvAPY79WXEs0C6DMz+F9OXOYDwxyjCdipvSTkoIwzQ=";
        let django = |n| cost(Hasher::Pbkdf2Sha256Django, &format!("pbkdf2_sha256${n}$salt${key}"));
        for (scheme, n) in [(NativeScheme::Argon2id, 60_000), (NativeScheme::Bcrypt, 150_000)] {
            let decoy = decoy(scheme).cost_us();
            assert!(2 * django(n / 2) < decoy, "{scheme:?} {decoy}");
            assert!(2 * django(2 * n) >= decoy, "{scheme:?} {decoy}");
        }
    }

    #[test]
    fn decoys_are_like_native_digests_and_refuse_everything() {
        let mut scratch = Scratch::default();
        for scheme in SCHEMES {
            let decoy = decoy(scheme);
            assert!(Digest::parse(decoy.hasher(), decoy.as_str()).is_ok());
            for password in ["", "Secure*Pass4"] {
                let password = Password::from(password);
                assert!(!decoy.verify(&password, &mut scratch));
                let real = hash(&password, scheme, [7; 16], &mut scratch).unwrap();
                let parameters = |digest: &Digest| {
                    let fields: Vec<_> = digest.as_str().split('$').map(str::to_owned).collect();
                    fields[..fields.len() - 2].to_vec()
                };
                assert_eq!(real.as_str().len(), decoy.as_str().len());
                if scheme == NativeScheme::Argon2id {
                    assert_eq!(parameters(&real), parameters(&decoy));
                } else {
                    assert_eq!(real.as_str()[..7], decoy.as_str()[..7]);
                }
            }
        }
        assert_eq!(DECOY.hasher(), Hasher::Argon2id);
    }
}
