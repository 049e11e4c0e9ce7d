//! What Stripe tells by webhook.

use serde::Deserialize;
use serde_json::Value;

use crate::{Error, PaymentIntent, Result};

/// An event.
#[derive(Debug)]
pub struct Event {
    /// `evt_…`, the same each time it is sent.
    pub id: String,
    /// What it is about.
    pub subject: Subject,
}

/// What an event is about, as far as anything is done about it.
#[derive(Debug)]
pub enum Subject {
    /// A payment, as it was when this was written.
    Payment(Box<PaymentIntent>),
    /// Somebody's means of payment may be others than before.
    Customer {
        /// `cus_…`
        id: String,
        /// Whether the default one is another for sure.
        has_other_method: bool,
    },
    /// `cus_…`: is gone.
    CustomerDeleted(String),
    /// Anything else.
    Other,
}

impl Event {
    /// Reads an event whose signature was checked.
    pub fn parse(body: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Sent {
            id: String,
            #[serde(rename = "type")]
            kind: String,
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            object: Value,
            #[serde(default)]
            previous_attributes: Value,
        }
        const NO_EVENT: Error = Error::Nonsense("its event is none");
        let sent: Sent = serde_json::from_slice(body).map_err(|_| NO_EVENT)?;
        let Data { object, previous_attributes: before } = sent.data;
        let text = |name: &str| {
            object.get(name).and_then(Value::as_str).map(ToOwned::to_owned).ok_or(NO_EVENT)
        };
        let subject = match sent.kind.as_str() {
            "payment_intent.succeeded"
            | "payment_intent.payment_failed"
            | "payment_intent.canceled" => {
                let intent = serde_json::from_value(object).map_err(|_| NO_EVENT)?;
                Subject::Payment(Box::new(intent))
            }
            "customer.updated" => Subject::Customer {
                id: text("id")?,
                has_other_method: before
                    .pointer("/invoice_settings/default_payment_method")
                    .is_some(),
            },
            "payment_method.attached" => {
                Subject::Customer { id: text("customer")?, has_other_method: false }
            }
            "customer.deleted" => Subject::CustomerDeleted(text("id")?),
            // Of invoices and subscriptions, which we make none of; of charges and refunds, which
            // are the operator's own doing; of all that Stripe will think of.
            _ => Subject::Other,
        };
        Ok(Self { id: sent.id, subject })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(kind: &str, object: &Value) -> Result<Event> {
        let event = json!({ "id": "evt_1", "type": kind, "data": { "object": object } });
        Event::parse(event.to_string().as_bytes())
    }

    #[test]
    fn events_are_read_as_far_as_anything_is_done_about_them() {
        let customer = json!({ "id": "cus_1", "customer": "cus_2" });
        let named = |kind| match parse(kind, &customer).expect("an event").subject {
            Subject::Customer { id, .. } => format!("changed {id}"),
            Subject::CustomerDeleted(id) => format!("deleted {id}"),
            Subject::Payment(intent) => intent.id,
            Subject::Other => "other".to_owned(),
        };
        assert_eq!(named("customer.updated"), "changed cus_1");
        assert_eq!(named("payment_method.attached"), "changed cus_2");
        assert_eq!(named("customer.deleted"), "deleted cus_1");
        for kind in ["invoice.paid", "charge.refunded", "customer.subscription.deleted", "x"] {
            assert_eq!(named(kind), "other");
        }
        let intent = json!({ "id": "pi_1", "amount": 1, "currency": "usd", "status": "succeeded" });
        let event = parse("payment_intent.succeeded", &intent).expect("an event");
        assert!(matches!(event.subject, Subject::Payment(intent) if intent.id == "pi_1"));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for body in ["", "[]", "{}", r#"{"id":"e","type":"t"}"#, r#"{"id":1,"type":"t","data":{}}"#]
        {
            assert!(Event::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse("payment_intent.succeeded", &json!({ "id": "pi_1" })).is_err());
        assert!(parse("payment_method.attached", &json!({ "customer": null })).is_err());
    }
}
