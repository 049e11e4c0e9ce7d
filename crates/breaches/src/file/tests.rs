use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sha1::Sha1;
use tempfile::TempDir;

use super::*;
use crate::{Breaches, BuildError, Summary, build};

const N: usize = 300_000;

/// A folder with a list of hashes.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn build(&self, list: &str, min_count: u32) -> Result<Summary, BuildError> {
        fs::write(self.path("list"), list).unwrap();
        build(&self.path("list"), &self.path("filter"), min_count)
    }

    fn open(&self) -> Result<BreachFilter, OpenError> {
        BreachFilter::open(&self.path("filter"))
    }
}

fn sha1_of(password: &str) -> String {
    hex::encode_upper(Sha1::digest(password))
}

/// The lines of a list of these passwords, in order.
fn list(passwords: impl IntoIterator<Item = (String, u32)>) -> String {
    let lines: BTreeSet<String> = passwords
        .into_iter()
        .map(|(password, count)| format!("{}:{count}\r\n", sha1_of(&password)))
        .collect();
    lines.into_iter().collect()
}

fn counted(n: usize) -> impl Iterator<Item = (String, u32)> {
    (0..n).map(|n| (format!("password {n}"), 1))
}

#[test]
fn every_password_of_the_list_is_found_and_few_others() {
    let folder = Folder::new();
    let summary = folder.build(&list(counted(N)), 1).unwrap();
    assert_eq!(summary.entries, N as u64);
    assert_eq!(summary.bytes, fs::metadata(folder.path("filter")).unwrap().len());
    // Measured: 2.32 bytes per entry here, less in full shards.
    assert!(summary.bytes < 24 * N as u64 / 10, "{summary:?}");

    let filter = folder.open().unwrap();
    assert_eq!(filter.entries(), N as u64);
    for n in 0..N {
        assert!(filter.contains(&format!("password {n}")).unwrap(), "{n}");
    }
    let mut rng = StdRng::seed_from_u64(7);
    let mistaken = (0..1_000_000).filter(|_| filter.has(rng.random()).unwrap()).count();
    // 15.3 expected of a million; the seed is fixed, so this never flickers.
    assert!((5..40).contains(&mistaken), "{mistaken}");
}

#[test]
fn more_hashes_than_one_shard_holds_are_found_in_all_shards() {
    let folder = Folder::new();
    let mut rng = StdRng::seed_from_u64(8);
    let keys: BTreeSet<u64> = (0..1_200_000).map(|_| rng.random()).collect();
    let mut list = String::new();
    for key in &keys {
        writeln!(list, "{key:016X}000000000000000000000000:1").unwrap();
    }
    let summary = folder.build(&list, 1).unwrap();
    let filter = folder.open().unwrap();
    assert_eq!(filter.shards.len(), 2);
    assert_eq!(summary.entries, 1_200_000);
    assert!(keys.iter().all(|&key| filter.has(key).unwrap()));
}

#[test]
fn rare_hashes_and_repeated_lines_are_left_out() {
    let folder = Folder::new();
    let mut text = list([("rare".to_owned(), 9), ("frequent".to_owned(), 10)]);
    text = text.lines().flat_map(|line| [line, "\n", line, "\n"]).collect();
    let summary = folder.build(&text, 10).unwrap();
    assert_eq!(summary.entries, 1);
    let filter = folder.open().unwrap();
    assert!(filter.contains("frequent").unwrap());
    assert!(!filter.contains("rare").unwrap());
}

#[test]
fn an_empty_list_makes_a_filter_that_knows_nothing() {
    let folder = Folder::new();
    assert_eq!(folder.build("", 1).unwrap().entries, 0);
    assert!(!folder.open().unwrap().contains("password").unwrap());
}

#[test]
fn small_lists_of_every_size_work() {
    let folder = Folder::new();
    for n in 1..60 {
        folder.build(&list(counted(n)), 1).unwrap();
        let filter = folder.open().unwrap();
        assert!(counted(n).all(|(password, _)| filter.contains(&password).unwrap()), "{n}");
    }
}

#[test]
fn range_files_make_the_same_filter_as_one_file() {
    let folder = Folder::new();
    let text = list(counted(2_000));
    folder.build(&text, 1).unwrap();
    let ranges = folder.path("ranges");
    fs::create_dir(&ranges).unwrap();
    fs::write(ranges.join("README"), "not a range").unwrap();
    for line in text.lines() {
        let (prefix, rest) = line.split_at(5);
        let path = ranges.join(format!("{prefix}.txt"));
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, format!("{before}{rest}\n")).unwrap();
    }
    build(&ranges, &folder.path("other"), 1).unwrap();
    assert!(fs::read(folder.path("filter")).unwrap() == fs::read(folder.path("other")).unwrap());
}

#[test]
fn a_list_that_is_none_is_refused_by_the_line_and_leaves_nothing() {
    let folder = Folder::new();
    let good = format!("{}:3", "A".repeat(40));
    let (short, other) = ("A".repeat(39), "Z".repeat(40));
    for bad in [
        "password".to_owned(),
        format!("{short}:1"),
        format!("{other}:1"),
        format!("{good}x"),
        format!("{}:", "A".repeat(40)),
        "A".repeat(1_000_000),
    ] {
        let refused = folder.build(&format!("{good}\n\n{bad}\n"), 1).unwrap_err();
        assert!(matches!(refused, BuildError::Malformed { line: 3, .. }), "{refused}");
    }
    let refused = folder.build(&format!("{good}\n{}:1\n", "0".repeat(40)), 1).unwrap_err();
    assert!(matches!(refused, BuildError::Unordered { line: 2, .. }), "{refused}");
    let missing = build(&folder.path("none"), &folder.path("filter"), 1).unwrap_err();
    assert!(matches!(missing, BuildError::Read { .. }), "{missing}");
    let left: Vec<_> = fs::read_dir(folder.0.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "only the list: {left:?}");
}

#[test]
fn what_is_not_a_whole_filter_is_refused() {
    let folder = Folder::new();
    folder.build(&list(counted(100)), 1).unwrap();
    let whole = fs::read(folder.path("filter")).unwrap();
    let open = |bytes: &[u8]| {
        fs::write(folder.path("filter"), bytes).unwrap();
        folder.open()
    };
    for end in [0, 7, 63, 64, 100, whole.len() - 1] {
        assert!(open(&whole[..end]).is_err(), "{end}");
    }
    assert!(matches!(open(b"not a filter"), Err(OpenError::NotAFilter)));
    assert!(matches!(open(&[0; 200]), Err(OpenError::NotAFilter)));
    let mut newer = whole.clone();
    newer[8] = 2;
    assert!(matches!(open(&newer), Err(OpenError::Version(2))));
    for at in 12..whole.len() {
        if (16..24).contains(&at) {
            continue; // The number of entries is for people only.
        }
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        assert!(matches!(open(&damaged), Err(OpenError::Damaged)), "{at}");
    }
    assert!(open(&[whole.as_slice(), &[0]].concat()).is_err());
    assert!(open(&whole).is_ok());
    assert!(matches!(BreachFilter::open(&folder.path("none")), Err(OpenError::Io(_))));
}

#[tokio::test]
async fn a_filter_adds_to_the_common_passwords() {
    let folder = Folder::new();
    folder.build(&list([("Secure*Pass4".to_owned(), 1)]), 1).unwrap();
    let breaches = Breaches::File(folder.open().unwrap());
    assert_eq!(breaches.is_breached("Secure*Pass4").await, Ok(true));
    assert_eq!(breaches.is_breached("Password").await, Ok(true));
    assert_eq!(breaches.is_breached("tympanum gravel").await, Ok(false));
    assert_eq!(Breaches::Common.is_breached("Secure*Pass4").await, Ok(false));
    assert_eq!(Breaches::Common.is_breached("Password").await, Ok(true));
}
