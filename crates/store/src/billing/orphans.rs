//! What belongs to payers that are gone, or to payments that are; for `doctor`.

use rollbook_wire::Id;

use crate::{Conn, Result, Statement, params, statements};

statements! {
    ITEMS_OF_NOBODY = "SELECT subscription_item_id, owner_id FROM subscription_items AS i
        WHERE i.instance_id = $1
            AND NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = i.instance_id AND u.user_id = i.owner_id)
            AND NOT EXISTS (SELECT 1 FROM organizations AS o
                WHERE o.instance_id = i.instance_id AND o.organization_id = i.owner_id)
        LIMIT $2";

    STATEMENTS_OF_NOBODY = "SELECT statement_id, owner_id FROM statements AS i
        WHERE i.instance_id = $1
            AND NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = i.instance_id AND u.user_id = i.owner_id)
            AND NOT EXISTS (SELECT 1 FROM organizations AS o
                WHERE o.instance_id = i.instance_id AND o.organization_id = i.owner_id)
        LIMIT $2";

    ATTEMPTS_OF_NOBODY = "SELECT payment_attempt_id, owner_id FROM payment_attempts AS i
        WHERE i.instance_id = $1
            AND NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = i.instance_id AND u.user_id = i.owner_id)
            AND NOT EXISTS (SELECT 1 FROM organizations AS o
                WHERE o.instance_id = i.instance_id AND o.organization_id = i.owner_id)
        LIMIT $2";

    CREDITS_OF_NOBODY = "SELECT CAST(ordinal AS TEXT), owner_id FROM credits AS i
        WHERE i.instance_id = $1
            AND NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = i.instance_id AND u.user_id = i.owner_id)
            AND NOT EXISTS (SELECT 1 FROM organizations AS o
                WHERE o.instance_id = i.instance_id AND o.organization_id = i.owner_id)
        LIMIT $2";

    CUSTOMERS_OF_NOBODY = "SELECT customer_id, owner_id FROM stripe_customers AS i
        WHERE i.instance_id = $1
            AND NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = i.instance_id AND u.user_id = i.owner_id)
            AND NOT EXISTS (SELECT 1 FROM organizations AS o
                WHERE o.instance_id = i.instance_id AND o.organization_id = i.owner_id)
        LIMIT $2";

    JOBS_OF_NOTHING = "SELECT payment_attempt_id, owner_id FROM payment_jobs AS i
        WHERE i.instance_id = $1 AND NOT EXISTS (SELECT 1 FROM payment_attempts AS p
            WHERE p.instance_id = i.instance_id AND p.payment_attempt_id = i.payment_attempt_id)
        LIMIT $2";

    ATTEMPTS_WITHOUT_ITEM = "SELECT payment_attempt_id, owner_id FROM payment_attempts AS p
        WHERE p.instance_id = $1 AND NOT EXISTS (SELECT 1 FROM subscription_items AS i
            WHERE i.instance_id = p.instance_id
                AND i.subscription_item_id = p.subscription_item_id)
        LIMIT $2";

    ATTEMPTS_WITHOUT_STATEMENT = "SELECT payment_attempt_id, owner_id FROM payment_attempts AS p
        WHERE p.instance_id = $1 AND NOT EXISTS (SELECT 1 FROM statements AS t
            WHERE t.instance_id = p.instance_id AND t.statement_id = p.statement_id)
        LIMIT $2";
}

/// What belongs to something that does not exist: a line each, `limit` lines of a kind at most.
pub(crate) fn find(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let of_nobody: [(&Statement, &str); 5] = [
        (&ITEMS_OF_NOBODY, "subscription item"),
        (&STATEMENTS_OF_NOBODY, "statement"),
        (&ATTEMPTS_OF_NOBODY, "payment attempt"),
        (&CREDITS_OF_NOBODY, "line of credits"),
        (&CUSTOMERS_OF_NOBODY, "Stripe customer"),
    ];
    let without: [(&Statement, &str); 3] = [
        (&JOBS_OF_NOTHING, "waits to be collected and is missing"),
        (&ATTEMPTS_WITHOUT_ITEM, "is for a missing subscription item"),
        (&ATTEMPTS_WITHOUT_STATEMENT, "is of a missing statement"),
    ];
    let mut found = Vec::new();
    for (statement, what) in of_nobody {
        for row in conn.query(statement, &params![instance.as_str(), limit])? {
            let (id, owner) = (row.text(0)?, row.text(1)?);
            found.push(format!("{owner}: this missing payer has the {what} {id}"));
        }
    }
    for (statement, what) in without {
        for row in conn.query(statement, &params![instance.as_str(), limit])? {
            let (id, owner) = (row.text(0)?, row.text(1)?);
            found.push(format!("{owner}: the payment attempt {id} {what}"));
        }
    }
    Ok(found)
}
