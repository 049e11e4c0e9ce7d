//! An export of Rollbook: the instance in it comes back as it was.

use std::fs::File;
use std::io::{self, BufRead, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rollbook_ops::Ctx;
use rollbook_ops::transfer::{self, Imported, Progress};
use serde_json::json;

use super::ImportCommand;
use crate::decryption::{Keys, is_encrypted};
use crate::options::Settings;
use crate::{alone, assemble, progress};

/// What to do when another process has the store.
const BESIDE_ANOTHER: &str =
    "wait for it if it is an import, stop it if it is a server: an instance comes in whole";

/// What is read of a file to recognise it.
const HEAD: u64 = 64;

/// The export among the files of a command, if there is one.
pub(super) fn export_of(command: &ImportCommand) -> Result<Option<&Path>> {
    for path in &command.files {
        if is_export(path).with_context(|| failed(path))? {
            check(command, path)?;
            return Ok(Some(path));
        }
    }
    if command.decryption.is_given() {
        bail!("--passphrase-file and --identity open encrypted exports, which none of these is");
    }
    Ok(None)
}

/// Imports it; 0 if the instance is there.
pub(super) async fn import(
    settings: &Settings,
    path: &Path,
    command: &ImportCommand,
) -> Result<ExitCode> {
    let keys = command.decryption.keys()?;
    let mut opened = Some(keys.open(path).with_context(|| failed(path))?);
    let _alone = alone::lock(settings, BESIDE_ANOTHER)?;
    let ctx = assemble::context(settings, String::new()).await?;
    let imported = run(&ctx, path, &keys, &mut opened).await;
    ctx.db.clone().close().await;
    let Imported { instance_id, rows } = imported?;
    if command.json {
        println!("{}", json!({ "instance_id": instance_id, "rows": rows }));
    } else {
        let n_users = rows.get("users").copied().unwrap_or_default();
        let n_rows: u64 = rows.values().sum();
        println!("{instance_id} is here as it was: {n_users} users, {n_rows} rows.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn run(
    ctx: &Ctx,
    path: &Path,
    keys: &Keys,
    opened: &mut Option<Box<dyn BufRead>>,
) -> Result<Imported> {
    // It is read twice; encrypted it is a little longer than what is in it.
    let n_bytes = path.metadata().map_or(0, |of_file| of_file.len());
    let bar = progress::bar(2 * n_bytes);
    let mut source = || match opened.take() {
        Some(reader) => Ok(reader),
        None => keys.open(path).map_err(io::Error::other),
    };
    let done = transfer::import(ctx, &mut source, &mut |now| match now {
        Progress::Checked(n) => {
            bar.set_message("checked");
            bar.set_position(n);
        }
        Progress::Written(n) => {
            bar.set_message("written");
            bar.set_position(n_bytes + n);
        }
    })
    .await;
    bar.finish_and_clear();
    done.with_context(|| format!("nothing of {} was imported", path.display()))
}

fn is_export(path: &PathBuf) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(transfer::is_export(&head) || is_encrypted(&head))
}

/// It says itself how it is imported, and comes alone.
fn check(command: &ImportCommand, path: &Path) -> Result<()> {
    let name = path.display();
    if command.files.len() > 1 {
        bail!("{name} is an export of an instance: import it by itself");
    }
    let given = [
        ("--instance", command.instance.is_some()),
        ("--format", command.format.is_some()),
        ("--mapping", command.mapping.is_some()),
        ("--hash-config", command.hash_config.is_some()),
        ("--dry-run", command.dry_run),
        ("--refused", command.refused.is_some()),
        ("--restart", command.restart),
        ("--skip-… and --events", command.skips.is_any()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => {
            bail!(
                "{name} is an export of an instance, which comes in as it was: leave {option} out"
            )
        }
        None => Ok(()),
    }
}

fn failed(path: &Path) -> String {
    format!("failed to read {}", path.display())
}
