//! `doctor` finds what is damaged, and only that.

use std::path::Path;

use rollbook_tests::{Launch, post};
use serde_json::json;

use crate::{KEY, done, folder, open_store, run, stdout};

#[test]
fn doctor_agrees_with_a_sound_store_and_finds_each_kind_of_damage() {
    let folder = folder();
    let id = make_users(folder.path());
    assert!(said(folder.path(), 0).contains("index rows and records agree"));

    for (damage, repair) in [
        (
            "DELETE FROM identifiers WHERE kind = 'email_address' AND user_id = ?1",
            "INSERT INTO identifiers SELECT instance_id, 'email_address', 'ada@example.com', \
             user_id FROM users WHERE user_id = ?1",
        ),
        (
            "UPDATE identifiers SET value = 'lovelacf' WHERE kind = 'username' AND user_id = ?1",
            "UPDATE identifiers SET value = 'lovelace' WHERE kind = 'username' AND user_id = ?1",
        ),
        (
            "UPDATE users SET username = 'lovelacf' WHERE user_id = ?1",
            "UPDATE users SET username = 'lovelace' WHERE user_id = ?1",
        ),
        (
            "UPDATE users SET banned = 1 WHERE user_id = ?1",
            "UPDATE users SET banned = 0 WHERE user_id = ?1",
        ),
        (
            "UPDATE users SET search = search || 'x' WHERE user_id = ?1",
            "UPDATE users SET search = substr(search, 1, length(search) - 1) WHERE user_id = ?1",
        ),
    ] {
        assert_eq!(open_store(folder.path()).execute(damage, [&id]).unwrap(), 1, "{damage}");
        let found = said(folder.path(), 1);
        let problems: Vec<_> = found.lines().filter(|line| line.starts_with("PROBLEM")).collect();
        assert_eq!(problems.len(), 1, "{damage}: {found}");
        assert!(problems[0].contains(&id), "{damage}: {found}");
        assert!(found.contains("1 problems found"), "{found}");
        assert_eq!(open_store(folder.path()).execute(repair, [&id]).unwrap(), 1, "{repair}");
        said(folder.path(), 0);
    }

    open_store(folder.path()).execute("DELETE FROM users WHERE user_id = ?1", [&id]).unwrap();
    let found = said(folder.path(), 1);
    assert!(found.contains(&id) && found.contains("missing user"), "{found}");
}

#[test]
fn doctor_shows_the_settings_without_their_secrets() {
    let folder = folder();
    let variables = [
        ("ROLLBOOK_SECRET_KEY", KEY),
        ("ROLLBOOK_ADMIN_TOKEN", "operator-operator"),
        ("ROLLBOOK_MASTER_KEY", "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"),
        ("ROLLBOOK_S3_SECRET_ACCESS_KEY", "hunter2"),
        ("ROLLBOOK_SMTP_PASSWORD", "hunter3"),
    ];
    let open = [
        ("ROLLBOOK_S3_BUCKET", "pictures"),
        ("ROLLBOOK_S3_ACCESS_KEY_ID", "rollbook"),
        ("ROLLBOOK_SMTP_HOST", "localhost"),
        ("ROLLBOOK_SMTP_USERNAME", "rollbook"),
        ("ROLLBOOK_SMTP_FROM", "no-reply@example.com"),
    ];
    done(&crate::run(folder.path(), &["migrate"]));
    let all = [&variables[..], &open[..]].concat();
    let said = done(&crate::run_with(folder.path(), &["doctor"], &all));
    for (name, secret) in variables {
        assert!(!said.contains(secret), "{name} is shown");
    }
}

#[test]
fn doctor_makes_no_store_where_there_is_none() {
    let folder = folder();
    let said = crate::refused(&crate::run(folder.path(), &["doctor"]));
    assert!(said.contains("no store"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn make_users(folder: &Path) -> String {
    let server = Launch::new(folder).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let create = |username: &str, email: &str| {
        let body = json!({ "username": username, "email_address": [email] });
        let user = post(server.addr, KEY, "/v1/users", &body).done();
        user["id"].as_str().expect("an id").to_owned()
    };
    create("hopper", "grace@example.com");
    create("lovelace", "ada@example.com")
}

#[track_caller]
fn said(folder: &Path, code: i32) -> String {
    let output = run(folder, &["doctor"]);
    assert_eq!(output.status.code(), Some(code), "{}", stdout(&output));
    stdout(&output)
}

#[test]
fn doctor_finds_what_hangs_on_organizations_and_users_that_are_gone() {
    let folder = folder();
    let id = make_users(folder.path());
    for (damage, repair) in [
        (
            "INSERT INTO organization_memberships SELECT instance_id, 'org_gone', user_id, \
             'orgmem_1', 'org:member', '{}', '{}', 0, 0 FROM users WHERE user_id = ?1",
            "DELETE FROM organization_memberships WHERE user_id = ?1",
        ),
        (
            "INSERT INTO organization_invitations SELECT instance_id, 'orginv_1', 'org_gone', \
             'a@b.co', 'org:member', 'pending', user_id, NULL, 't', '{}', '{}', 0, 0, 0 \
             FROM users WHERE user_id = ?1",
            "DELETE FROM organization_invitations WHERE inviter_id = ?1",
        ),
        (
            "INSERT INTO organizations SELECT instance_id, 'org_1', '{}', 's', 'n', 'n', \
             user_id || 'x', 0, 0, NULL FROM users WHERE user_id = ?1",
            "DELETE FROM organizations WHERE created_by = ?1 || 'x'",
        ),
        (
            "INSERT INTO images SELECT instance_id, 'img_1', user_id || 'x', 'png', 0 \
             FROM users WHERE user_id = ?1",
            "DELETE FROM images WHERE owner_id = ?1 || 'x'",
        ),
    ] {
        assert_eq!(open_store(folder.path()).execute(damage, [&id]).unwrap(), 1, "{damage}");
        assert!(said(folder.path(), 1).contains("1 problems found"), "{damage}");
        assert_eq!(open_store(folder.path()).execute(repair, [&id]).unwrap(), 1, "{repair}");
        said(folder.path(), 0);
    }
}

#[test]
fn doctor_finds_billing_of_payers_and_payments_that_are_gone() {
    let folder = folder();
    let id = make_users(folder.path());
    let statement = "INSERT INTO statements SELECT instance_id, 'stmt_1', 'user', OWNER, 0, 'USD', 0 \
                     FROM users WHERE user_id = ?1";
    let item = "INSERT INTO subscription_items SELECT instance_id, 'csub_item_1', 'user', OWNER, \
                'cplan_1', 'cprice_1', 'ended', 'ended', 0, 0, NULL, '{}', 0, 0, 0 \
                FROM users WHERE user_id = ?1";
    let attempt = "INSERT INTO payment_attempts SELECT instance_id, 'cpa_1', 'stmt_1', \
                   'csub_item_1', OWNER, 'paid', '{}', 0 FROM users WHERE user_id = ?1";
    let credits = "INSERT INTO credits SELECT instance_id, OWNER, 1, NULL, '{}' FROM users \
                   WHERE user_id = ?1";
    let customer = "INSERT INTO stripe_customers SELECT instance_id, OWNER, 'cus_1', 0 FROM users \
                    WHERE user_id = ?1";
    let job = "INSERT INTO payment_jobs SELECT instance_id, 'cpa_1', OWNER, 0, 0, NULL FROM users \
               WHERE user_id = ?1";
    let plant = |sql: &str, owner: &str| {
        let sql = sql.replace("OWNER", owner);
        assert_eq!(open_store(folder.path()).execute(&sql, [&id]).unwrap(), 1, "{sql}");
    };
    let clear = || {
        for table in [
            "statements",
            "subscription_items",
            "payment_attempts",
            "credits",
            "stripe_customers",
            "payment_jobs",
        ] {
            open_store(folder.path()).execute(&format!("DELETE FROM {table}"), []).unwrap();
        }
    };
    for (what, sql) in [
        ("the statement stmt_1", statement),
        ("the subscription item csub_item_1", item),
        ("the line of credits 1", credits),
        ("the Stripe customer cus_1", customer),
    ] {
        plant(sql, "user_id || 'x'");
        let found = said(folder.path(), 1);
        assert!(found.contains("1 problems found") && found.contains(what), "{found}");
        clear();
    }
    for (sql, wrong) in [
        (attempt, ["missing subscription item", "missing statement"].as_slice()),
        (job, &["the payment attempt cpa_1 waits to be collected and is missing"]),
    ] {
        plant(sql, "user_id");
        let found = said(folder.path(), 1);
        assert!(found.contains(&format!("{} problems found", wrong.len())), "{found}");
        assert!(wrong.iter().all(|wrong| found.contains(wrong)), "{found}");
        clear();
    }
    for sql in [statement, item, attempt, credits, customer, job] {
        plant(sql, "user_id");
    }
    said(folder.path(), 0);
    clear();
    plant(statement, "user_id");
    plant(item, "user_id");
    plant(attempt, "user_id || 'x'");
    let found = said(folder.path(), 1);
    assert!(found.contains("1 problems found"), "{found}");
    assert!(found.contains("missing payer has the payment attempt cpa_1"), "{found}");
}
