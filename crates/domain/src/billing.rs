//! Billing: money, periods, plans, and what payers subscribe to.

mod calendar;
mod gateway;
mod item;
mod money;
mod payment;
mod plan;
mod price;
mod proration;

pub use calendar::{Period, day_of, iso_date, month_of, months_after, rfc3339};
pub use gateway::Gateway;
pub use item::{Due, ItemStatus, Owner, PayerType, Phase, SubscriptionItem, TRIAL_NOTICE_MS};
pub use money::{Currency, MAX_AMOUNT, Money};
pub use payment::{
    Card, ChargeType, CreditEntry, CreditSource, PAYMENT_TERM_MS, PaidWith, PaymentAttempt,
    PaymentStatus, Statement,
};
pub use plan::{Feature, MAX_TRIAL_DAYS, Plan, parse_slug, parse_words};
pub use price::Price;
pub use proration::{DAY_MS, Unused};
