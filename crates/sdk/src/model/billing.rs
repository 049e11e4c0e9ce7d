//! Plans, subscriptions, statements, payments, credits.
//!
//! Both wire shapes are read: that of 2025-11-10, which this client asks for, and that of
//! 2025-04-10, whose other members have no field here.

mod payment;
mod plan;
mod subscription;

use super::{model, open_enum};

pub use payment::*;
pub use plan::*;
pub use subscription::*;

model! {
    /// An amount of money.
    Money {
        /// In minor units, such as cents.
        amount: i64,
    } optional {
        /// For people, without the symbol.
        amount_formatted: String,
        /// ISO 4217.
        currency: String,
        /// For people.
        currency_symbol: String,
    }
}

open_enum! {
    /// Who pays for a plan.
    PayerType {
        /// Each user.
        User = "user",
        /// An organization for all its members.
        Org = "org",
    }
}

open_enum! {
    /// How often a subscription is paid for.
    PlanPeriod {
        /// Every month.
        Month = "month",
        /// Every year.
        Annual = "annual",
    }
}
