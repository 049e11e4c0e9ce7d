//! The command `rollbook`: parse, call, print, choose the exit code.
//!
//! 0 done, 1 refused or failed, 2 misused.

#![expect(clippy::print_stdout, reason = "results of commands go to standard output")]

mod alone;
mod assemble;
mod breaches;
mod catalog;
mod decryption;
mod doctor;
mod encryption;
mod export;
mod import;
mod master;
mod options;
mod progress;
mod serve;
mod user;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::options::{Options, Settings};

/// A self-hosted user directory that speaks Clerk's Backend API.
#[derive(Parser)]
#[command(name = "rollbook", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    OnStore(StoreCommand),
    /// Make a filter of breached passwords
    #[command(subcommand)]
    Breaches(breaches::BreachesCommand),
    /// Print the contract of the HTTP API
    Openapi,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// What needs the settings; all but `user` opens the store.
#[derive(Subcommand)]
enum StoreCommand {
    /// Answer requests until told to stop
    Serve,
    /// Create, list, reset, fork and delete instances
    #[command(subcommand)]
    Instance(catalog::InstanceCommand),
    /// Create, list, rotate and revoke secret keys
    #[command(subcommand)]
    Key(catalog::KeyCommand),
    /// Look at and change users, through the API of a running server
    #[command(subcommand)]
    User(user::UserCommand),
    /// Create many users from files, or an instance from its export
    Import(import::ImportCommand),
    /// Bring the store to this release's schema and exit
    Migrate,
    /// Check configuration and store, and that index rows agree with records
    Doctor,
    /// Write everything of an instance to a file, secrets included
    Export(export::ExportCommand),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rollbook: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::OnStore(command) => on_store(command, cli.options),
        Command::Breaches(command) => breaches::breaches(&command),
        Command::Openapi => {
            println!("{}", rollbook_http::openapi().map_err(anyhow::Error::msg)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(shell, &mut command, "rollbook", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn on_store(command: StoreCommand, options: Options) -> Result<ExitCode> {
    let settings = Settings::resolve(options)?;
    log_to_stderr(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime.block_on(async {
        match command {
            StoreCommand::Serve => serve::serve(&settings).await,
            StoreCommand::Instance(command) => catalog::instance(&settings, command).await,
            StoreCommand::Key(command) => catalog::key(&settings, command).await,
            StoreCommand::User(command) => user::user(&settings, command).await,
            StoreCommand::Import(command) => import::import(&settings, command).await,
            StoreCommand::Migrate => {
                rollbook_store::Db::open(&settings.store).await?.close().await;
                println!("The store is at this release's schema.");
                Ok(ExitCode::SUCCESS)
            }
            StoreCommand::Doctor => doctor::doctor(&settings).await,
            StoreCommand::Export(command) => export::export(&settings, command).await,
        }
    })
}

fn log_to_stderr(settings: &Settings) -> Result<()> {
    let filter = EnvFilter::builder()
        .parse(&settings.log)
        .with_context(|| format!("log is not a filter: {}", settings.log))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    Ok(())
}
