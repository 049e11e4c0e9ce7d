//! Sends what is queued: at least once, never twice at a time, and not for ever.

use std::time::Duration;

use rollbook_mail::{Mailer, Message, SendError};
use rollbook_ops::{Ctx, backoff_ms};
use rollbook_store::emails::{self, Claimed, Outcome};
use rollbook_store::{Error, Result};
use serde::Deserialize;
use tokio::task::JoinSet;

const POLL_EVERY: Duration = Duration::from_millis(500);

/// Mails under way at a time.
const AT_ONCE: i64 = 8;

/// One attempt, from connecting to the server's last word.
const SEND_WITHIN: Duration = Duration::from_mins(1);

/// How long others leave a claimed mail alone. The difference to `SEND_WITHIN`
/// is what the clocks of two servers may differ by, less the time of a commit.
pub const LEASE_MS: i64 = 120_000;

/// With the pauses between them about a day.
const MOST_ATTEMPTS: i64 = 24;
/// The first, and the longest.
const PAUSES_MS: (i64, i64) = (5_000, 2 * 3_600_000);

/// Mails kept of each instance, apart from those still to be sent.
const MOST_KEPT: i64 = 1000;

pub(crate) async fn deliver_for_ever(ctx: &Ctx, mailer: &Mailer) {
    loop {
        match deliver(ctx, mailer).await {
            Ok(0) => tokio::time::sleep(POLL_EVERY).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "failed to look for mail to send");
                tokio::time::sleep(POLL_EVERY).await;
            }
        }
    }
}

/// Tries to send some of what is due; answers how many mails it tried to send.
///
/// Zero means that nothing is due now, be it that there is none, that it waits
/// for another try, or that someone else is sending it.
pub async fn deliver(ctx: &Ctx, mailer: &Mailer) -> Result<usize> {
    let now = ctx.clock.now();
    if ctx.db.read(emails::next_due).await?.is_none_or(|due| due > now) {
        return Ok(0);
    }
    let claimed = ctx.db.write(move |tx| emails::claim(tx, now, now + LEASE_MS, AT_ONCE)).await?;
    let n_claimed = claimed.len();
    let mut attempts = JoinSet::new();
    for email in claimed {
        let (ctx, mailer) = (ctx.clone(), mailer.clone());
        attempts.spawn(async move { attempt(&ctx, &mailer, email).await });
    }
    let mut settled = Ok(n_claimed);
    while let Some(done) = attempts.join_next().await {
        let done = done.map_err(|source| Error::internal("send a mail", source)).flatten();
        settled = settled.and_then(|n| done.map(|()| n));
    }
    settled
}

/// Settles each mail as soon as its fate is known, to be killed in between as rarely as can be.
async fn attempt(ctx: &Ctx, mailer: &Mailer, email: Claimed) -> Result<()> {
    // Counted when it was claimed: each of the attempts before ended in a crash or was noted.
    let sent =
        if email.attempts > MOST_ATTEMPTS { Err(Gone::Spent) } else { send(mailer, &email).await };
    let now = ctx.clock.now();
    let outcome = match sent {
        Ok(()) => Outcome::Sent,
        Err(gone) => gone.outcome(&email, now, ctx.entropy.bytes()),
    };
    log(&email, &outcome);
    ctx.db
        .write(move |tx| {
            emails::settle(tx, &email, &outcome, now)?;
            emails::trim(tx, &email.instance_id, MOST_KEPT)
        })
        .await
}

/// Why an attempt came to nothing.
enum Gone {
    /// The mailer says so.
    Unsent(SendError),
    /// What was queued cannot be read.
    Unreadable(serde_json::Error),
    /// The last attempt never came to an end.
    Spent,
}

async fn send(mailer: &Mailer, email: &Claimed) -> Result<(), Gone> {
    let message = message(email).map_err(Gone::Unreadable)?;
    let sent = tokio::time::timeout(SEND_WITHIN, mailer.send(&message)).await;
    sent.unwrap_or_else(|_| Err(SendError::timed_out())).map_err(Gone::Unsent)
}

fn message(email: &Claimed) -> serde_json::Result<Message> {
    #[derive(Deserialize)]
    struct Record {
        to_email_address: String,
        subject: String,
        body: String,
        body_plain: String,
    }
    let record: Record = serde_json::from_str(&email.record)?;
    Ok(Message {
        id: email.id.to_string(),
        to: record.to_email_address,
        subject: record.subject,
        text: record.body_plain,
        html: record.body,
        created_at: email.created_at,
    })
}

impl Gone {
    fn outcome(&self, email: &Claimed, now: i64, random: [u8; 8]) -> Outcome {
        match self {
            Self::Unsent(error) if error.is_permanent() || email.attempts >= MOST_ATTEMPTS => {
                Outcome::Failed { error: error.to_string() }
            }
            Self::Unsent(error) => {
                let pause = backoff_ms(email.attempts, random, PAUSES_MS);
                Outcome::Retry { at: now + pause, error: error.to_string() }
            }
            Self::Unreadable(error) => Outcome::Failed { error: error.to_string() },
            Self::Spent => {
                Outcome::Failed { error: "the server stopped in the last attempt".to_owned() }
            }
        }
    }
}

/// Says nothing of whom or what: an operator finds that in the mailbox.
fn log(email: &Claimed, outcome: &Outcome) {
    let (id, attempts) = (email.id.as_str(), email.attempts);
    match outcome {
        Outcome::Sent => tracing::debug!(email.id = id, attempts, "sent a mail"),
        Outcome::Retry { .. } => {
            tracing::warn!(email.id = id, attempts, "failed to send a mail, will try again");
        }
        Outcome::Failed { .. } => {
            tracing::error!(email.id = id, attempts, "gave up on a mail; the mailbox says why");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_attempts_together_take_most_of_a_day_at_least() {
        let least: i64 = (1..MOST_ATTEMPTS).map(|n| backoff_ms(n, [0; 8], PAUSES_MS)).sum();
        assert!(least > 12 * 3_600_000, "{least}");
    }
}
