//! The file of refused rows: a copy of what the store keeps of them.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rollbook_domain::{Import, ImportRefusal};
use rollbook_ops::imports;
use rollbook_ops::{Ctx, Tenant};
use serde_json::json;

use super::ImportCommand;
use super::files::Files;
use crate::catalog::worded;

/// Refused rows read from the store at a time.
const PAGE: i64 = 500;

/// What follows the name of the first file where no file of refused rows is named.
const END: &str = ".refused.ndjson";
const END_DRY: &str = ".dry-run.refused.ndjson";

/// Where a command tells refused rows: in none of the files that it reads.
pub(super) fn path_of(command: &ImportCommand, files: &Files) -> Result<PathBuf> {
    let end = if command.dry_run { END_DRY } else { END };
    let path = command.refused.clone().unwrap_or_else(|| files.beside(end));
    let mut read = command.files.iter().chain(&command.mapping).chain(&command.hash_config);
    if let Ok(there) = path.canonicalize()
        && read.any(|file| file.canonicalize().is_ok_and(|file| file == there))
    {
        bail!(
            "{} is to be read: name another file for refused rows, with --refused",
            path.display()
        );
    }
    Ok(path)
}

pub(crate) struct RefusedFile {
    path: PathBuf,
    /// The files of the import, which refusals number.
    names: Vec<String>,
    /// Whether a file of this name is from an earlier run, to be replaced.
    is_ours: bool,
    /// Made when there is something to write.
    file: Option<BufWriter<File>>,
}

impl RefusedFile {
    /// `earlier` is where a run before this one has left the import.
    ///
    /// # Errors
    ///
    /// If there is a file of that name that is not this import's.
    pub(super) fn new(
        path: PathBuf,
        names: Vec<String>,
        command: &ImportCommand,
        earlier: Option<&Import>,
    ) -> Result<Self> {
        let is_resumed = !command.restart && earlier.is_some_and(|import| import.refused > 0);
        // Nobody but dry runs has this name.
        let is_of_dry_runs = command.dry_run && command.refused.is_none();
        let is_ours = is_resumed || is_of_dry_runs;
        if !is_ours && path.symlink_metadata().is_ok() {
            bail!(
                "{} is there already: move it away, or name another file with --refused",
                path.display()
            );
        }
        Ok(Self { path, names, is_ours, file: None })
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|_| self.path.as_path())
    }

    /// Writes what earlier runs have refused; what they wrote is replaced.
    pub(crate) async fn write_again(
        &mut self,
        ctx: &Ctx,
        tenant: &Tenant,
        import: &Import,
    ) -> Result<()> {
        if self.is_ours && self.path.symlink_metadata().is_ok() {
            fs::remove_file(&self.path).with_context(|| self.failed())?;
        }
        let mut offset = 0;
        while offset < import.refused {
            let page = imports::refusals(ctx, tenant, &import.id, PAGE, offset).await;
            self.append(&page.map_err(worded)?.refusals)?;
            offset += PAGE;
        }
        Ok(())
    }

    /// Adds rows.
    pub(crate) fn append(&mut self, refusals: &[ImportRefusal]) -> Result<()> {
        if refusals.is_empty() {
            return Ok(());
        }
        self.write(refusals).with_context(|| self.failed())
    }

    fn write(&mut self, refusals: &[ImportRefusal]) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(File::create_new(&self.path)?)),
        };
        for refusal in refusals {
            let name = usize::try_from(refusal.file).ok().and_then(|n| self.names.get(n));
            let line = json!({ "file": name, "line": refusal.line, "errors": refusal.errors });
            writeln!(file, "{line}")?;
        }
        file.flush()
    }

    fn failed(&self) -> String {
        format!("failed to write {}", self.path.display())
    }
}
