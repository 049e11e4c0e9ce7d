//! `rollbook breaches`: make the filter that `--breaches-file` names.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum BreachesCommand {
    /// Make a compact filter from SHA-1 hashes in the form of Have I Been Pwned
    Build {
        /// A file of `HASH:COUNT` lines, or a folder of range files
        input: PathBuf,
        /// Where the filter goes; it replaces what is there once it is whole
        output: PathBuf,
        /// Leave out passwords that were seen less often
        #[arg(long, default_value_t = 1, value_name = "N")]
        min_count: u32,
    },
}

pub(crate) fn breaches(command: &BreachesCommand) -> Result<ExitCode> {
    let BreachesCommand::Build { input, output, min_count } = command;
    let summary = rollbook_breaches::build(input, output, *min_count)
        .with_context(|| format!("failed to make a filter from {}", input.display()))?;
    println!("{} passwords in {} bytes", summary.entries, summary.bytes);
    Ok(ExitCode::SUCCESS)
}
