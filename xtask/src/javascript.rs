//! Installs the JavaScript SDKs, and runs the suite on one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::error::{Doing, Error, Result};
use crate::process::output;
use crate::python::once;

/// What `npm ci` installs from.
const MANIFESTS: &[&str] = &["package.json", "package-lock.json"];

/// The version of the SDK that a folder's manifest asks for.
pub(crate) fn sdk_version(folder: &Path) -> Result<String> {
    let path = folder.join("package.json");
    let doing = || format!("read {}", path.display());
    let text = fs::read_to_string(&path).doing(doing())?;
    let manifest: Value = serde_json::from_str(&text).doing(doing())?;
    manifest
        .pointer("/dependencies/@clerk~1backend")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Error::new(format!("{} does not name @clerk/backend", path.display())))
}

/// Installs exactly what the lock file in `manifests` says into `folder`.
pub(crate) fn install(manifests: &Path, folder: &Path) -> Result<()> {
    let version = output(Command::new("node").arg("--version"))
        .map_err(|error| Error::new(format!("Node 20 or later is needed as `node`: {error}")))?;
    let mut inputs = version;
    for name in MANIFESTS {
        let path = manifests.join(name);
        inputs += &fs::read_to_string(&path).doing(format_args!("read {}", path.display()))?;
    }
    once(folder, &inputs, || {
        for name in MANIFESTS {
            fs::copy(manifests.join(name), folder.join(name)).doing(format_args!("copy {name}"))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
        output(&mut npm).map(drop)
    })
}

/// Node's test runner over the suite, which loads the SDK that lies in `installed`.
pub(crate) fn command(suite: &Path, installed: &Path, filter: Option<&str>) -> Result<Command> {
    let mut tests = test_files(suite)?;
    if tests.is_empty() {
        return Err(Error::new(format!("{} holds no *.test.mjs", suite.display())));
    }
    tests.sort();
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap"])
        .args(filter.map(|filter| format!("--test-name-pattern={filter}")))
        .args(tests)
        .env("ROLLBOOK_SDK_DIR", installed);
    Ok(node)
}

fn test_files(suite: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(suite).doing(format_args!("read {}", suite.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_test = |path: &PathBuf| path.to_string_lossy().ends_with(".test.mjs");
    Ok(paths.filter(is_test).collect())
}
