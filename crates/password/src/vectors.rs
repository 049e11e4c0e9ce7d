//! Digests made by the software that people import them from, against our verification.

use std::{collections::HashSet, fs};

use crate::{Digest, Hasher, Password, Scratch};
use serde::Deserialize;

/// Written by `vectors/make.py`, with salts that are the same every time.
const COMMITTED: &str = include_str!("../vectors/vectors.json");

/// A file of the same kind with random salts, made for this run of the tests.
const FRESH: &str = "ROLLBOOK_FRESH_VECTORS";

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    hasher: String,
    maker: String,
    digest: String,
    /// More than one where the maker cuts passwords.
    accepts: Vec<String>,
    refuses: Vec<String>,
}

fn vectors(text: &str) -> Vec<Vector> {
    serde_json::from_str::<File>(text).unwrap().vectors
}

fn check(vectors: &[Vector]) {
    let mut scratch = Scratch::default();
    for Vector { hasher, maker, digest: text, accepts, refuses } in vectors {
        let hasher = Hasher::from_name(hasher).unwrap();
        let digest = Digest::parse(hasher, text)
            .unwrap_or_else(|why| panic!("{hasher:?} by {maker}: {why}: {text}"));
        let mut verify =
            |password: &String| digest.verify(&Password::from(password.as_str()), &mut scratch);
        assert!(!accepts.is_empty() && !refuses.is_empty(), "{hasher:?} by {maker}");
        for password in accepts {
            assert!(verify(password), "{hasher:?} by {maker}: {password:?} {text}");
        }
        for password in refuses {
            assert!(!verify(password), "{hasher:?} by {maker}: {password:?} {text}");
        }
    }
}

#[test]
fn digests_by_other_software_verify_here_as_they_do_there() {
    check(&vectors(COMMITTED));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the file is made by whoever runs the tests")]
fn so_do_digests_made_just_now() {
    if let Ok(path) = std::env::var(FRESH) {
        let fresh = vectors(&fs::read_to_string(path).unwrap());
        assert_eq!(fresh.len(), vectors(COMMITTED).len());
        check(&fresh);
    }
}

#[test]
fn every_hasher_is_among_them() {
    let vectors = vectors(COMMITTED);
    let named: HashSet<&str> = vectors.iter().map(|vector| vector.hasher.as_str()).collect();
    let all: HashSet<&str> = Hasher::ALL.iter().map(|hasher| hasher.name()).collect();
    assert_eq!(named, all);
}
