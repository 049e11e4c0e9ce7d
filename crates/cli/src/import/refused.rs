//! The file of refused rows: a copy of what the store keeps of them.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rollbook_domain::{Import, ImportRefusal};
use rollbook_ops::imports;
use rollbook_ops::{Ctx, Tenant};
use serde_json::json;

use crate::catalog::worded;

/// Refused rows read from the store at a time.
const PAGE: i64 = 500;

pub(crate) struct RefusedFile {
    path: PathBuf,
    /// The files of the import, which refusals number.
    names: Vec<String>,
    /// Made when there is something to write.
    file: Option<BufWriter<File>>,
}

impl RefusedFile {
    pub(crate) fn new(path: PathBuf, names: Vec<String>) -> Self {
        Self { path, names, file: None }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|_| self.path.as_path())
    }

    /// Writes what earlier runs have refused; what was in the file is replaced.
    pub(crate) async fn write_again(
        &mut self,
        ctx: &Ctx,
        tenant: &Tenant,
        import: &Import,
    ) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| self.failed());
            }
            Ok(()) | Err(_) => {}
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
            None => self.file.insert(BufWriter::new(File::create(&self.path)?)),
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
