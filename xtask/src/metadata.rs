//! What cargo knows about the workspace and everything it depends on.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Doing, Error, Result};
use crate::process;

/// The packages that a build on this kind of machine can use.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_members: Vec<String>,
    pub(crate) target_directory: PathBuf,
}

/// A package of ours or of somebody else.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    id: String,
    /// An SPDX expression.
    pub(crate) license: Option<String>,
    /// Where it comes from; none for a package of this workspace.
    pub(crate) source: Option<String>,
    manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    #[serde(default)]
    metadata: serde_json::Value,
}

/// A line of some package's manifest.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) rename: Option<String>,
    kind: Option<String>,
    /// Whether a feature asks for it.
    #[serde(default)]
    pub(crate) optional: bool,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Metadata {
    /// Asks cargo; the lock file must be up to date.
    pub(crate) fn load() -> Result<Self> {
        let text = process::output(process::cargo().args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--filter-platform",
            &host()?,
        ]))?;
        serde_json::from_str(&text).doing("understand cargo metadata")
    }

    /// The packages of this workspace.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }
}

impl Package {
    /// The folder of its manifest.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// Whether its manifest says that no source file will name `dependency`.
    ///
    /// The key is the one of `cargo machete`, which many know.
    pub(crate) fn keeps_unused(&self, dependency: &str) -> bool {
        let kept = self.metadata.pointer("/cargo-machete/ignored");
        let kept = kept.and_then(serde_json::Value::as_array);
        kept.is_some_and(|names| names.iter().any(|name| name == dependency))
    }

    /// What `use` calls its library, if it has one.
    pub(crate) fn library(&self) -> Option<String> {
        let is_library = |kind: &String| kind == "proc-macro" || kind.ends_with("lib");
        self.targets
            .iter()
            .find(|target| target.kind.iter().any(is_library))
            .map(|target| target.name.replace('-', "_"))
    }
}

impl Dependency {
    /// Whether the built library or program itself needs it, not just its
    /// tests or build script.
    pub(crate) fn is_normal(&self) -> bool {
        self.kind.is_none()
    }
}

fn host() -> Result<String> {
    process::output(std::process::Command::new("rustc").arg("-vV"))?
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Error::new("rustc -vV names no host"))
}
