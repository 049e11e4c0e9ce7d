//! `rollbook import`: users from files, or a whole instance, straight into the store.

mod files;
mod instance;
mod progress;
mod refused;
mod summary;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use rollbook_domain::ImportStatus;
use rollbook_import::{Format, HashConfig, Helps, Mapping};
use rollbook_ops::imports::{self, ImportOptions, Job, NewImport};
use rollbook_ops::{Ctx, Tenant, instances};
use rollbook_wire::Id;

use self::files::Files;
use self::progress::Progress;
use self::refused::RefusedFile;
use self::summary::Summary;
use crate::catalog::worded;
use crate::decryption::Decryption;
use crate::options::Settings;
use crate::{alone, assemble};

/// What to do when another process has the store.
const BESIDE_ANOTHER: &str = "wait for it if it is an import; stop it if it is a server, or \
    import through it with POST /admin/v1/instances/{id}/imports";

#[derive(Args)]
pub(crate) struct ImportCommand {
    /// JSON Lines, a JSON array, a table with commas, or an export of an instance
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Into which instance; needed where there are several
    #[arg(long, value_name = "ID")]
    instance: Option<Id>,
    /// The system that the files come from, if it is not recognised
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// TOML file that says which names are which parameters, for any other system
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    mapping: Option<PathBuf>,
    /// Firebase's password hash parameters, as its console shows them
    #[arg(long, value_name = "FILE")]
    hash_config: Option<PathBuf>,
    /// Check every row and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Where refused rows are told, a JSON object a line; nothing may be there yet
    /// [default: FILE.refused.ndjson, of a dry run FILE.dry-run.refused.ndjson]
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// Begin anew where an earlier run of the same files would be gone on with
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    skips: Skips,
    #[command(flatten)]
    decryption: Decryption,
    /// Print what became of it as JSON
    #[arg(long)]
    json: bool,
}

/// What passes in every row, as the switches of a creation do for one user.
#[derive(Args)]
struct Skips {
    /// Users need no password, whatever the instance requires
    #[arg(long)]
    skip_password_requirement: bool,
    /// Users need none of the identifiers that the instance requires
    #[arg(long)]
    skip_user_requirement: bool,
    /// Users need not have accepted the legal terms
    #[arg(long)]
    skip_legal_checks: bool,
    /// Plain passwords may be weak or breached
    #[arg(long)]
    skip_password_checks: bool,
    /// Allow-list, block-list and rules for addresses keep nobody out
    #[arg(long)]
    skip_restrictions: bool,
    /// Tell webhooks of every user
    #[arg(long)]
    events: bool,
}

impl Skips {
    fn is_any(&self) -> bool {
        !ImportOptions::from(self).names().is_empty()
    }
}

impl From<&Skips> for ImportOptions {
    fn from(skips: &Skips) -> Self {
        Self {
            skip_password_requirement: skips.skip_password_requirement,
            skip_user_requirement: skips.skip_user_requirement,
            skip_legal_checks: skips.skip_legal_checks,
            skip_password_checks: skips.skip_password_checks,
            skip_restrictions: skips.skip_restrictions,
            events: skips.events,
        }
    }
}

fn format(name: &str) -> Result<Format> {
    Format::from_name(name).context("not a format known here")
}

fn helps(command: &ImportCommand) -> Result<Helps> {
    let read = |path: &PathBuf| {
        fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
    };
    let mapping = command.mapping.as_ref().map(|path| {
        Mapping::parse(&read(path)?).with_context(|| format!("{} is no mapping", path.display()))
    });
    let hash_config = command.hash_config.as_ref().map(|path| {
        HashConfig::parse(&read(path)?).with_context(|| {
            format!(
                "{} has not all parameters: signer key, salt separator, rounds, mem_cost",
                path.display()
            )
        })
    });
    Ok(Helps { mapping: mapping.transpose()?, hash_config: hash_config.transpose()? })
}

pub(crate) async fn import(settings: &Settings, command: ImportCommand) -> Result<ExitCode> {
    if let Some(path) = instance::export_of(&command)? {
        return instance::import(settings, path, &command).await;
    }
    let helps = helps(&command)?;
    let format = helps.mapping.as_ref().map_or(command.format, |_| Some(Format::Mapped));
    let files = Files::open(&command.files, format, &helps)?;
    let refused = refused::path_of(&command, &files)?;
    let _alone = alone::lock(settings, BESIDE_ANOTHER)?;
    let ctx = assemble::context(settings, String::new()).await?;
    let ended = run(&ctx, settings, &command, files, refused).await;
    ctx.db.clone().close().await;
    ended
}

async fn run(
    ctx: &Ctx,
    settings: &Settings,
    command: &ImportCommand,
    files: Files,
    refused: PathBuf,
) -> Result<ExitCode> {
    let Target { tenant, new_key } = target(ctx, settings, command).await?;
    if let (Some(key), false) = (&new_key, command.json) {
        // As a server prints it: shown this once, and before anything can go wrong.
        println!("CLERK_SECRET_KEY={key}");
    }
    let options = ImportOptions::from(&command.skips);
    let source = files.source(&options.names());
    let new = NewImport {
        source: Some(source.clone()),
        format: files.format().name().to_owned(),
        restart: command.restart,
    };
    let dry =
        if command.dry_run { Some(imports::scratch(&tenant).await.map_err(worded)?) } else { None };
    let job = Job { ctx: ctx.clone(), tenant: Arc::clone(&tenant), options, dry };
    let earlier = imports::of_source(&job, &source).await.map_err(worded)?;
    let mut refused = RefusedFile::new(refused, files.names(), command, earlier.as_ref())?;
    let begun = imports::begin(&job, new).await.map_err(worded)?;
    let mut import = begun.import.import.clone();
    refused.write_again(ctx, &tenant, &import).await?;
    let new_key = new_key.as_deref();
    if import.status == ImportStatus::Completed {
        eprintln!("rollbook: these files were imported before; --restart goes through them again");
        let summary = Summary { command, refused: &refused, since: None, new_key };
        return Ok(summary.print(&import));
    }
    if begun.is_resumed {
        eprintln!("rollbook: going on behind {} rows", import.accepted + import.refused);
    }
    let start = (Instant::now(), import.accepted);
    let progress = Progress::new(&files, &import);
    let mut failure = None;
    let batches = files.read_from(import.position)?;
    let ended = imports::run(&job, begun.import, batches, |now, refusals| {
        progress.tell(now);
        if let Err(error) = refused.append(refusals) {
            failure.get_or_insert(error);
        }
    })
    .await;
    progress.end();
    import = ended.map_err(worded)?;
    if let Some(error) = failure {
        // The store has them: the next run writes the file anew.
        return Err(error);
    }
    let summary = Summary { command, refused: &refused, since: Some(start), new_key };
    Ok(summary.print(&import))
}

/// Where users go.
struct Target {
    tenant: Arc<Tenant>,
    /// The key of the instance, if it was made just now and nobody knows it yet.
    new_key: Option<String>,
}

/// The instance meant; an empty store gets its first one, as from a server.
async fn target(ctx: &Ctx, settings: &Settings, command: &ImportCommand) -> Result<Target> {
    if let Some(id) = &command.instance {
        let tenant = ctx.catalog.by_id(id).with_context(|| format!("there is no instance {id}"))?;
        return Ok(Target { tenant, new_key: None });
    }
    let key = settings.secret_key.clone();
    let mut new_key = None;
    if command.dry_run && ctx.catalog.all().is_empty() {
        let instance = instances::first(ctx, key).map_err(worded)?.instance;
        return Ok(Target { tenant: Arc::new(Tenant { instance, epoch: 0 }), new_key });
    }
    let is_known = key.is_some();
    if let Some(created) = instances::ensure_first(ctx, key).await.map_err(worded)? {
        new_key = (!is_known).then(|| created.key.secret.to_string());
    }
    match ctx.catalog.all().as_slice() {
        [only] => Ok(Target { tenant: Arc::clone(only), new_key }),
        _ => bail!("the store has several instances: say which with --instance"),
    }
}
