//! Checks on other people's code: its licences, its origin, and whether we use it at all.

use std::collections::BTreeMap;

use spdx::{Expression, ParseMode};

use crate::Outcome;
use crate::error::{Error, Result};
use crate::metadata::{Metadata, Package};
use crate::unused;

/// Licences that may stand in a program under MIT OR Apache-2.0.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages that must not be built in, each with its reason.
const BANNED: &[(&str, &str)] = &[
    ("openssl-sys", "one TLS stack, and no C library to be found on the machine"),
    ("native-tls", "one TLS stack: rustls"),
    ("sqlx", "statements are written once for both engines; see docs/decisions"),
    ("chrono", "time is jiff's, and behind the clock"),
];

/// Prints every finding; duplicates are printed but do not fail.
pub(crate) fn run() -> Result<Outcome> {
    let metadata = Metadata::load()?;
    let mut findings: Vec<String> = metadata.packages.iter().flat_map(faults).collect();
    findings.extend(unused::find(&metadata)?);
    for finding in &findings {
        println!("dependencies: {finding}");
    }
    for (name, versions) in duplicates(&metadata.packages) {
        println!(
            "dependencies: note: {name} is built in {} versions: {}",
            versions.len(),
            versions.join(", ")
        );
    }
    if findings.is_empty() {
        println!("dependencies: {} packages in order", metadata.packages.len());
    }
    Ok(Outcome::of(findings.is_empty()))
}

fn faults(package: &Package) -> Vec<String> {
    let Package { name, version, .. } = package;
    let mut faults = Vec::new();
    if let Err(error) = licence(package.license.as_deref()) {
        faults.push(format!("{name} {version}: {error}"));
    }
    if let Some((_, reason)) = BANNED.iter().find(|(banned, _)| banned == name) {
        faults.push(format!("{name} {version} is banned: {reason}"));
    }
    let from_registry =
        |source: &String| source.starts_with("registry+") || source.starts_with("sparse+");
    if !package.source.as_ref().is_none_or(from_registry) {
        faults.push(format!("{name} {version} comes from outside the registry"));
    }
    faults
}

fn licence(expression: Option<&str>) -> Result<()> {
    let text = expression.ok_or_else(|| Error::new("names no licence"))?;
    let parsed = Expression::parse_mode(text, ParseMode::LAX).map_err(|error| {
        Error::new(format!("licence {text:?} is no SPDX expression: {}", error.reason))
    })?;
    if parsed.evaluate(|wanted| LICENCES.contains(&wanted.to_string().as_str())) {
        return Ok(());
    }
    Err(Error::new(format!("licence {text:?} is not on our list")))
}

fn duplicates(packages: &[Package]) -> BTreeMap<&str, Vec<&str>> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_choice_is_enough_but_every_part_must_be_allowed() {
        for allowed in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "ISC AND MIT",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            licence(Some(allowed)).unwrap();
        }
        for refused in [None, Some("GPL-3.0-only"), Some("MIT AND AGPL-3.0-only"), Some("my own")] {
            assert!(licence(refused).is_err(), "{refused:?}");
        }
    }
}
