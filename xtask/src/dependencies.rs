//! Checks on other people's code: its licences, its origin, and whether we use it at all.

use std::collections::BTreeMap;

use spdx::{Expression, ParseMode};

use crate::Outcome;
use crate::error::{Error, Result};
use crate::metadata::{Metadata, Package};
use crate::unused;

/// Licences that may stand in a program under MIT OR Apache-2.0; just those in use.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Packages that must not be built in, each with its reason.
const BANNED: &[(&str, &str)] = &[
    ("openssl-sys", "there is one TLS stack, rustls, and no C library to look for"),
    ("native-tls", "there is one TLS stack, rustls"),
    ("aws-lc-sys", "there is one library of cryptography under it, ring"),
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
            "(Apache-2.0 OR MIT) AND BSD-3-Clause",
        ] {
            licence(Some(allowed)).unwrap();
        }
        for refused in [None, Some("GPL-3.0-only"), Some("MIT AND AGPL-3.0-only"), Some("my own")] {
            assert!(licence(refused).is_err(), "{refused:?}");
        }
    }
}
