//! Credits of a payer: read, adjusted by callers, used for payments.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::{
    CreditEntry, CreditSource, Currency, MAX_AMOUNT, Money, Owner, parse_words, rfc3339,
};
use rollbook_store::Conn;
use rollbook_store::billing::credits as store;
use rollbook_wire::billing as wire;
use rollbook_wire::{Code, Id, Prefix};

use super::account::Account;
use super::plans::MAX_DESCRIPTION;
use super::{enabled, payer};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// The longest key that tells a repeated request from a new one.
const MAX_KEY: usize = 255;

/// What a caller says of an adjustment.
#[derive(Debug, Clone, Default)]
pub struct AdjustCredits {
    /// In the smallest unit, more than nothing.
    pub amount: Option<i64>,
    /// `increase` or `decrease`.
    pub action: Option<String>,
    /// ISO 4217, `USD` if absent.
    pub currency: Option<String>,
    /// The same for every repetition of a request.
    pub idempotency_key: Option<String>,
    /// For people.
    pub note: Option<String>,
}

/// The balance of a payer.
pub async fn credit_balance(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    owner: Owner,
) -> Result<wire::CreditBalance> {
    enabled(tenant)?;
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .read(move |conn| {
            payer::find(&ctx_, conn, &tenant, &owner)?;
            let last = store::last(conn, &tenant.instance.id, &owner.id)?;
            Ok(wire::CreditBalance {
                object: "commerce_credit_balance",
                balance: last.map(|entry| Money::new(entry.balance, entry.amount.currency).into()),
            })
        })
        .await
}

/// Raises or lowers the balance of a payer, once for each key.
pub async fn adjust_credits(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    owner: Owner,
    request: Request<AdjustCredits>,
) -> Result<wire::CreditLedgerEntry> {
    enabled(tenant)?;
    let (change, key, note) = check(request)?;
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .write(move |tx| {
            let account = Account::lock(&ctx_, tx, &tenant, &owner)?;
            if let Some(done) = store::by_key(tx, account.instance(), &owner.id, &key)? {
                if done.amount == change && done.note == note {
                    return Ok(render(&owner, &done));
                }
                return Err(Error::refused(Problem::param(
                    Code::Conflict,
                    "idempotency_key",
                    "idempotency_key was used for another adjustment.",
                )));
            }
            let source =
                if change.amount > 0 { CreditSource::Grant } else { CreditSource::Deduction };
            let now = ctx_.clock.now();
            let entry = next(&account, tx, change, (source, None, note.clone()), now)?;
            store::append(tx, account.instance(), &owner.id, Some(&key), &entry)?;
            Ok(render(&owner, &entry))
        })
        .await
}

fn check(request: Request<AdjustCredits>) -> Result<(Money, String, Option<String>)> {
    let Request { params, mut problems } = request;
    let invalid =
        |name: &str, message: String| Problem::param(Code::FormParamValueInvalid, name, message);
    let amount = params.amount.unwrap_or(1);
    if !(1..=MAX_AMOUNT).contains(&amount) {
        problems.push(invalid("amount", format!("amount must lie between 1 and {MAX_AMOUNT}.")));
    }
    let sign = match params.action.as_deref() {
        Some("decrease") => -1,
        Some("increase") | None => 1,
        Some(_) => {
            problems.push(invalid("action", "action must be increase or decrease.".to_owned()));
            1
        }
    };
    let key = params.idempotency_key.unwrap_or_else(|| "-".to_owned());
    if key.is_empty() || key.len() > MAX_KEY {
        let message = format!("idempotency_key must have 1 to {MAX_KEY} bytes.");
        problems.push(invalid("idempotency_key", message));
    }
    let currency = params
        .currency
        .as_deref()
        .map_or(Ok(Currency::USD), |text| Currency::parse(text, "currency"));
    let note = parse_words(params.note.as_deref().unwrap_or_default(), "note", MAX_DESCRIPTION);
    match (currency, note, problems.is_empty()) {
        (Ok(currency), Ok(note), true) => Ok((Money::new(sign * amount, currency), key, note)),
        (currency, note, _) => {
            problems.extend(currency.err());
            problems.extend(note.err());
            Err(Error::Refused(problems))
        }
    }
}

/// The line that a change adds to the payer's ledger; refused below nothing and across currencies.
fn next(
    account: &Account,
    tx: &mut Conn<'_>,
    change: Money,
    (source, source_id, note): (CreditSource, Option<&Id>, Option<String>),
    at: i64,
) -> Result<CreditEntry> {
    let last = store::last(tx, account.instance(), &account.owner.id)?;
    let balance = last.as_ref().map_or(0, |entry| entry.balance);
    if last.as_ref().is_some_and(|e| e.balance != 0 && e.amount.currency != change.currency) {
        return Err(Error::refused(Problem::param(
            Code::FormParamValueInvalid,
            "currency",
            "currency must be that of the balance while there is one.",
        )));
    }
    let new = balance.saturating_add(change.amount);
    if !(0..=MAX_AMOUNT.saturating_mul(1000)).contains(&new) {
        return Err(Error::refused(Problem::param(
            Code::FormParamValueInvalid,
            "amount",
            "amount would take the balance below nothing, or too high.",
        )));
    }
    let id = account.ctx.entropy.id(Prefix::CreditLedger, at);
    Ok(CreditEntry {
        source_id: source_id.unwrap_or(&id).clone(),
        id,
        ordinal: last.map_or(1, |entry| entry.ordinal + 1),
        amount: change,
        balance: new,
        source,
        note,
        created_at: at,
    })
}

/// Takes up to `wanted` from the balance for a payment: what was taken, and what is left.
pub(super) fn spend(
    account: &Account,
    tx: &mut Conn<'_>,
    wanted: Money,
    attempt: &Id,
    at: i64,
) -> Result<(i64, i64)> {
    let last = store::last(tx, account.instance(), &account.owner.id)?;
    let balance = last.filter(|entry| entry.amount.currency == wanted.currency);
    let balance = balance.map_or(0, |entry| entry.balance);
    let taken = wanted.amount.min(balance);
    if taken > 0 {
        let change = Money::new(-taken, wanted.currency);
        let entry = next(account, tx, change, (CreditSource::Payment, Some(attempt), None), at)?;
        store::append(tx, account.instance(), &account.owner.id, None, &entry)?;
    }
    Ok((taken, balance - taken))
}

/// Adds to the balance what is owed to the payer; nothing where the balance is of another currency.
pub(super) fn give(
    account: &Account,
    tx: &mut Conn<'_>,
    amount: Money,
    (source, source_id): (CreditSource, &Id),
    at: i64,
) -> Result<()> {
    let last = store::last(tx, account.instance(), &account.owner.id)?;
    let other = last.is_some_and(|e| e.balance != 0 && e.amount.currency != amount.currency);
    if amount.amount <= 0 || other {
        return Ok(());
    }
    let entry = next(account, tx, amount, (source, Some(source_id), None), at)?;
    store::append(tx, account.instance(), &account.owner.id, None, &entry)?;
    Ok(())
}

fn render(owner: &Owner, entry: &CreditEntry) -> wire::CreditLedgerEntry {
    wire::CreditLedgerEntry {
        object: "commerce_credit_ledger",
        id: entry.id.clone(),
        payer_id: owner.payer_id(),
        amount: entry.amount.into(),
        source_type: entry.source.as_str(),
        source_id: entry.source_id.clone(),
        note: entry.note.clone(),
        created_at: rfc3339(entry.created_at),
    }
}
