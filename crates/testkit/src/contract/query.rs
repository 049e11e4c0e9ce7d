//! Holds an accepted query against its documented parameters.

use reqwest::Url;
use serde_json::Value;

use super::conforms;
use super::document::{Kind, QueryParameter};

/// Whether every documented parameter has a value it may have; others are ignored.
pub(super) fn check(documented: &[QueryParameter], query: &str) -> Result<(), String> {
    let url =
        Url::parse(&format!("http://localhost/?{query}")).map_err(|e| format!("query: {e}"))?;
    for parameter in documented {
        let listed = format!("{}[]", parameter.name);
        let values: Vec<String> = url
            .query_pairs()
            .filter(|(key, _)| {
                *key == *parameter.name || (parameter.kind == Kind::Array && *key == *listed)
            })
            .map(|(_, value)| value.into_owned())
            .collect();
        let Some(first) = values.first() else { continue };
        let what = format!("accepted parameter {}", parameter.name);
        let value = match parameter.kind {
            Kind::Array => Value::Array(values.iter().cloned().map(Value::String).collect()),
            Kind::Integer => {
                first.parse::<i64>().map(Value::from).map_err(|e| format!("{what}: {e}"))?
            }
            Kind::Boolean => {
                first.parse::<bool>().map(Value::from).map_err(|e| format!("{what}: {e}"))?
            }
            Kind::Text => Value::String(first.clone()),
        };
        conforms(&parameter.schema, &value, &what)?;
    }
    Ok(())
}
