//! Statements: one per payer, month and currency.

use rollbook_domain::billing::{Currency, Owner, PayerType, Statement};
use rollbook_wire::Id;

use crate::{Conn, Error, Result, Row, params, statements};

statements! {
    /// No row is written when the payer has the statement already.
    INSERT_STATEMENT = "INSERT INTO statements (instance_id, statement_id, payer_type, owner_id,
            month, currency, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

    STATEMENT_OF_MONTH = "SELECT statement_id, payer_type, owner_id, month, created_at
        FROM statements
        WHERE instance_id = $1 AND owner_id = $2 AND month = $3 AND currency = $4";

    STATEMENT_BY_ID = "SELECT statement_id, payer_type, owner_id, month, created_at
        FROM statements WHERE instance_id = $1 AND statement_id = $2";

    PAGE_OF_STATEMENTS = "SELECT statement_id, payer_type, owner_id, month, created_at
        FROM statements WHERE instance_id = $1
        ORDER BY created_at DESC, statement_id DESC LIMIT $2 OFFSET $3";

    COUNT_STATEMENTS = "SELECT COUNT(*) FROM statements WHERE instance_id = $1";

    DELETE_STATEMENTS = "DELETE FROM statements WHERE instance_id = $1 AND owner_id = $2";
}

/// The payer's statement of a month, or this one, now written.
pub fn find_or_insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    new: &Statement,
    currency: Currency,
) -> Result<Statement> {
    let values = params![
        instance.as_str(),
        new.id.as_str(),
        new.owner.payer_type.as_str(),
        new.owner.id.as_str(),
        new.month,
        currency.code(),
        new.created_at,
    ];
    tx.execute(&INSERT_STATEMENT, &values)?;
    let values = params![instance.as_str(), new.owner.id.as_str(), new.month, currency.code()];
    let row = tx.query_one(&STATEMENT_OF_MONTH, &values)?;
    row.as_ref().map_or_else(|| Ok(new.clone()), read)
}

/// The statement with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Statement>> {
    let row = conn.query_one(&STATEMENT_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// A page of an instance's statements, newest first, and how many there are.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Statement>, i64)> {
    let rows = conn.query(&PAGE_OF_STATEMENTS, &params![instance.as_str(), limit, offset])?;
    let count = conn.query_one(&COUNT_STATEMENTS, &params![instance.as_str()])?;
    Ok((rows.iter().map(read).collect::<Result<_>>()?, count.map_or(Ok(0), |row| row.int(0))?))
}

/// Deletes every statement of a payer.
pub fn delete_of_owner(tx: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<()> {
    tx.execute(&DELETE_STATEMENTS, &params![instance.as_str(), owner.as_str()])?;
    Ok(())
}

fn read(row: &Row) -> Result<Statement> {
    let id = |text: &str| text.parse().map_err(|source| Error::internal("read an id", source));
    let payer_type = match row.text(1)? {
        "org" => PayerType::Org,
        _ => PayerType::User,
    };
    Ok(Statement {
        id: id(row.text(0)?)?,
        owner: Owner { payer_type, id: id(row.text(2)?)? },
        month: row.int(3)?,
        created_at: row.int(4)?,
    })
}
