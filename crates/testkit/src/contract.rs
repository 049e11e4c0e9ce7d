//! Checks exchanges of tests against `openapi/openapi.json`.
//!
//! A documented route must answer with a documented status, exactly the
//! documented content type, and a body that its schema admits; where it
//! answers with success, the request must have been one that is documented.

mod document;
mod query;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::header::HeaderMap;
use serde_json::Value;

use document::{Body, Header, Operation, Response};

const TRACE_ID: &str = "clerk-trace-id";
const API_VERSION: &str = "clerk-api-version";

/// The contract, read and compiled.
#[derive(Debug)]
pub struct Contract {
    operations: Vec<Operation>,
    errors: Validator,
}

/// One request and its answer, as they went over the wire.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// In upper case.
    pub method: &'a str,
    /// As in the request line, still percent-encoded.
    pub path_and_query: &'a str,
    /// `Content-Type` of the request, if it had one.
    pub request_content_type: Option<&'a str>,
    /// Body of the request; `None` where it could not be recorded, which leaves it unchecked.
    pub request_body: Option<&'a [u8]>,
    /// Status of the answer.
    pub status: u16,
    /// Headers of the answer.
    pub response_headers: &'a HeaderMap,
    /// Body of the answer.
    pub response_body: &'a [u8],
}

impl Contract {
    /// The document that the server hands out, parsed, with every schema compiled.
    ///
    /// Errors name the place in the document; references are never fetched.
    pub fn load() -> Result<Self, String> {
        let document = serde_json::from_str(rollbook_http::openapi()?)
            .map_err(|e| format!("openapi.json: {e}"))?;
        document::compile(&document)
    }

    /// The contract, loaded once for the whole process.
    pub fn shared() -> Result<&'static Self, String> {
        static SHARED: LazyLock<Result<Contract, String>> = LazyLock::new(Contract::load);
        SHARED.as_ref().map_err(Clone::clone)
    }

    /// Method and path of every operation, such as `("GET", "/v1/users/{}")`.
    ///
    /// The names of parameters are left out, for those of the router may differ.
    pub fn routes(&self) -> impl Iterator<Item = (&str, String)> {
        self.operations.iter().map(|o| (o.method.as_str(), o.nameless()))
    }

    /// Whether the contract allows this exchange; the error says what it does not allow.
    pub fn check_exchange(&self, exchange: &Exchange<'_>) -> Result<(), String> {
        self.check(exchange).map_err(|problem| {
            let Exchange { method, path_and_query, status, .. } = exchange;
            format!("{method} {path_and_query} -> {status}: {problem}")
        })
    }

    fn check(&self, exchange: &Exchange<'_>) -> Result<(), String> {
        let (path, query) =
            exchange.path_and_query.split_once('?').unwrap_or((exchange.path_and_query, ""));
        if path.starts_with("/v1/") && !exchange.response_headers.contains_key(API_VERSION) {
            return Err(format!("the header {API_VERSION} is missing"));
        }
        let Some(operation) = self.operation(exchange.method, path) else {
            return self.check_unknown_route(exchange);
        };
        let response = operation
            .responses
            .get(&exchange.status)
            .ok_or_else(|| format!("{} does not document this status", operation.id))?;
        check_headers(&response.headers, exchange.response_headers)?;
        check_response_body(response, exchange)?;
        if exchange.status >= 400 {
            return check_trace_id(exchange);
        }
        query::check(&operation.query, query)?;
        check_request_body(operation.request_body.as_ref(), exchange)
    }

    /// The operation that a router would choose: words win over parameters, from the left.
    fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        let best =
            self.operations.iter().filter(|o| o.matches(path)).map(Operation::words).max()?;
        self.operations.iter().find(|o| o.method == method && o.matches(path) && o.words() == best)
    }

    /// A route that nobody documented may only say so, in the shape of every error.
    fn check_unknown_route(&self, exchange: &Exchange<'_>) -> Result<(), String> {
        // What is wrong with the request as a whole is found before the route.
        if !matches!(exchange.status, 400 | 401 | 404 | 414 | 431) {
            return Err("the route is not documented and the answer does not say so".to_owned());
        }
        if content_type(exchange.response_headers) != Some("application/json") {
            return Err("the content type is not exactly application/json".to_owned());
        }
        conforms(&self.errors, &parse(exchange.response_body, "response")?, "response body")?;
        check_trace_id(exchange)
    }
}

fn check_headers(documented: &[Header], headers: &HeaderMap) -> Result<(), String> {
    for header in documented {
        match headers.get(&header.name) {
            None if header.required => {
                return Err(format!("the header {} is missing", header.name));
            }
            None => {}
            Some(value) => {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                conforms(&header.schema, &Value::String(text), &format!("header {}", header.name))?;
            }
        }
    }
    Ok(())
}

fn check_response_body(response: &Response, exchange: &Exchange<'_>) -> Result<(), String> {
    if response.content.is_empty() {
        return if exchange.response_body.is_empty() {
            Ok(())
        } else {
            Err("there is a body where none is documented".to_owned())
        };
    }
    let found = content_type(exchange.response_headers).unwrap_or_default();
    // `@clerk/backend` compares with `application/json`, so a charset breaks it.
    if let Some(schema) =
        response.content.get("application/json").filter(|_| found == "application/json")
    {
        return conforms(schema, &parse(exchange.response_body, "response")?, "response body");
    }
    let essence = essence(found);
    if essence != "application/json" && response.content.contains_key(essence) {
        return Ok(());
    }
    let documented: Vec<_> = response.content.keys().map(String::as_str).collect();
    Err(format!("the content type is {found:?}, not {}", documented.join(" or ")))
}

fn check_request_body(documented: Option<&Body>, exchange: &Exchange<'_>) -> Result<(), String> {
    let (Some(documented), Some(body)) = (documented, exchange.request_body) else {
        return Ok(());
    };
    // One official client sends the JSON text `null` for no body at all.
    if body.is_empty() || (!documented.required && body == b"null") {
        return if documented.required {
            Err("accepted without its body".to_owned())
        } else {
            Ok(())
        };
    }
    let found = essence(exchange.request_content_type.unwrap_or("application/json"));
    let schema = documented
        .content
        .get(found)
        .ok_or_else(|| format!("accepted a body of the undocumented content type {found:?}"))?;
    if found == "application/json" || found.ends_with("+json") {
        conforms(schema, &parse(body, "request")?, "accepted request body")?;
    }
    Ok(())
}

fn check_trace_id(exchange: &Exchange<'_>) -> Result<(), String> {
    let header = exchange.response_headers.get(TRACE_ID).and_then(|value| value.to_str().ok());
    let body = parse(exchange.response_body, "response")?;
    let in_body = body.get("clerk_trace_id").and_then(Value::as_str);
    if header.is_none() || header != in_body {
        return Err(format!(
            "the trace id is {header:?} in the header and {in_body:?} in the body"
        ));
    }
    Ok(())
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get("content-type").and_then(|value| value.to_str().ok())
}

fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn parse(body: &[u8], whose: &str) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|e| format!("the {whose} body is not JSON: {e}"))
}

fn conforms(schema: &Validator, value: &Value, what: &str) -> Result<(), String> {
    const SHOWN: usize = 3;
    let problems: Vec<_> = schema
        .iter_errors(value)
        .take(SHOWN)
        .map(|error| {
            let found: String = error.instance().to_string().chars().take(200).collect();
            format!("at {:?}: {} (found {found})", error.instance_path().as_str(), error.masked())
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(format!("{what} {}", problems.join("; "))) }
}
