//! The schema of this release, and every statement that is run on it.

use crate::migrate::MIGRATIONS;
use crate::scratch::Scratch;
use crate::{
    Error, Param, Statement, access_identifiers, billing, ceremonies, credentials, directories,
    emails, images, imports, instances, invitations, jwt_templates, memberships, meta,
    oauth_access_tokens, oauth_connections, oauth_providers, organization_invitations,
    organizations, outbox, passkeys, redirect_urls, roles, sessions, signing_keys, tickets, users,
    verifications, waitlist_entries, webhook_deliveries, webhook_endpoints,
};

fn statements() -> impl Iterator<Item = &'static Statement> {
    let tables = [
        access_identifiers::ALL,
        billing::credits::ALL,
        billing::features::ALL,
        billing::orphans::ALL,
        billing::payment_attempts::ALL,
        billing::payment_jobs::ALL,
        billing::plans::ALL,
        billing::prices::ALL,
        billing::statements::ALL,
        billing::stripe_accounts::ALL,
        billing::stripe_customers::ALL,
        billing::stripe_events::ALL,
        billing::subscription_items::ALL,
        ceremonies::ALL,
        credentials::ALL,
        directories::ALL,
        emails::ALL,
        images::ALL,
        imports::ALL,
        instances::ALL,
        invitations::ALL,
        jwt_templates::ALL,
        memberships::ALL,
        meta::ALL,
        oauth_access_tokens::ALL,
        oauth_connections::ALL,
        oauth_providers::ALL,
        organization_invitations::ALL,
        organizations::ALL,
        outbox::ALL,
        passkeys::ALL,
        redirect_urls::ALL,
        roles::ALL,
        sessions::ALL,
        sessions::clients::ALL,
        signing_keys::ALL,
        tickets::ALL,
        users::ALL,
        users::BULK_ALL,
        verifications::ALL,
        waitlist_entries::ALL,
        webhook_deliveries::ALL,
        webhook_deliveries::MESSAGES_ALL,
        webhook_endpoints::ALL,
    ];
    tables.into_iter().flatten().copied()
}

async fn every_statement_is_understood(scratch: &Scratch) {
    for statement in statements() {
        let prepared = scratch.db.read(|conn| conn.prepare(statement)).await;
        assert!(prepared.is_ok(), "{}: {prepared:?}", statement.name());
    }
}

#[tokio::test]
async fn every_statement_is_understood_on_sqlite() {
    let scratch = Scratch::sqlite_with(MIGRATIONS).await;
    every_statement_is_understood(&scratch).await;
    scratch.end().await;
}

#[tokio::test]
async fn every_statement_is_understood_on_postgres() {
    let Some(scratch) = Scratch::postgres_with(MIGRATIONS).await else { return };
    every_statement_is_understood(&scratch).await;
    scratch.end().await;
}

/// Statements that read a whole table on purpose, all at a start.
const SCANS: &[&str] = &["ALL_INSTANCES", "ALL_KEYS"];

#[tokio::test]
async fn no_statement_reads_a_whole_table_unless_it_means_to() {
    let scratch = Scratch::sqlite_with(MIGRATIONS).await;
    let mut scans = Vec::new();
    for statement in statements() {
        let plan = scratch.db.read::<_, Error, _>(|conn| {
            let sql = statement.sql(conn.dialect())?;
            let params = (1..).take_while(|n| sql.contains(&format!("${n}")));
            let params: Vec<_> = params.map(|_| Param::Null).collect();
            conn.query_text(&format!("EXPLAIN QUERY PLAN {sql}"), &params)
        });
        let plan = plan.await.unwrap();
        let steps = plan.iter().map(|row| row.text(3).unwrap());
        // A scan of an index, a list or a subquery that is bounded itself is no harm.
        let reads_table =
            |step: &str| step.strip_prefix("SCAN ").is_some_and(|what| TABLES.contains(&what));
        if steps.into_iter().any(reads_table) {
            scans.push(statement.name());
        }
    }
    assert_eq!(scans, SCANS);
    scratch.end().await;
}

/// Statements that read a whole table on PostgreSQL, at a start or for `doctor`, or the whole of an
/// index that holds only what is pending, open or enabled; with statistics the planner reads less.
const POSTGRES_SCANS: &[&str] = &[
    "ALL_INSTANCES",
    "ALL_KEYS",
    "STRAYS",
    "PENDING",
    "ANY_PENDING",
    "DUE_ENDPOINTS",
    "N_UNDER_WAY",
    "PRUNE_DELIVERIES",
    "GIVE_UP_DISABLED",
    "ANY_ENABLED",
];

#[tokio::test]
async fn no_statement_reads_a_whole_table_on_postgres_unless_it_means_to() {
    let Some(scratch) = Scratch::postgres_with(MIGRATIONS).await else { return };
    let mut scans = Vec::new();
    for statement in statements() {
        let plan = scratch.db.write::<_, Error, _>(|tx| {
            let sql = statement.sql(tx.dialect())?.to_owned();
            let n_values = (1..100).take_while(|n| sql.contains(&format!("${n}"))).count();
            // As if tables were so large that only an index will do, for any value.
            tx.execute_batch("SET LOCAL enable_seqscan = off")?;
            tx.execute_batch("SET LOCAL plan_cache_mode = force_generic_plan")?;
            tx.execute_batch(&format!("PREPARE probe AS {sql}"))?;
            let values = match n_values {
                0 => String::new(),
                n => format!("({})", vec!["NULL"; n].join(", ")),
            };
            let plan = tx.query_text(&format!("EXPLAIN (COSTS OFF) EXECUTE probe{values}"), &[])?;
            tx.execute_batch("DEALLOCATE probe")?;
            plan.iter().map(|row| row.text(0).map(ToOwned::to_owned)).collect()
        });
        let plan: Vec<String> = plan.await.unwrap();
        if full_scans(&plan) > 0 && !POSTGRES_SCANS.contains(&statement.name()) {
            println!("{}:\n{}", statement.name(), plan.join("\n"));
            scans.push(statement.name());
        }
    }
    assert_eq!(scans, [""; 0]);
    scratch.end().await;
}

/// How many nodes of a plan read a table, or an index, from one end to the other.
fn full_scans(plan: &[String]) -> usize {
    let nodes: Vec<usize> = (0..plan.len())
        .filter(|n| *n == 0 || plan[*n].trim_start().starts_with("->"))
        .chain([plan.len()])
        .collect();
    let reads = nodes.windows(2).filter(|ends| {
        let (node, conditions) = (&plan[ends[0]], &plan[ends[0]..ends[1]]);
        let is_narrowed = conditions.iter().any(|line| line.contains("Index Cond:"));
        let of_index = node.contains(" using ") || node.contains("Bitmap Index Scan on");
        node.contains("Seq Scan on") || (of_index && node.contains("Scan") && !is_narrowed)
    });
    reads.count()
}

/// As plans name them: by the alias where a statement gives one.
const TABLES: &[&str] = &[
    "access_identifiers",
    "c",
    "ceremonies",
    "clients",
    "credentials",
    "credits",
    "d",
    "e",
    "emails",
    "features",
    "i",
    "identifiers",
    "images",
    "import_refusals",
    "imports",
    "instances",
    "jwt_templates",
    "k",
    "m",
    "o",
    "oauth_access_tokens",
    "oauth_connections",
    "oauth_providers",
    "organization_invitations",
    "organization_memberships",
    "organization_permissions",
    "organization_roles",
    "organizations",
    "outbox",
    "p",
    "passkeys",
    "payment_attempts",
    "payment_jobs",
    "plans",
    "prices",
    "redirect_urls",
    "s",
    "secret_keys",
    "sessions",
    "signing_keys",
    "statements",
    "stripe_accounts",
    "stripe_customers",
    "stripe_events",
    "subscription_items",
    "t",
    "tickets",
    "u",
    "user_changes",
    "user_keys",
    "users",
    "v",
    "verifications",
    "w",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_endpoints",
    "webhook_secrets",
];
