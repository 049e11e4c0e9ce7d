//! Who has subscribed to what.

use super::{Money, Plan, PlanPeriod, Price};
use crate::model::{model, open_enum};
use crate::{
    InstanceId, OrganizationId, PlanId, PriceId, SubscriptionId, SubscriptionItemId, UserId,
};

open_enum! {
    /// How a subscription, or an item of one, stands.
    SubscriptionStatus {
        /// Good.
        Active = "active",
        /// Not paid for in time.
        PastDue = "past_due",
        /// Ends with its period.
        Canceled = "canceled",
        /// Over.
        Ended = "ended",
        /// Over without having been used.
        Abandoned = "abandoned",
        /// Begins later.
        Upcoming = "upcoming",
        /// Its first payment is missing.
        Incomplete = "incomplete",
        /// At its end.
        Expired = "expired",
    }
}

model! {
    /// What a user or an organization subscribes to.
    Subscription {
        /// `csub_…`
        id: SubscriptionId,
        /// How it stands.
        status: SubscriptionStatus,
        /// One for each plan.
        subscription_items: Vec<SubscriptionItem>,
    } optional {
        /// `ins_…`
        instance_id: Option<InstanceId>,
        /// `cpayer_…`
        payer_id: String,
        /// When it became active, in milliseconds.
        active_at: Option<i64>,
        /// When it was not paid for, in milliseconds.
        past_due_at: Option<i64>,
        /// What is to be paid next.
        next_payment: Option<NextPayment>,
        /// Whether a plan with a free trial would begin with it.
        eligible_for_free_trial: bool,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// What is to be paid next.
    NextPayment {
        /// How much.
        amount: Money,
    } optional {
        /// When, in milliseconds.
        date: Option<i64>,
    }
}

model! {
    /// A plan that is subscribed to.
    SubscriptionItem {
        /// `csub_item_…`
        id: SubscriptionItemId,
        /// How it stands.
        status: SubscriptionStatus,
    } optional {
        /// `ins_…`
        instance_id: Option<InstanceId>,
        /// `cplan_…`
        plan_id: Option<PlanId>,
        /// `cprice_…`
        price_id: Option<PriceId>,
        /// The plan.
        plan: Option<Plan>,
        /// How often it is paid for.
        plan_period: Option<PlanPeriod>,
        /// `cpayer_…`
        payer_id: String,
        /// Who pays.
        payer: Option<Payer>,
        /// Whether this period costs nothing.
        is_free_trial: bool,
        /// Milliseconds.
        period_start: Option<i64>,
        /// Milliseconds; none if it does not end.
        period_end: Option<i64>,
        /// `YYYY-MM-DD`
        proration_date: Option<String>,
        /// Milliseconds.
        canceled_at: Option<i64>,
        /// Milliseconds.
        past_due_at: Option<i64>,
        /// Milliseconds.
        ended_at: Option<i64>,
        /// All that was paid for it.
        lifetime_paid: Option<Money>,
        /// What is to be paid next.
        next_payment: Option<NextPayment>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A user or an organization that pays.
    Payer {
        /// `cpayer_…`
        id: String,
    } optional {
        /// One of the two is told.
        user_id: Option<UserId>,
        /// One of the two is told.
        organization_id: Option<OrganizationId>,
        /// Of an organization.
        organization_name: Option<String>,
        /// Of a user.
        first_name: Option<String>,
        /// Of a user.
        last_name: Option<String>,
        /// Where receipts go.
        email: Option<String>,
        /// The picture.
        image_url: Option<String>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A change of price, and what it did.
    PriceTransition {
        /// The item as it is now.
        subscription_item: SubscriptionItem,
        /// What happened.
        transition: Transition,
    }
}

model! {
    /// What a change of price did.
    Transition {
        /// The plan before.
        previous_plan: Plan,
        /// The price before.
        previous_price: Price,
    } optional {
        /// Milliseconds.
        effective_at: i64,
        /// `immediate` or `end_of_period`.
        effective_mode: String,
        /// Milliseconds.
        next_billing_date: Option<i64>,
        /// Whether something was paid at once.
        charged_immediately: bool,
        /// What was paid at once.
        immediate_charge: Option<Money>,
        /// How the item before stands.
        previous_subscription_item_status: Option<SubscriptionStatus>,
        /// The item before.
        previous_subscription_item_id: Option<SubscriptionItemId>,
    }
}
