//! `cargo xtask fuzz`: each fuzz target for a bounded time.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::arguments::FuzzOptions;
use crate::error::{Doing, Error, Result};
use crate::metadata::Metadata;
use crate::process::{self, step, succeeds};

/// Pinned, so that a run next year is the same run.
const CARGO_FUZZ: &str = "0.13.2";

/// Runs the targets one after the other; the first crash stops the chore.
pub(crate) fn run(options: &FuzzOptions) -> Result<Outcome> {
    let fuzz = process::root().join("fuzz");
    let targets = targets(&fuzz, options.target.as_deref())?;
    let built = Metadata::load()?.target_directory;
    let program = step("install cargo-fuzz", || install(&built.join("tools")))?;
    for target in targets {
        let good = step(&format!("fuzz {target}"), || {
            let mut command = std::process::Command::new(&program);
            command
                .current_dir(process::root())
                // The instrumentation is behind unstable flags; this makes
                // the stable compiler take them.
                .env("RUSTC_BOOTSTRAP", "1")
                .args(["fuzz", "run", &target, "--target-dir"])
                .arg(built.join("fuzz"))
                .arg("--")
                .arg(format!("-max_total_time={}", options.seconds));
            succeeds(&mut command)
        })?;
        if !good {
            return Ok(Outcome::Bad);
        }
    }
    Ok(Outcome::Good)
}

fn targets(fuzz: &Path, chosen: Option<&str>) -> Result<Vec<String>> {
    let folder = fuzz.join("fuzz_targets");
    let mut targets = Vec::new();
    for entry in fs::read_dir(&folder).doing(format_args!("read {}", folder.display()))? {
        let path = entry.doing("read a folder")?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    targets.sort();
    if let Some(chosen) = chosen {
        targets.retain(|target| target == chosen);
    }
    if targets.is_empty() {
        return Err(Error::new(format!("no such target in {}", folder.display())));
    }
    Ok(targets)
}

fn install(tools: &Path) -> Result<PathBuf> {
    let program = tools.join("bin/cargo-fuzz");
    let mut cargo = process::cargo();
    cargo.args(["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ, "--root"]).arg(tools);
    if succeeds(&mut cargo)? {
        return Ok(program);
    }
    Err(Error::new("cargo-fuzz cannot be installed"))
}
