//! What only the tests in Rust use: an SMTP server's packages, and fresh password digests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Doing, Result};
use crate::process::{self, output};
use crate::python;

/// A Python that can run the SMTP server of the mail tests.
pub(crate) fn smtp_python(target: &Path) -> Result<PathBuf> {
    let requirements = process::root().join("xtask/requirements/smtp.txt");
    python::environment(&target.join("smtp"), &requirements).map(|made| made.python())
}

/// A file of password digests with random salts, made just now by the software
/// that people import them from; kept in `logs`, for when a test refuses one.
pub(crate) fn fresh_vectors(target: &Path, logs: &Path) -> Result<PathBuf> {
    let scripts = process::root().join("crates/password/vectors");
    let environment =
        python::environment(&target.join("vectors"), &scripts.join("requirements.txt"))?;
    fs::create_dir_all(logs).doing(format_args!("make {}", logs.display()))?;
    let file = logs.join("password-vectors.json");
    let mut make = Command::new(environment.python());
    output(make.arg(scripts.join("make.py")).arg("--out").arg(&file))?;
    Ok(file)
}
