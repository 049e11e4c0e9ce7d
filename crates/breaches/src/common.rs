//! Whether a password is one of those that attackers try first, from an embedded list.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Bytes of SHA-256 kept per password.
const PREFIX: usize = 5;

/// The sorted, distinct prefixes of 55,860 common passwords, 279,300 bytes.
///
/// Made by `data/build-common-passwords.py`; sources and licences are in
/// `data/NOTICE`. It is searched where it lies, so starting costs nothing.
static COMMON: &[u8] = include_bytes!("../data/common-passwords.bin");

/// Whether `password` is on the list, ignoring letter case and outer white space.
///
/// Always true for one on the list. A password that is not on it is mistaken
/// for one with probability 5.1e-8 (55,860 in 2^40). Costs one SHA-256 and
/// sixteen comparisons, well under a microsecond, so it needs no pool.
pub fn is_common(password: &str) -> bool {
    let folded = Zeroizing::new(password.to_lowercase());
    let hash = Sha256::digest(folded.trim().as_bytes());
    let (entries, _) = COMMON.as_chunks::<PREFIX>();
    hash.first_chunk::<PREFIX>().is_some_and(|prefix| entries.binary_search(prefix).is_ok())
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

    use super::*;

    #[test]
    fn well_known_passwords_are_common() {
        for password in ["password", "123456789", "qwertyuiop", "hunter2", "letmein123", "iloveyou"]
        {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn letter_case_and_outer_space_make_no_difference() {
        assert!(is_common("PassWord"));
        assert!(is_common(" password\n"));
    }

    #[test]
    fn good_passwords_and_the_empty_one_are_not_common() {
        for password in ["", "Secure*Pass4", "correct horse battery staple", "пароль🔑"] {
            assert!(!is_common(password), "{password}");
        }
    }

    #[test]
    fn the_list_is_whole_sorted_and_distinct() {
        let (entries, rest) = COMMON.as_chunks::<PREFIX>();
        assert_eq!(rest.len(), 0);
        assert_eq!(entries.len(), 55_860);
        assert!(entries.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_million_random_strings_meet_no_false_positive() {
        let mut rng = StdRng::seed_from_u64(7);
        let mistaken =
            (0..1_000_000).filter(|_| is_common(&format!("{:016x}", rng.random::<u64>()))).count();
        // 0.05 expected; the seed is fixed, so this never flickers.
        assert_eq!(mistaken, 0);
    }
}
