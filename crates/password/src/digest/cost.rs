//! What a digest costs to compute, and whether it falls short of a native one.

use super::{Digest, Form};
use crate::NativeScheme;

/// Filling of memory, in KiB over all passes, from which a memory-hard digest
/// counts for no less than native bcrypt: as much as Firebase's scrypt.
const HARD_KIB: u64 = 16 * 1024;

impl Digest {
    /// Whether a digest newly made by `scheme` would resist guessing better.
    ///
    /// | setting | not weaker |
    /// | --- | --- |
    /// | Argon2id | Argon2id 1.3 or scrypt, at what OWASP lists as equal to its parameters |
    /// | bcrypt | bcrypt of that cost or more, but for the faulty versions `2` and `2x`; PBKDF2 with OWASP's iterations; Argon2 or scrypt that fills 16 MiB or more |
    ///
    /// Everything else is weaker: bare, salted or keyed hashes, and hashes that
    /// are merely repeated (phpass, Drupal, SHA-crypt, Symfony) however often.
    /// Peppers and hashing before bcrypt change nothing.
    pub fn is_weaker_than(&self, scheme: NativeScheme) -> bool {
        let holds = match (&self.form, scheme) {
            (Form::Argon(form), NativeScheme::Argon2id) => form.is_recommended(),
            (Form::Scrypt(form), NativeScheme::Argon2id) => form.is_recommended(),
            (Form::Argon(form), NativeScheme::Bcrypt) => form.work_kib() >= HARD_KIB,
            // A block of scrypt has 128 bytes.
            (Form::Scrypt(form), NativeScheme::Bcrypt) => form.work() / 8 >= HARD_KIB,
            (Form::Pbkdf2(form), NativeScheme::Bcrypt) => form.is_recommended(),
            (Form::Bcrypt(form), NativeScheme::Bcrypt) => {
                form.is_faultless() && form.cost() >= NativeScheme::BCRYPT_COST
            }
            (Form::Bcrypt(_) | Form::Pbkdf2(_), NativeScheme::Argon2id)
            | (
                Form::Message(_) | Form::Phpass(_) | Form::ShaCrypt(_) | Form::Templated(_),
                NativeScheme::Argon2id | NativeScheme::Bcrypt,
            ) => false,
        };
        !holds
    }

    /// About how long verifying a short password takes, in microseconds of a
    /// server core of today; only its ratio to another's is to be trusted.
    pub(crate) fn cost_us(&self) -> u64 {
        match &self.form {
            Form::Argon(form) => form.work_kib() * 5 / 8,
            Form::Bcrypt(form) => 65 << form.cost(),
            Form::Scrypt(form) => form.work() * 2 / 7,
            Form::Pbkdf2(form) => {
                let (hmacs, is_wide) = form.work();
                if is_wide { hmacs / 2 } else { hmacs / 4 }
            }
            Form::Message(form) => u64::from(form.iterations()) / 3,
            Form::Phpass(form) => u64::from(form.rounds()) / 5,
            Form::ShaCrypt(form) => u64::from(form.rounds()) / 2,
            Form::Templated(_) => 1,
        }
    }
}
