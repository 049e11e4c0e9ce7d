//! Plans, subscriptions, statements and credits.
//!
//! Plans are made by the operator; what follows is for an instance with billing on, and for the
//! operations that end or change what was subscribed to, with a paid plan that somebody has.

use rollbook_sdk::{Clerk, Code, Result};

/// Read, and changed where there is something to change.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let billing = clerk.billing();
    let plans = billing.list_plans().payer_type("user").send().await;
    if plans.as_ref().is_err_and(|error| error.code() == Some(Code::BillingNotEnabled)) {
        return Ok(());
    }
    if let Some(plan) = plans?.data.iter().find(|plan| !plan.is_default) {
        let price = billing.create_price().plan_id(&plan.id).amount(1500).send().await?;
        let prices = billing.list_prices().plan_id(&plan.id).send().await?;
        assert!(prices.data.contains(&price));
    }

    let ada = clerk.users().create().username("ada_payer").send().await?;
    let subscription = clerk.users().get_billing_subscription(&ada.id).send().await?;
    assert_eq!(subscription.subscription_items.len(), 1);
    let credit = |clerk: &Clerk| clerk.users().adjust_billing_credit_balance(&ada.id);
    credit(clerk).amount(700).action("increase").idempotency_key("welcome").send().await?;
    let balance = clerk.users().get_billing_credit_balance(&ada.id).send().await?.balance;
    assert_eq!(balance.map(|money| money.amount), Some(700));

    let acme = clerk.organizations().create().name("Acme Payments").send().await?;
    clerk.organizations().get_billing_subscription(&acme.id).send().await?;
    let credit = clerk.organizations().adjust_billing_credit_balance(&acme.id);
    credit.amount(100).action("increase").idempotency_key("acme").send().await?;
    clerk.organizations().get_billing_credit_balance(&acme.id).send().await?;

    subscribed(clerk).await?;
    clerk.organizations().delete(&acme.id).send().await?;
    clerk.users().delete(&ada.id).send().await?;
    Ok(())
}

/// What can be done with items and statements that there are.
async fn subscribed(clerk: &Clerk) -> Result<()> {
    let billing = clerk.billing();
    for item in billing.list_subscription_items().payer_type("user").send().await?.data {
        if item.is_free_trial {
            let later =
                billing.extend_subscription_item_free_trial(&item.id, "2026-02-01T00:00:00Z");
            later.send().await?;
        } else if let (Some(plan), Some(price)) = (&item.plan_id, &item.price_id) {
            let prices = billing.list_prices().plan_id(plan).send().await?.data;
            if let Some(other) = prices.iter().find(|other| other.id != *price) {
                billing.create_price_transition(&item.id, price, &other.id).send().await?;
            }
        }
    }
    let items = billing.list_subscription_items().include_free(false).send().await?.data;
    for item in items.iter().filter(|item| item.status.as_str() == "active") {
        billing.cancel_subscription_item(&item.id).end_now(true).send().await?;
    }
    for statement in billing.list_statements().send().await?.data {
        assert_eq!(billing.get_statement(&statement.id).send().await?.id, statement.id);
        billing.get_statement_payment_attempts(&statement.id).send().await?;
    }
    Ok(())
}
