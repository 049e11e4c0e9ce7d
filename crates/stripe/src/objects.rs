//! What is read of Stripe's objects; everything else in them is left alone.

use std::collections::HashMap;

use serde::Deserialize;

use crate::error::harmless;

/// One who pays.
#[derive(Debug, Clone, Deserialize)]
pub struct Customer {
    /// `cus_…`
    pub id: String,
    /// Whether it is gone.
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    invoice_settings: InvoiceSettings,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct InvoiceSettings {
    #[serde(default)]
    default_payment_method: Option<String>,
}

impl Customer {
    /// `pm_…` that payments are to be made with unless another is named.
    pub fn default_payment_method(&self) -> Option<&str> {
        self.invoice_settings.default_payment_method.as_deref()
    }
}

/// A means of payment.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentMethod {
    /// `pm_…`
    pub id: String,
    /// Such as `card` or `sepa_debit`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What may be told of a card.
    pub card: Option<Card>,
}

/// What may be told of a card.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Card {
    /// Such as `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
}

/// One payment, from its being asked for to its end.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentIntent {
    /// `pi_…`
    pub id: String,
    /// Whose payment it is.
    #[serde(default)]
    pub customer: Option<String>,
    /// In Stripe's unit.
    pub amount: i64,
    /// In small letters.
    pub currency: String,
    /// Whether it moves money.
    #[serde(default)]
    pub livemode: bool,
    status: String,
    #[serde(default)]
    metadata: HashMap<String, String>,
    #[serde(default)]
    last_payment_error: Option<PaymentError>,
}

#[derive(Debug, Clone, Deserialize)]
struct PaymentError {
    #[serde(default)]
    code: Option<String>,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is made.
    Paid,
    /// It will not be made with this means of payment, for this reason.
    Failed(String),
    /// It is asked for and not begun.
    Unconfirmed,
    /// It takes its time, or the payer has to do something.
    Open,
}

/// Where a payment carries our name for it.
const PAYMENT_ATTEMPT: &str = "rollbook_payment_attempt";

/// Payments that only the payer, asked by the application, can bring to their end.
const NEEDS_PAYER: &[&str] = &["authentication_required", "payment_intent_authentication_failure"];

impl PaymentIntent {
    /// Where it stands.
    pub fn verdict(&self) -> Verdict {
        let error = self.last_payment_error.as_ref();
        let code = error.map(|error| harmless(error.code.as_deref().unwrap_or_default()));
        match (self.status.as_str(), code) {
            ("succeeded", _) => Verdict::Paid,
            ("canceled", code) => Verdict::Failed(code.unwrap_or_else(|| "canceled".to_owned())),
            ("requires_payment_method", Some(code)) if !NEEDS_PAYER.contains(&code.as_str()) => {
                Verdict::Failed(code)
            }
            ("requires_confirmation", _) => Verdict::Unconfirmed,
            _ => Verdict::Open,
        }
    }

    /// Whether it is taken back.
    pub fn is_canceled(&self) -> bool {
        self.status == "canceled"
    }

    /// What it is called here, as it was asked for.
    pub fn payment_attempt(&self) -> Option<&str> {
        self.metadata.get(PAYMENT_ATTEMPT).map(String::as_str)
    }

    /// For the operator's eyes, in Stripe's own pages.
    pub fn page(&self) -> String {
        let test = if self.livemode { "" } else { "test/" };
        format!("https://dashboard.stripe.com/{test}payments/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verdict(status: &str, error: &Value) -> Verdict {
        let intent = json!({
            "id": "pi_1", "amount": 5, "currency": "usd", "status": status,
            "last_payment_error": error, "something_new": [1],
        });
        serde_json::from_value::<PaymentIntent>(intent).expect("an intent").verdict()
    }

    #[test]
    fn a_payment_fails_when_its_means_does_and_not_before() {
        let declined = json!({ "code": "card_declined", "message": "no" });
        for (status, error, wanted) in [
            ("succeeded", json!(null), Verdict::Paid),
            ("requires_payment_method", declined, Verdict::Failed("card_declined".to_owned())),
            ("requires_payment_method", json!({}), Verdict::Failed("unknown".to_owned())),
            ("requires_payment_method", json!(null), Verdict::Open),
            (
                "requires_payment_method",
                json!({ "code": "authentication_required" }),
                Verdict::Open,
            ),
            ("canceled", json!(null), Verdict::Failed("canceled".to_owned())),
            ("requires_confirmation", json!(null), Verdict::Unconfirmed),
            ("requires_action", json!(null), Verdict::Open),
            ("processing", json!(null), Verdict::Open),
            ("a_status_of_tomorrow", json!(null), Verdict::Open),
        ] {
            assert_eq!(verdict(status, &error), wanted, "{status}");
        }
    }
}
