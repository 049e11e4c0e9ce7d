//! `rollbook user`: through the API of a running server, Rollbook's or Clerk's, by the Rust client.

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use futures_util::{StreamExt, TryStreamExt};
use rollbook_sdk::{Clerk, Secret, User, UserId};

use crate::options::Settings;

/// Which server is asked, and how the answer is printed.
#[derive(Args)]
pub(crate) struct Asking {
    /// Server to ask, with the key of `--secret-key` [default: the one of these options]
    #[arg(long, env = "ROLLBOOK_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// List users, newest first
    List {
        /// A part of any identifier or name
        #[arg(long)]
        query: Option<String>,
        /// A field such as `last_name`, with `-` in front for the other direction
        #[arg(long, allow_hyphen_values = true)]
        order_by: Option<String>,
        /// How many at the most [default: all]
        #[arg(long)]
        limit: Option<usize>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Show one user
    Get {
        /// `user_…`
        id: UserId,
        #[command(flatten)]
        asking: Asking,
    },
    /// Create a user
    Create {
        /// An address, which counts as verified
        #[arg(long)]
        email: Vec<String>,
        /// A number in E.164, which counts as verified
        #[arg(long)]
        phone: Vec<String>,
        #[arg(long)]
        username: Option<String>,
        #[arg(long)]
        first_name: Option<String>,
        #[arg(long)]
        last_name: Option<String>,
        /// Your own id of the user
        #[arg(long)]
        external_id: Option<String>,
        /// Read the password from standard input, up to the end of the line
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        asking: Asking,
    },
    /// End a user's sessions and refuse new ones
    Ban {
        /// `user_…`
        id: UserId,
        #[command(flatten)]
        asking: Asking,
    },
    /// Lift a ban
    Unban {
        /// `user_…`
        id: UserId,
        #[command(flatten)]
        asking: Asking,
    },
    /// Delete a user with all that hangs on it
    Delete {
        /// `user_…`
        id: UserId,
        #[command(flatten)]
        asking: Asking,
    },
}

pub(crate) async fn user(settings: &Settings, command: UserCommand) -> Result<ExitCode> {
    match command {
        UserCommand::List { query, order_by, limit, asking } => {
            let mut list = asking.clerk(settings)?.users().list();
            list.params.query = query;
            list.params.order_by = order_by;
            let users = list.limit(500).stream().take(limit.unwrap_or(usize::MAX));
            asking.print_all(&users.try_collect::<Vec<_>>().await?)?;
        }
        UserCommand::Get { id, asking } => {
            let user = asking.clerk(settings)?.users().get(id).send().await?;
            asking.print(&user)?;
        }
        UserCommand::Create {
            email,
            phone,
            username,
            first_name,
            last_name,
            external_id,
            password_stdin,
            asking,
        } => {
            let mut create = asking.clerk(settings)?.users().create();
            create = create.email_address(email).phone_number(phone);
            create.params.username = username;
            create.params.first_name = first_name;
            create.params.last_name = last_name;
            create.params.external_id = external_id;
            create.params.password = password_stdin.then(password).transpose()?;
            asking.print(&create.send().await?)?;
        }
        UserCommand::Ban { id, asking } => {
            let user = asking.clerk(settings)?.users().ban(id).send().await?;
            asking.print(&user)?;
        }
        UserCommand::Unban { id, asking } => {
            let user = asking.clerk(settings)?.users().unban(id).send().await?;
            asking.print(&user)?;
        }
        UserCommand::Delete { id, asking } => {
            let deleted = asking.clerk(settings)?.users().delete(id).send().await?;
            if asking.json {
                println!("{}", serde_json::to_string_pretty(&deleted)?);
            } else {
                println!("Deleted {}.", deleted.id);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Asking {
    fn clerk(&self, settings: &Settings) -> Result<Clerk> {
        let own = || settings.public_url.clone();
        let url = self.server.clone().or_else(own);
        let url = url.unwrap_or_else(|| format!("http://{}", settings.listen));
        let key = settings.secret_key.clone().context("--secret-key is missing")?;
        Ok(Clerk::builder().bearer_auth(key).server_url(url).build()?)
    }

    fn print(&self, user: &User) -> Result<()> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(user)?);
            return Ok(());
        }
        self.print_all(std::slice::from_ref(user))
    }

    fn print_all(&self, users: &[User]) -> Result<()> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(users)?);
            return Ok(());
        }
        for user in users {
            println!("{}", line(user));
        }
        Ok(())
    }
}

/// Id, what the user is known by, name, and what is wrong with it.
fn line(user: &User) -> String {
    let known_by = user
        .primary_email_address()
        .map(|email| email.email_address.as_str())
        .or(user.username.as_deref())
        .or_else(|| user.primary_phone_number().map(|phone| phone.phone_number.as_str()))
        .unwrap_or("-");
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let state = match (user.banned, user.locked) {
        (true, _) => "banned",
        (false, true) => "locked",
        (false, false) => "",
    };
    let cells = [user.id.as_str(), known_by, &name, state];
    cells.join("  ").trim_end().to_owned()
}

fn password() -> Result<Secret> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("failed to read the password")?;
    Ok(text.lines().next().unwrap_or_default().into())
}
