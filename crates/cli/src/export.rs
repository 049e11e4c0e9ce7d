//! `rollbook export`: everything of an instance, into a file that appears once it is whole.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use rollbook_ops::{Ctx, transfer};
use rollbook_wire::Id;
use serde_json::json;
use tempfile::NamedTempFile;

use crate::catalog::worded;
use crate::encryption::Encryption;
use crate::options::Settings;
use crate::{assemble, progress};

const WARNING: &str = "the export is not encrypted, and holds what opens accounts: hashes of \
    passwords, seeds, tokens, private keys. Guard it, or encrypt it with --recipient or \
    --passphrase-file";

#[derive(Args)]
pub(crate) struct ExportCommand {
    /// Where to write it, a file that does not exist yet; `-` is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which instance; needed where there are several
    #[arg(long, value_name = "ID")]
    instance: Option<Id>,
    #[command(flatten)]
    encryption: Encryption,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

/// Beside a running server, too: it reads one moment of the store and changes nothing.
pub(crate) async fn export(settings: &Settings, command: ExportCommand) -> Result<ExitCode> {
    if command.file.exists() {
        bail!("{} is there already: name another file", command.file.display());
    }
    let ctx = assemble::context(settings, String::new()).await?;
    let done = run(&ctx, &command).await;
    ctx.db.clone().close().await;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn run(ctx: &Ctx, command: &ExportCommand) -> Result<()> {
    let instance = chosen(ctx, command.instance.as_ref())?;
    if !command.encryption.is_on() {
        eprintln!("rollbook: {WARNING}");
    }
    if command.file == Path::new("-") {
        let (mut out, _) = write(ctx, &instance, &command.encryption, io::stdout().lock()).await?;
        return out.flush().context("failed to write to standard output");
    }
    let name = command.file.display();
    let folder = match command.file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    // For its owner's eyes only, as temporary files are.
    let file = NamedTempFile::new_in(folder);
    let file = file.with_context(|| format!("failed to create a file in {}", folder.display()))?;
    let (file, n_rows) = write(ctx, &instance, &command.encryption, file).await?;
    let kept = || -> io::Result<()> {
        file.as_file().sync_all()?;
        file.persist_noclobber(&command.file)?;
        File::open(folder)?.sync_all()
    };
    kept().with_context(|| format!("failed to keep {name}"))?;
    if command.json {
        println!("{}", json!({ "instance_id": instance, "rows": n_rows, "file": command.file }));
    } else {
        println!("{instance} is in {name}: {n_rows} rows.");
    }
    Ok(())
}

/// Writes the export and says how many rows it has.
async fn write<W: Write>(
    ctx: &Ctx,
    instance: &Id,
    encryption: &Encryption,
    output: W,
) -> Result<(W, u64)> {
    let mut output = encryption.wrap(output)?;
    let mut export = transfer::export(ctx, instance).await.map_err(worded)?;
    let line = progress::line();
    while let Some(chunk) = export.next().await {
        let chunk = chunk.map_err(worded)?;
        output.write_all(&chunk).context("failed to write the export")?;
        line.inc(chunk.len() as u64);
        line.set_message(format!("{} rows", export.n_rows()));
    }
    line.finish_and_clear();
    let output = output.finish().context("failed to write the end of the export")?;
    Ok((output, export.n_rows()))
}

/// The instance that is meant: the one named, or the only one.
fn chosen(ctx: &Ctx, named: Option<&Id>) -> Result<Id> {
    if let Some(id) = named {
        return Ok(id.clone());
    }
    let all = ctx.catalog.all();
    match all.as_slice() {
        [only] => Ok(only.instance.id.clone()),
        [] => bail!("the store has no instance"),
        _ => bail!("the store has several instances: name one with --instance"),
    }
}
