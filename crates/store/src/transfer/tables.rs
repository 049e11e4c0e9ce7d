//! The one table of what an export holds: every table, every column, and when it comes in.

use super::line::Line;
use super::sealing::Context;
use crate::billing::stripe_accounts;
use crate::{
    credentials, jwt_templates, oauth_access_tokens, oauth_connections, oauth_providers,
    signing_keys, verifications, webhook_endpoints,
};

/// A table whose rows an export holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The primary key behind `instance_id`; rows are read in its order.
    pub(super) key: &'static [&'static str],
    /// All columns but `instance_id` and what is derived.
    pub(super) columns: &'static [(&'static str, Kind)],
    /// Whether a row comes in only with the instance itself, in the last transaction.
    ///
    /// Workers look for work in all instances at once, and must find none in an
    /// instance that is not whole yet.
    pub(super) is_held: fn(&Line) -> bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Int,
    /// JSON as text.
    Json,
    Bytes,
    /// Bytes that the vault has sealed for this context, if it says one.
    Sealed(Context),
    /// JSON, a member of which is base64 of what the vault has sealed for this context.
    SealedMember(&'static str, Context),
}

use Kind::{Bytes, Int, Json, Sealed, SealedMember, Text};

/// Columns and tables that are made anew from the users' records, by the release that imports.
pub(super) const DERIVED: &[(&str, &[&str])] =
    &[("identifiers", &["kind", "value"]), ("user_keys", &["kind", "value", "user_id"])];

fn never(_: &Line) -> bool {
    false
}

fn always(_: &Line) -> bool {
    true
}

const CREATED: (&str, Kind) = ("created_at", Int);
const UPDATED: (&str, Kind) = ("updated_at", Int);
const RECORD: (&str, Kind) = ("record", Json);

const fn table(
    name: &'static str,
    key: &'static [&'static str],
    columns: &'static [(&'static str, Kind)],
) -> Table {
    Table { name, key, columns, is_held: never }
}

const fn held(is_held: fn(&Line) -> bool, table: Table) -> Table {
    Table { is_held, ..table }
}

/// Every table that belongs to an instance, in the order in which an export holds them.
///
/// Nothing is left behind: also what is under way, such as a code that was sent, a
/// browser that was sent to a provider or a message that waits for another try, goes on
/// at the new place. Whoever imports a copy beside a running original must know that
/// both will then send what was queued.
pub(super) static TABLES: &[Table] = &[
    held(always, table("instances", &[], &[RECORD, CREATED])),
    held(
        always,
        table(
            "secret_keys",
            &["key_id"],
            &[("key_id", Text), ("hash", Bytes), ("hint", Text), CREATED, ("revoked_at", Int)],
        ),
    ),
    table(
        "signing_keys",
        &["key_id"],
        &[
            ("key_id", Text),
            ("public", Json),
            ("private", Sealed(|_, line| Some(signing_keys::context(line.text("key_id"))))),
            CREATED,
            ("retired_at", Int),
        ],
    ),
    table(
        "jwt_templates",
        &["template_id"],
        &[
            ("template_id", Text),
            ("name", Text),
            RECORD,
            (
                "signing_key",
                Sealed(|_, line| Some(jwt_templates::context(line.text("template_id")))),
            ),
            CREATED,
        ],
    ),
    table(
        "oauth_providers",
        &["provider"],
        &[
            ("provider", Text),
            RECORD,
            (
                "client_secret",
                Sealed(|_, line| Some(oauth_providers::context(line.text("provider")))),
            ),
        ],
    ),
    table(
        "users",
        &["user_id"],
        &[
            ("user_id", Text),
            ("version", Int),
            RECORD,
            ("last_active_at", Int),
            ("last_sign_in_at", Int),
        ],
    ),
    table(
        "credentials",
        &["user_id", "kind", "ordinal"],
        &[
            ("user_id", Text),
            ("kind", Text),
            ("ordinal", Int),
            (
                "secret",
                Sealed(|_, line| credentials::context_of(line.text("user_id"), line.text("kind"))),
            ),
        ],
    ),
    table(
        "passkeys",
        &["passkey_id"],
        &[("passkey_id", Text), ("user_id", Text), ("credential_id", Bytes), RECORD],
    ),
    table(
        "oauth_access_tokens",
        &["external_account_id"],
        &[
            ("external_account_id", Text),
            ("user_id", Text),
            (
                "sealed",
                Sealed(|_, line| {
                    Some(oauth_access_tokens::context(line.text("external_account_id")))
                }),
            ),
            ("attempt", Int),
            ("lease_until", Int),
            ("failure", Text),
        ],
    ),
    table(
        "oauth_connections",
        &["connection_id"],
        &[
            ("connection_id", Text),
            ("user_id", Text),
            ("provider", Text),
            (
                "sealed",
                Sealed(|_, line| Some(oauth_connections::context(line.text("connection_id")))),
            ),
            ("expires_at", Int),
        ],
    ),
    table(
        "ceremonies",
        &["ceremony_id"],
        &[
            ("ceremony_id", Text),
            ("user_id", Text),
            ("kind", Text),
            ("state", Json),
            ("expires_at", Int),
        ],
    ),
    table(
        "verifications",
        &["verification_id"],
        &[
            ("verification_id", Text),
            ("user_id", Text),
            (
                "record",
                SealedMember("sealed", |instance, line| {
                    Some(verifications::context(instance, line.text("verification_id")))
                }),
            ),
            ("expires_at", Int),
        ],
    ),
    table(
        "images",
        &["image_id"],
        &[("image_id", Text), ("owner_id", Text), ("format", Text), CREATED],
    ),
    table(
        "clients",
        &["client_id"],
        &[("client_id", Text), ("last_authentication_strategy", Text), CREATED, UPDATED],
    ),
    table(
        "sessions",
        &["session_id"],
        &[
            ("session_id", Text),
            ("user_id", Text),
            ("client_id", Text),
            ("status", Text),
            ("actor", Json),
            ("last_active_organization_id", Text),
            ("origin", Text),
            ("first_factor_at", Int),
            ("second_factor_at", Int),
            ("last_active_at", Int),
            ("expire_at", Int),
            ("abandon_at", Int),
            CREATED,
            UPDATED,
        ],
    ),
    table(
        "tickets",
        &["ticket_id"],
        &[
            ("ticket_id", Text),
            ("kind", Text),
            ("user_id", Text),
            ("status", Text),
            ("actor", Json),
            ("organization_id", Text),
            ("session_max_duration_ms", Int),
            ("expires_at", Int),
            CREATED,
            UPDATED,
        ],
    ),
    table(
        "organizations",
        &["organization_id"],
        &[
            ("organization_id", Text),
            RECORD,
            ("slug", Text),
            ("name", Text),
            ("search", Text),
            ("created_by", Text),
            ("members_count", Int),
            CREATED,
            ("last_active_at", Int),
        ],
    ),
    table("organization_roles", &["role_id"], &[("role_id", Text), RECORD]),
    table("organization_permissions", &["permission_id"], &[("permission_id", Text), RECORD]),
    table(
        "organization_memberships",
        &["organization_id", "user_id"],
        &[
            ("organization_id", Text),
            ("user_id", Text),
            ("membership_id", Text),
            ("role", Text),
            ("public_metadata", Json),
            ("private_metadata", Json),
            CREATED,
            UPDATED,
        ],
    ),
    table(
        "organization_invitations",
        &["invitation_id"],
        &[
            ("invitation_id", Text),
            ("organization_id", Text),
            ("email_address", Text),
            ("role", Text),
            ("status", Text),
            ("inviter_id", Text),
            ("redirect_url", Text),
            ("ticket", Text),
            ("public_metadata", Json),
            ("private_metadata", Json),
            ("expires_at", Int),
            CREATED,
            UPDATED,
        ],
    ),
    table(
        "invitations",
        &["invitation_id"],
        &[
            ("invitation_id", Text),
            ("email_address", Text),
            ("status", Text),
            ("redirect_url", Text),
            ("ticket", Text),
            ("public_metadata", Json),
            ("expires_at", Int),
            CREATED,
            UPDATED,
        ],
    ),
    table(
        "waitlist_entries",
        &["entry_id"],
        &[
            ("entry_id", Text),
            ("email_address", Text),
            ("status", Text),
            ("invitation_id", Text),
            ("invited_at", Int),
            CREATED,
            UPDATED,
        ],
    ),
    table(
        "access_identifiers",
        &["list", "identifier_id"],
        &[("list", Text), ("identifier_id", Text), ("entry", Text), RECORD, CREATED],
    ),
    table(
        "redirect_urls",
        &["redirect_url_id"],
        &[("redirect_url_id", Text), ("url", Text), CREATED],
    ),
    table(
        "imports",
        &["import_id"],
        &[
            ("import_id", Text),
            ("source", Text),
            ("status", Text),
            ("version", Int),
            RECORD,
            CREATED,
        ],
    ),
    table(
        "import_refusals",
        &["import_id", "ordinal"],
        &[("import_id", Text), ("ordinal", Int), RECORD],
    ),
    table("features", &["feature_id"], &[("feature_id", Text), ("slug", Text), RECORD]),
    table(
        "plans",
        &["plan_id"],
        &[
            ("plan_id", Text),
            ("slug", Text),
            ("payer_type", Text),
            RECORD,
            CREATED,
            ("is_default", Int),
        ],
    ),
    table(
        "prices",
        &["price_id"],
        &[
            ("price_id", Text),
            ("plan_id", Text),
            ("is_default", Int),
            ("amount", Int),
            RECORD,
            CREATED,
        ],
    ),
    table(
        "subscription_items",
        &["subscription_item_id"],
        &[
            ("subscription_item_id", Text),
            ("payer_type", Text),
            ("owner_id", Text),
            ("plan_id", Text),
            ("price_id", Text),
            ("phase", Text),
            ("status", Text),
            ("is_free", Int),
            ("is_free_trial", Int),
            ("due_at", Int),
            RECORD,
            CREATED,
            ("failures", Int),
            ("not_before", Int),
        ],
    ),
    table(
        "statements",
        &["statement_id"],
        &[
            ("statement_id", Text),
            ("payer_type", Text),
            ("owner_id", Text),
            ("month", Int),
            ("currency", Text),
            CREATED,
        ],
    ),
    table(
        "payment_attempts",
        &["payment_attempt_id"],
        &[
            ("payment_attempt_id", Text),
            ("statement_id", Text),
            ("subscription_item_id", Text),
            ("owner_id", Text),
            ("status", Text),
            RECORD,
            CREATED,
        ],
    ),
    table(
        "credits",
        &["owner_id", "ordinal"],
        &[("owner_id", Text), ("ordinal", Int), ("idempotency_key", Text), RECORD],
    ),
    held(
        always,
        table(
            "stripe_accounts",
            &[],
            &[
                ("api_url", Text),
                (
                    "secret_key",
                    Sealed(|instance, _| Some(stripe_accounts::context(instance, "secret_key"))),
                ),
                (
                    "webhook_secret",
                    Sealed(|instance, _| {
                        Some(stripe_accounts::context(instance, "webhook_secret"))
                    }),
                ),
                CREATED,
                UPDATED,
            ],
        ),
    ),
    table("stripe_customers", &["owner_id"], &[("owner_id", Text), ("customer_id", Text), CREATED]),
    table("stripe_events", &["event_id"], &[("event_id", Text), CREATED]),
    held(
        always,
        table(
            "payment_jobs",
            &["payment_attempt_id"],
            &[
                ("payment_attempt_id", Text),
                ("owner_id", Text),
                ("lease_until", Int),
                ("attempts", Int),
                ("last_error", Text),
            ],
        ),
    ),
    held(
        |line| line.int("pending") == Some(1),
        table(
            "outbox",
            &["event_id"],
            &[
                ("event_id", Text),
                ("type", Text),
                ("subject_id", Text),
                ("data", Json),
                CREATED,
                ("client_ip", Text),
                ("user_agent", Text),
                ("stream", Text),
                ("seq", Int),
                ("pending", Int),
            ],
        ),
    ),
    held(
        |line| line.text("status") == "queued",
        table(
            "emails",
            &["email_id"],
            &[
                ("email_id", Text),
                RECORD,
                ("status", Text),
                ("attempts", Int),
                ("lease_until", Int),
                ("last_error", Text),
                CREATED,
                UPDATED,
            ],
        ),
    ),
    // Without its endpoint nobody sends a message.
    held(
        always,
        table(
            "webhook_endpoints",
            &["endpoint_id"],
            &[
                ("endpoint_id", Text),
                ("url", Text),
                ("description", Text),
                ("events", Json),
                ("enabled", Int),
                ("disabled_reason", Text),
                ("failing_since", Int),
                CREATED,
                UPDATED,
            ],
        ),
    ),
    table(
        "webhook_secrets",
        &["endpoint_id", "secret_id"],
        &[
            ("endpoint_id", Text),
            ("secret_id", Text),
            (
                "secret",
                Sealed(|instance, line| {
                    let (endpoint, id) = (line.text("endpoint_id"), line.text("secret_id"));
                    Some(webhook_endpoints::secret_context(instance, endpoint, id))
                }),
            ),
            CREATED,
            ("expires_at", Int),
        ],
    ),
    table(
        "webhook_deliveries",
        &["endpoint_id", "event_id"],
        &[
            ("endpoint_id", Text),
            ("event_id", Text),
            ("stream", Text),
            ("seq", Int),
            ("status", Text),
            ("attempts", Int),
            ("due_at", Int),
            CREATED,
            UPDATED,
        ],
    ),
    table(
        "webhook_attempts",
        &["endpoint_id", "attempt_id"],
        &[
            ("endpoint_id", Text),
            ("attempt_id", Text),
            ("event_id", Text),
            ("delivered", Int),
            ("response_status", Int),
            ("response_body", Text),
            ("error", Text),
            ("duration_ms", Int),
            CREATED,
        ],
    ),
];

/// The table of this name.
pub(super) fn named(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::migrate::MIGRATIONS;
    use crate::scratch::Scratch;

    /// Columns of users that are derived from the record.
    const OF_USERS: &[&str] = &[
        "banned",
        "created_at",
        "email_address",
        "first_name",
        "last_name",
        "names",
        "phone_number",
        "search",
        "updated_at",
        "username",
        "web3_wallet",
    ];

    /// Of the whole store, or of its processes alone: `user_changes` counts what directories in
    /// memory have to follow, and each store counts for itself.
    const AT_HOME: &[&str] = &["meta", "user_changes"];

    /// A migration that adds a table or a column has to say here what exports do with it.
    #[tokio::test]
    async fn every_column_of_every_table_is_exported_or_derived() {
        let scratch = Scratch::sqlite_with(MIGRATIONS).await;
        let schema = scratch.db.read::<_, Error, _>(|conn| {
            let sql = "SELECT t.name, c.name, c.pk FROM sqlite_schema AS t, \
                pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY t.name, c.name";
            conn.query_text(sql, &[])
        });
        let mut expected: Vec<(String, String)> = Vec::new();
        let mut n_keys = 0;
        for row in schema.await.unwrap() {
            let (table, column) = (row.text(0).unwrap(), row.text(1).unwrap());
            if AT_HOME.contains(&table) || column == "instance_id" {
                continue;
            }
            n_keys += usize::from(row.int(2).unwrap() > 0);
            expected.push((table.to_owned(), column.to_owned()));
        }
        let mut found: Vec<(String, String)> = Vec::new();
        for table in TABLES {
            let own =
                table.columns.iter().map(|(name, _)| (table.name.to_owned(), (*name).to_owned()));
            found.extend(own);
            // What is deleted of an import that was cut short is found by its key.
            let row = Line::new(table, Vec::new());
            assert!(!table.key.is_empty() || (table.is_held)(&row), "{}", table.name);
            for key in table.key {
                assert!(table.columns.iter().any(|(name, _)| name == key), "{}: {key}", table.name);
            }
        }
        found.extend(OF_USERS.iter().map(|name| ("users".to_owned(), (*name).to_owned())));
        for (table, _) in DERIVED {
            let own =
                ["kind", "user_id", "value"].map(|name| ((*table).to_owned(), name.to_owned()));
            found.extend(own);
        }
        found.sort();
        assert_eq!(found, expected);
        let keys = TABLES.iter().map(|table| table.key.len()).sum::<usize>();
        assert_eq!(keys + DERIVED.iter().map(|(_, key)| key.len()).sum::<usize>(), n_keys);
        scratch.end().await;
    }
}
