//! Reads the operations out of the document and compiles their schemas.

use std::collections::{BTreeMap, HashSet};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use super::Contract;

/// Under this name the document's references find it; nothing is ever fetched.
const BASE: &str = "rollbook:///openapi.json";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One method of one path.
#[derive(Debug)]
pub(super) struct Operation {
    /// `operationId`, unique.
    pub(super) id: String,
    /// In upper case.
    pub(super) method: String,
    /// Such as `/v1/users/{user_id}`.
    pub(super) template: String,
    /// Documented parameters of the query.
    pub(super) query: Vec<QueryParameter>,
    /// What it takes, if anything.
    pub(super) request_body: Option<Body>,
    /// What it may answer, by status.
    pub(super) responses: BTreeMap<u16, Response>,
}

/// A parameter of the query.
#[derive(Debug)]
pub(super) struct QueryParameter {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) schema: Validator,
}

/// How the text of a parameter becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Repeated keys.
    Array,
    /// Decimal digits.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// As it is.
    Text,
}

/// A request body.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) required: bool,
    /// By content type.
    pub(super) content: BTreeMap<String, Validator>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) headers: Vec<Header>,
    /// By content type; empty when there is no body.
    pub(super) content: BTreeMap<String, Validator>,
}

/// A header of an answer.
#[derive(Debug)]
pub(super) struct Header {
    /// In lower case.
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) schema: Validator,
}

impl Operation {
    /// Whether a path has the template's form; a parameter is never empty.
    pub(super) fn matches(&self, path: &str) -> bool {
        let mut found = path.split('/');
        let fits = self.template.split('/').all(|expected| {
            found.next().is_some_and(|part| {
                if is_parameter(expected) { !part.is_empty() } else { part == expected }
            })
        });
        fits && found.next().is_none()
    }

    /// The template with `{}` for each parameter.
    pub(super) fn nameless(&self) -> String {
        let parts =
            self.template.split('/').map(|part| if is_parameter(part) { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// For each part of the template, whether it is a word rather than a parameter.
    pub(super) fn words(&self) -> Vec<bool> {
        self.template.split('/').map(|part| !is_parameter(part)).collect()
    }
}

fn is_parameter(part: &str) -> bool {
    part.starts_with('{')
}

/// Compiles everything at once, so that a mistake in the document is found by the first test.
pub(super) fn compile(document: &Value) -> Result<Contract, String> {
    let registry = Registry::new()
        .draft(Draft::Draft202012)
        .add(BASE, document.clone())
        .and_then(jsonschema::RegistryBuilder::prepare)
        .map_err(|e| format!("openapi.json: {e}"))?;
    let reader = Reader { document, registry: &registry };
    for name in keys(document, "/components/schemas") {
        reader.schema(&format!("/components/schemas/{name}"))?;
    }
    let mut operations = Vec::new();
    for template in keys(document, "/paths") {
        for method in METHODS {
            let place = format!("/paths/{}/{method}", escaped(template));
            if document.pointer(&place).is_some() {
                operations.push(reader.operation(template, method, &place)?);
            }
        }
    }
    let mut ids = HashSet::new();
    if let Some(twice) = operations.iter().find(|operation| !ids.insert(operation.id.clone())) {
        return Err(format!("openapi.json: the operationId {} is not unique", twice.id));
    }
    Ok(Contract { operations, errors: reader.schema("/components/schemas/Errors")? })
}

struct Reader<'a> {
    document: &'a Value,
    registry: &'a Registry<'a>,
}

impl Reader<'_> {
    fn operation(&self, template: &str, method: &str, place: &str) -> Result<Operation, String> {
        let own = self.parameters(&format!("{place}/parameters"))?;
        let shared = self.parameters(&format!("/paths/{}/parameters", escaped(template)))?;
        let request_body = match self.document.pointer(&format!("{place}/requestBody")) {
            None => None,
            Some(body) => Some(Body {
                required: body.get("required").and_then(Value::as_bool).unwrap_or(false),
                content: self.content(&format!("{place}/requestBody/content"))?,
            }),
        };
        let mut responses = BTreeMap::new();
        for status in keys(self.document, &format!("{place}/responses")) {
            let number = status.parse().map_err(|_| format!("{place}: {status} is no status"))?;
            responses.insert(number, self.response(&format!("{place}/responses/{status}"))?);
        }
        Ok(Operation {
            id: self.text(&format!("{place}/operationId"))?,
            method: method.to_uppercase(),
            template: template.to_owned(),
            query: own.into_iter().chain(shared).collect(),
            request_body,
            responses,
        })
    }

    fn parameters(&self, place: &str) -> Result<Vec<QueryParameter>, String> {
        let count = self.document.pointer(place).and_then(Value::as_array).map_or(0, Vec::len);
        let mut query = Vec::new();
        for index in 0..count {
            let place = self.followed(format!("{place}/{index}"));
            if self.text(&format!("{place}/in"))? == "query" {
                let schema = self.followed(format!("{place}/schema"));
                let kind = match self
                    .document
                    .pointer(&format!("{schema}/type"))
                    .and_then(Value::as_str)
                {
                    Some("array") => Kind::Array,
                    Some("integer") => Kind::Integer,
                    Some("boolean") => Kind::Boolean,
                    _ => Kind::Text,
                };
                let name = self.text(&format!("{place}/name"))?;
                query.push(QueryParameter { name, kind, schema: self.schema(&schema)? });
            }
        }
        Ok(query)
    }

    fn response(&self, place: &str) -> Result<Response, String> {
        let place = self.followed(place.to_owned());
        let mut headers = Vec::new();
        for name in keys(self.document, &format!("{place}/headers")) {
            let header = self.followed(format!("{place}/headers/{name}"));
            headers.push(Header {
                name: name.to_lowercase(),
                required: self.document.pointer(&format!("{header}/required"))
                    == Some(&Value::Bool(true)),
                schema: self.schema(&format!("{header}/schema"))?,
            });
        }
        Ok(Response { headers, content: self.content(&format!("{place}/content"))? })
    }

    fn content(&self, place: &str) -> Result<BTreeMap<String, Validator>, String> {
        keys(self.document, place)
            .into_iter()
            .map(|media_type| {
                let schema = format!("{place}/{}/schema", escaped(media_type));
                Ok((media_type.clone(), self.schema(&schema)?))
            })
            .collect()
    }

    fn schema(&self, place: &str) -> Result<Validator, String> {
        // Braces may stand in a JSON pointer, but not in a URI.
        let fragment = place.replace('{', "%7B").replace('}', "%7D");
        jsonschema::draft202012::options()
            .offline()
            .with_registry(self.registry)
            .build(&json!({ "$ref": format!("{BASE}#{fragment}") }))
            .map_err(|e| format!("openapi.json: {place}: {e}"))
    }

    fn text(&self, place: &str) -> Result<String, String> {
        let value = self.document.pointer(place).and_then(Value::as_str);
        value.map(str::to_owned).ok_or_else(|| format!("openapi.json: no text at {place}"))
    }

    /// The place itself, or the one that its `$ref` names.
    fn followed(&self, place: String) -> String {
        let reference = self
            .document
            .pointer(&place)
            .and_then(|value| value.get("$ref"))
            .and_then(Value::as_str);
        reference.and_then(|r| r.strip_prefix('#')).map_or(place, str::to_owned)
    }
}

fn keys<'a>(document: &'a Value, place: &str) -> Vec<&'a String> {
    let object = document.pointer(place).and_then(Value::as_object);
    object.map(|o| o.keys().collect()).unwrap_or_default()
}

/// A key as one part of a JSON pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
