//! The body of a message.

use rollbook_store::webhook_deliveries::Event;
use rollbook_wire::Id;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Error, Result};

/// What is told of an event.
///
/// Made of the event's row alone, member by member, so that it is the same bytes
/// in every attempt and on every server.
pub(super) fn body(instance: &Id, event: &Event) -> Result<String> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        data: &'a RawValue,
        object: &'a str,
        r#type: &'a str,
        timestamp: i64,
        instance_id: &'a Id,
        event_attributes: Attributes<'a>,
    }
    #[derive(Serialize)]
    struct Attributes<'a> {
        http_request: HttpRequest<'a>,
    }
    #[derive(Serialize)]
    struct HttpRequest<'a> {
        client_ip: &'a str,
        user_agent: &'a str,
    }
    let failed = |source| Error::internal("write a webhook", source);
    let data: &RawValue = serde_json::from_str(&event.data).map_err(failed)?;
    let http_request = HttpRequest {
        client_ip: event.client_ip.as_deref().unwrap_or_default(),
        user_agent: event.user_agent.as_deref().unwrap_or_default(),
    };
    let envelope = Envelope {
        data,
        object: "event",
        r#type: &event.kind,
        timestamp: event.created_at,
        instance_id: instance,
        event_attributes: Attributes { http_request },
    };
    serde_json::to_string(&envelope).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_copied_byte_by_byte() {
        let event = Event {
            kind: "user.updated".to_owned(),
            data: r#"{"b":1.10,"a":null}"#.to_owned(),
            created_at: 1_761_092_033_600,
            client_ip: Some("203.0.113.7".to_owned()),
            user_agent: None,
        };
        let body = body(&"ins_1".parse().expect("an id"), &event).expect("a body");
        assert_eq!(
            body,
            r#"{"data":{"b":1.10,"a":null},"object":"event","type":"user.updated","timestamp":1761092033600,"instance_id":"ins_1","event_attributes":{"http_request":{"client_ip":"203.0.113.7","user_agent":""}}}"#
        );
    }
}
