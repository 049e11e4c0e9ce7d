//! Plans, prices, subscriptions, statements.

use crate::operations::operations;
use crate::params::{body, params};
use crate::{
    Paginated, Paging, PaymentAttempt, Plan, Price, PriceId, PriceTransition, Statement,
    StatementId, SubscriptionItem, SubscriptionItemId,
};

operations! {
    /// The operations on plans and what is subscribed to.
    Billing as billing;

    /// Lists plans.
    list_plans(): GET / "billing" / "plans" (ListPlans) => Paginated<Plan>;

    /// Lists prices.
    list_prices(): GET / "billing" / "prices" (ListPrices) => Paginated<Price>;

    /// Creates a price; `plan_id` must be set.
    create_price(): POST / "billing" / "prices" (CreatePrice) => Price;

    /// Lists what is subscribed to.
    list_subscription_items():
        GET / "billing" / "subscription_items" (ListSubscriptionItems)
        => Paginated<SubscriptionItem>;

    /// Ends an item, with its period unless `end_now` is set.
    cancel_subscription_item(subscription_item_id: SubscriptionItemId):
        DELETE / "billing" / "subscription_items" / subscription_item_id (CancelSubscriptionItem)
        => SubscriptionItem;

    /// Lets a free trial go on until an instant, RFC 3339.
    extend_subscription_item_free_trial(subscription_item_id: SubscriptionItemId, extend_to: String):
        POST / "billing" / "subscription_items" / subscription_item_id / "extend_free_trial"
        (ExtendFreeTrial { extend_to }) => SubscriptionItem;

    /// Puts an item on another price.
    create_price_transition(
        subscription_item_id: SubscriptionItemId,
        from_price_id: PriceId,
        to_price_id: PriceId
    ):
        POST / "billing" / "subscription_items" / subscription_item_id / "price_transition"
        (CreatePriceTransition { from_price_id, to_price_id }) => PriceTransition;

    /// Lists statements, newest first.
    list_statements(): GET / "billing" / "statements" (Paging) => Paginated<Statement>;

    /// Reads one statement.
    get_statement(statement_id: StatementId):
        GET / "billing" / "statements" / statement_id => Statement;

    /// Lists the payments of a statement.
    get_statement_payment_attempts(statement_id: StatementId):
        GET / "billing" / "statements" / statement_id / "payment_attempts" (Paging)
        => Paginated<PaymentAttempt>;
}

params! {
    /// What [`list_plans`](Billing::list_plans) takes.
    ListPlans in query paged;
    /// `user` or `org`.
    payer_type: text,
}

params! {
    /// What [`list_prices`](Billing::list_prices) takes.
    ListPrices in query paged;
    /// Of this plan.
    plan_id: PlanId,
}

params! {
    /// What [`create_price`](Billing::create_price) takes.
    CreatePrice in json;
    /// Of which plan.
    plan_id: PlanId,
    /// ISO 4217; `usd` unless set.
    currency: text,
    /// A month's, paid by the month, in minor units.
    amount: number,
    /// A month's, paid by the year, in minor units.
    annual_monthly_amount: number,
    /// For people.
    description: text,
    /// `month`, `annual` or `both`.
    supported_billing_periods: text,
}

params! {
    /// What [`list_subscription_items`](Billing::list_subscription_items) takes.
    ListSubscriptionItems in query paged;
    /// Such as `active`.
    status: text,
    /// `user` or `org`.
    payer_type: text,
    /// Of this plan.
    plan_id: PlanId,
    /// Whether plans that cost nothing are shown.
    include_free: flag,
    /// A part of the payer's name or address.
    query: text,
}

params! {
    /// What [`cancel_subscription_item`](Billing::cancel_subscription_item) takes.
    CancelSubscriptionItem in query;
    /// Whether it ends at once.
    end_now: flag,
}

params! {
    /// What `adjust_billing_credit_balance` takes.
    AdjustCredits in json;
    /// In minor units, more than 0.
    amount: number,
    /// `increase` or `decrease`.
    action: text,
    /// ISO 4217.
    currency: text,
    /// The same adjustment is made once.
    idempotency_key: text,
    /// Why.
    note: text,
}

body! {
    /// What `extend_subscription_item_free_trial` takes.
    ExtendFreeTrial {
        /// RFC 3339.
        extend_to: String,
    }
}

body! {
    /// What [`create_price_transition`](Billing::create_price_transition) takes.
    CreatePriceTransition {
        /// The price it is on.
        from_price_id: PriceId,
        /// The price it goes to.
        to_price_id: PriceId,
    }
}
