//! The names by which the API tells one kind of password digest from another.

macro_rules! hashers {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What made a digest, under the name the `password_hasher` parameter has for it.
        ///
        /// Beyond Clerk's names, six are ours: `aspnet_identity_v3`, `drupal7`,
        /// `keycloak`, `phc`, `sha256_crypt` and `sha512_crypt`. Digests from Auth0
        /// and Supabase are plain `bcrypt`.
        ///
        /// `awscognito` is not among them: it names a remote user pool, not a digest.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Hasher {
            $($(#[$doc])* $variant,)*
        }

        impl Hasher {
            /// Every hasher, in alphabetical order of the names.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The hasher that goes by exactly this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name on the wire and in the store.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

hashers! {
    /// Argon2i, as a PHC string.
    Argon2i = "argon2i",
    /// Argon2id, as a PHC string; the native scheme by default.
    Argon2id = "argon2id",
    /// PBKDF2 in ASP.NET Core Identity's version 3 container.
    AspnetIdentityV3 = "aspnet_identity_v3",
    /// bcrypt in the modular crypt format.
    Bcrypt = "bcrypt",
    /// bcrypt of password and pepper (Devise), the pepper appended to the digest.
    BcryptPeppered = "bcrypt_peppered",
    /// bcrypt of the hexadecimal SHA-256 of the password (Django).
    BcryptSha256Django = "bcrypt_sha256_django",
    /// phpass with SHA-512 (Drupal 7 to 10.0).
    Drupal7 = "drupal7",
    /// The JSON of a Keycloak credential, with PBKDF2 or Argon2.
    Keycloak = "keycloak",
    /// Salted SHA-1 as directory servers write it.
    LdapSsha = "ldap_ssha",
    /// Bare MD5.
    Md5 = "md5",
    /// phpass of the hexadecimal MD5 of the password.
    Md5Phpass = "md5_phpass",
    /// MD5 with a salt on either side.
    Md5Salted = "md5_salted",
    /// PBKDF2 with HMAC-SHA-1.
    Pbkdf2Sha1 = "pbkdf2_sha1",
    /// PBKDF2 with HMAC-SHA-256, salt in base64.
    Pbkdf2Sha256 = "pbkdf2_sha256",
    /// PBKDF2 with HMAC-SHA-256, salt as it stands (Django).
    Pbkdf2Sha256Django = "pbkdf2_sha256_django",
    /// PBKDF2 with HMAC-SHA-512, salt as it stands.
    Pbkdf2Sha512 = "pbkdf2_sha512",
    /// PBKDF2 with HMAC-SHA-512, salt in hexadecimal.
    Pbkdf2Sha512Hex = "pbkdf2_sha512_hex",
    /// Any digest in a PHC string or the like, as Ory Kratos keeps them.
    Phc = "phc",
    /// Portable phpass, of blogs and forums in PHP.
    Phpass = "phpass",
    /// Firebase's scrypt with a signer key.
    ScryptFirebase = "scrypt_firebase",
    /// scrypt as Werkzeug writes it.
    ScryptWerkzeug = "scrypt_werkzeug",
    /// Bare SHA-256.
    Sha256 = "sha256",
    /// Unix's SHA-256 crypt, `$5$`.
    Sha256Crypt = "sha256_crypt",
    /// SHA-256 with a salt on either side.
    Sha256Salted = "sha256_salted",
    /// Unix's SHA-512 crypt, `$6$`.
    Sha512Crypt = "sha512_crypt",
    /// Symfony's former message digest encoder with SHA-512.
    Sha512Symfony = "sha512_symfony",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_hasher() {
        assert_eq!(Hasher::ALL.len(), 26);
        assert!(Hasher::ALL.is_sorted_by_key(|hasher| hasher.name()));
        for &hasher in Hasher::ALL {
            assert_eq!(Hasher::from_name(hasher.name()), Some(hasher));
        }
    }

    #[test]
    fn names_are_exact() {
        for name in ["", "BCRYPT", "bcrypt ", "awscognito", "scrypt"] {
            assert_eq!(Hasher::from_name(name), None, "{name}");
        }
    }
}
