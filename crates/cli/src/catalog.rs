//! `rollbook instance` and `rollbook key`: straight on the store, also beside a
//! running server, which notices within half a second.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use rollbook_domain::{Environment, Profile};
use rollbook_ops::instances::{self, CreateInstance, Created, NewKey};
use rollbook_ops::{Ctx, Error};
use rollbook_wire::Id;
use serde_json::{Value, json};

use crate::assemble;
use crate::master;
use crate::options::Settings;

#[derive(Args)]
pub(crate) struct Output {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub(crate) enum InstanceCommand {
    /// Create an instance with its first key, which is shown once
    Create {
        /// For people
        #[arg(long, default_value = "")]
        name: String,
        /// `development` or `production`
        #[arg(long, default_value = "development", value_parser = word::<Environment>)]
        environment: Environment,
        /// Where the settings start: `permissive` or `clerk`
        #[arg(long, default_value = "permissive", value_parser = word::<Profile>)]
        profile: Profile,
        #[command(flatten)]
        output: Output,
    },
    /// List all instances
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Delete all users of an instance; keys and settings stay
    Reset {
        /// `ins_…`
        id: Id,
    },
    /// Copy an instance with its settings and users
    Fork {
        /// `ins_…`
        id: Id,
        /// For people [default: the same]
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Delete an instance with all that it holds
    Delete {
        /// `ins_…`
        id: Id,
    },
}

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make one more key for an instance; it is shown once
    Create {
        /// `ins_…`
        #[arg(long)]
        instance: Id,
        #[command(flatten)]
        output: Output,
    },
    /// List the keys of an instance, or of all
    List {
        /// `ins_…`
        #[arg(long)]
        instance: Option<Id>,
        #[command(flatten)]
        output: Output,
    },
    /// Make a new key in place of an old one, which is revoked
    Rotate {
        /// `ins_…`
        #[arg(long)]
        instance: Id,
        /// `key_…`
        key: Id,
        #[command(flatten)]
        output: Output,
    },
    /// Put a new master key in place of the present one; running servers go on
    RotateMaster {
        /// 32 bytes in base64 or hex, where the present key is configured too
        #[arg(long, env = "ROLLBOOK_NEW_MASTER_KEY", hide_env_values = true, value_name = "KEY")]
        new_master_key: Option<String>,
    },
    /// Revoke a key
    Revoke {
        /// `ins_…`
        #[arg(long)]
        instance: Id,
        /// `key_…`
        key: Id,
    },
}

pub(crate) async fn instance(settings: &Settings, command: InstanceCommand) -> Result<ExitCode> {
    let ctx = &assemble::context(settings, String::new()).await?;
    match command {
        InstanceCommand::Create { name, environment, profile, output } => {
            let params = CreateInstance { name, environment, profile, secret_key: None };
            created(&instances::create(ctx, params).await.map_err(worded)?, &output);
        }
        InstanceCommand::List { output } => {
            let rows =
                ctx.catalog.all().iter().map(|tenant| instance_row(&tenant.instance)).collect();
            table(&["id", "environment_type", "name"], rows, &output);
        }
        InstanceCommand::Reset { id } => {
            instances::reset(ctx, &id).await.map_err(worded)?;
            println!("{id} is empty.");
        }
        InstanceCommand::Fork { id, name, output } => {
            created(&instances::fork(ctx, &id, name.as_deref()).await.map_err(worded)?, &output);
        }
        InstanceCommand::Delete { id } => {
            instances::delete(ctx, &id).await.map_err(worded)?;
            println!("{id} is deleted.");
        }
    }
    close(ctx).await
}

pub(crate) async fn key(settings: &Settings, command: KeyCommand) -> Result<ExitCode> {
    if let KeyCommand::RotateMaster { new_master_key } = &command {
        println!("{}", master::rotate(settings, new_master_key.as_deref()).await?);
        return Ok(ExitCode::SUCCESS);
    }
    let ctx = &assemble::context(settings, String::new()).await?;
    match command {
        KeyCommand::Create { instance, output } => {
            shown(&instances::create_key(ctx, &instance, None).await.map_err(worded)?, &output);
        }
        KeyCommand::List { instance, output } => {
            let all = ctx.catalog.all();
            let ids = all.iter().map(|tenant| &tenant.instance.id);
            let wanted = ids.filter(|id| instance.as_ref().is_none_or(|wanted| wanted == *id));
            let rows = wanted
                .flat_map(|id| ctx.catalog.keys_of(id))
                .map(|key| {
                    json!({
                        "id": key.id,
                        "instance_id": key.instance_id,
                        "hint": key.hint,
                        "created_at": key.created_at,
                        "revoked_at": key.revoked_at,
                    })
                })
                .collect();
            table(&["id", "instance_id", "hint", "revoked_at"], rows, &output);
        }
        KeyCommand::Rotate { instance, key, output } => {
            shown(&instances::rotate_key(ctx, &instance, &key).await.map_err(worded)?, &output);
        }
        // Done above: it needs no catalog.
        KeyCommand::RotateMaster { .. } => {}
        KeyCommand::Revoke { instance, key } => {
            instances::revoke_key(ctx, &instance, &key).await.map_err(worded)?;
            println!("{key} is revoked.");
        }
    }
    close(ctx).await
}

async fn close(ctx: &Ctx) -> Result<ExitCode> {
    ctx.db.clone().close().await;
    Ok(ExitCode::SUCCESS)
}

/// The problems of a refusal, a sentence each.
pub(crate) fn worded(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(problems) => {
            let sentences: Vec<_> =
                problems.into_iter().map(|problem| problem.long_message).collect();
            anyhow::anyhow!(sentences.join(" "))
        }
        other => other.into(),
    }
}

/// One of the words that `T` knows.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_value(Value::from(text)).context("not one of the possible values")
}

fn instance_row(instance: &rollbook_domain::Instance) -> Value {
    json!({
        "id": instance.id,
        "name": instance.name,
        "environment_type": instance.environment.as_str(),
        "created_at": instance.created_at,
    })
}

fn created(created: &Created, output: &Output) {
    if output.json {
        let mut row = instance_row(&created.instance);
        if let Value::Object(members) = &mut row {
            members.insert("secret_key".to_owned(), json!(*created.key.secret));
        }
        println!("{row}");
    } else {
        println!("{}", created.instance.id);
        println!("CLERK_SECRET_KEY={}", *created.key.secret);
    }
}

fn shown(new: &NewKey, output: &Output) {
    if output.json {
        println!("{}", json!({ "id": new.key.id, "secret": *new.secret }));
    } else {
        println!("{}", new.key.id);
        println!("CLERK_SECRET_KEY={}", *new.secret);
    }
}

/// Columns for people, JSON for programs.
fn table(columns: &[&str], rows: Vec<Value>, output: &Output) {
    if output.json {
        println!("{}", Value::Array(rows));
        return;
    }
    let cell = |row: &Value, column: &str| match row.get(column) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let width = |column: &&str| {
        let cells = rows.iter().map(|row| cell(row, column).chars().count());
        cells.chain([column.len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let line = |cells: Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(columns.iter().map(ToString::to_string).collect());
    for row in &rows {
        line(columns.iter().map(|column| cell(row, column)).collect());
    }
}
