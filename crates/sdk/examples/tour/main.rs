//! Every operation once, against the server and key that the environment names.
//!
//! It creates, changes and deletes users and settings of the instance: use one for tests.

mod access;
mod billing;
mod contact;
mod instance;
mod invitations;
mod organizations;
mod roles;
mod sessions;
mod tokens;
mod users;

use rollbook_sdk::{Clerk, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let clerk = Clerk::from_env()?;
    users::tour(&clerk).await?;
    contact::tour(&clerk).await?;
    organizations::tour(&clerk).await?;
    roles::tour(&clerk).await?;
    sessions::tour(&clerk).await?;
    tokens::tour(&clerk).await?;
    invitations::tour(&clerk).await?;
    access::tour(&clerk).await?;
    instance::tour(&clerk).await?;
    billing::tour(&clerk).await
}
