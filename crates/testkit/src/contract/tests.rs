use std::collections::BTreeSet;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rollbook_domain::{Environment, Profile, Settings};
use rollbook_wire::{Code, User};
use serde_json::{Value, json};

use super::{Contract, Exchange};

const TRACE: &str = "5f1c2b0e9a7d4c3f8e6b1a2c3d4e5f60";
const USER: &str = "/v1/users/user_34OkW3rUlQGlAzCORHT4DHFLqcc";

/// A user with a number that fits no machine type, to see that metadata are left alone.
fn user() -> Value {
    serde_json::from_str(include_str!("user.json")).expect("JSON")
}

fn error(code: &str) -> Value {
    json!({
        "errors": [{ "message": "not found", "long_message": "No user has this id.", "code": code }],
        "clerk_trace_id": TRACE
    })
}

/// An exchange that can be spoilt in one place before it is checked.
struct Sample {
    method: &'static str,
    path: String,
    request: Option<String>,
    request_type: &'static str,
    status: u16,
    headers: HeaderMap,
    response: Value,
}

impl Sample {
    fn new(method: &'static str, path: &str, status: u16, response: Value) -> Self {
        let headers = [
            ("content-type", "application/json"),
            ("clerk-trace-id", TRACE),
            ("clerk-api-version", "2025-11-10"),
        ];
        let headers = headers
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Self {
            method,
            path: path.to_owned(),
            request: None,
            request_type: "application/json",
            status,
            headers: headers.into_iter().collect(),
            response,
        }
    }

    fn sending(mut self, body: &str) -> Self {
        self.request = Some(body.to_owned());
        self
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    fn check(&self) -> Result<(), String> {
        Contract::shared().expect("the document compiles").check_exchange(&Exchange {
            method: self.method,
            path_and_query: &self.path,
            request_content_type: Some(self.request_type),
            request_body: Some(self.request.as_deref().unwrap_or_default().as_bytes()),
            status: self.status,
            response_headers: &self.headers,
            response_body: self.response.to_string().as_bytes(),
        })
    }

    fn allowed(&self) {
        self.check().expect("allowed");
    }

    fn refused(&self, because: &str) {
        let problem = self.check().expect_err("refused");
        assert!(problem.contains(because), "{problem}");
    }
}

fn spoilt(change: impl FnOnce(&mut Value)) -> Sample {
    let mut body = user();
    change(&mut body);
    Sample::new("GET", USER, 200, body)
}

#[test]
fn a_documented_exchange_is_allowed() {
    Sample::new("GET", USER, 200, user()).allowed();
    Sample::new(
        "GET",
        "/v1/users?limit=10&banned=false&email_address=a&email_address[]=b",
        200,
        json!([user()]),
    )
    .allowed();
    Sample::new(
        "GET",
        "/v1/users/count?order=unknown",
        200,
        json!({ "object": "total_count", "total_count": 3 }),
    )
    .allowed();
    Sample::new("POST", "/v1/users", 200, user())
        .sending(r#"{"email_address":["ada@example.com"]}"#)
        .allowed();
    Sample::new("POST", "/v1/users/ban", 200, json!([user()]))
        .sending(r#"{"user_ids":["usr_1"]}"#)
        .allowed();
    Sample::new("GET", USER, 404, error("resource_not_found")).allowed();
}

#[test]
fn what_the_renderer_makes_is_what_the_schema_wants() {
    let rendered: User = serde_json::from_value(user()).expect("a user");
    let again = serde_json::to_value(rendered).expect("renders");
    Sample::new("GET", USER, 200, again).allowed();
}

#[test]
fn the_settings_are_those_of_the_schema_and_the_schema_takes_them_back() {
    for profile in [Profile::Permissive, Profile::Clerk] {
        let settings = Settings::of(profile, Environment::Development);
        let changes = serde_json::to_value(settings).expect("renders");
        let mut body = json!({ "object": "instance_settings" });
        body.as_object_mut()
            .expect("an object")
            .extend(changes.as_object().expect("an object").clone());
        let path = "/admin/v1/instances/ins_1/settings";
        Sample::new("PATCH", path, 200, body.clone()).sending(&changes.to_string()).allowed();
        Sample::new("PATCH", path, 200, body).sending(r#"{"colour":1}"#).refused("colour");
    }
}

#[test]
fn a_body_must_have_every_field_with_its_type_and_no_other() {
    spoilt(|user| drop(user.as_object_mut().expect("an object").remove("scim"))).refused("scim");
    spoilt(|user| user["favourite_colour"] = json!("red")).refused("favourite_colour");
    spoilt(|user| user["created_at"] = json!(1_761_092_033_534.5)).refused("/created_at");
    spoilt(|user| user["public_metadata"] = Value::Null).refused("/public_metadata");
    spoilt(|user| user["external_accounts"][0]["verification"]["expire_at"] = Value::Null)
        .refused("/verification");
    spoilt(|user| {
        drop(
            user["email_addresses"][0]["verification"]
                .as_object_mut()
                .expect("an object")
                .remove("object"),
        );
    })
    .refused("/verification");
    Sample::new("GET", "/v1/users", 200, json!({ "data": [user()], "total_count": 1 }))
        .refused("not of type \"array\"");
}

#[test]
fn the_content_type_is_exact_and_the_headers_are_there() {
    Sample::new("GET", USER, 200, user())
        .header("content-type", "application/json; charset=utf-8")
        .refused("content type");
    Sample::new("GET", USER, 200, user())
        .header("clerk-api-version", "2025-11-11")
        .refused("clerk-api-version");
    for name in ["clerk-trace-id", "clerk-api-version"] {
        let mut sample = Sample::new("GET", USER, 200, user());
        sample.headers.remove(name);
        sample.refused(name);
    }
    let mut refusal = Sample::new("GET", USER, 404, error("resource_not_found"));
    refusal.headers.remove("clerk-api-version");
    refusal.refused("clerk-api-version");
    Sample::new("GET", USER, 404, error("resource_not_found"))
        .header("clerk-trace-id", "00000000000000000000000000000000")
        .refused("trace id");
    Sample::new("GET", USER, 429, error("too_many_requests")).refused("retry-after");
}

#[test]
fn only_documented_statuses_and_codes_are_answered() {
    Sample::new("POST", "/v1/users", 201, user()).sending("{}").refused("status");
    Sample::new("GET", USER, 500, error("internal_clerk_error")).refused("status");
    Sample::new("GET", USER, 404, error("NOT_FOUND")).refused("/errors/0/code");
}

#[test]
fn an_unknown_route_may_only_be_not_found() {
    Sample::new("GET", "/v1/nothing", 404, error("resource_not_found")).allowed();
    Sample::new("GET", "/v1/users/", 404, error("resource_not_found")).allowed();
    Sample::new("GET", "/v1/users/ban", 404, error("resource_not_found")).allowed();
    Sample::new("GET", "/v1/nothing", 200, json!({})).refused("not documented");
    Sample::new("GET", "/v1/users/", 200, json!([])).refused("not documented");
    Sample::new("GET", "/v1/nothing", 404, json!({ "error": "not found" })).refused("errors");
}

#[test]
fn an_accepted_request_is_a_documented_one() {
    Sample::new("POST", "/v1/users", 200, user())
        .sending(r#"{"nick_name":"a"}"#)
        .refused("nick_name");
    Sample::new("POST", "/v1/users", 200, user()).refused("without its body");
    Sample::new("PATCH", USER, 200, user()).allowed();
    Sample::new("PATCH", USER, 200, user()).sending("null").allowed();
    Sample::new("POST", &format!("{USER}/ban"), 200, user()).sending("null").allowed();
    Sample::new("GET", "/v1/users?limit=501", 200, json!([])).refused("limit");
    Sample::new("GET", "/v1/users?limit=ten", 200, json!([])).refused("limit");
    Sample::new("GET", "/v1/users?banned=yes", 200, json!([])).refused("banned");
    Sample::new("GET", "/v1/users?order_by=%2Bcolour", 200, json!([])).refused("order_by");
    Sample::new("GET", "/v1/users?order_by=+created_at", 200, json!([])).allowed();
    let mut form = Sample::new("POST", "/v1/users", 200, user()).sending("first_name=Ada");
    form.request_type = "application/x-www-form-urlencoded";
    form.refused("x-www-form-urlencoded");
    // What is refused need not be documented.
    Sample::new("POST", "/v1/users", 422, error("form_param_unknown"))
        .sending(r#"{"nick_name":"a"}"#)
        .allowed();
}

#[test]
fn the_document_lists_the_codes_of_the_catalogue() {
    let text = rollbook_http::openapi().expect("the contract");
    let document: Value = serde_json::from_str(text).expect("JSON");
    let listed = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().expect("a list");
    let listed: BTreeSet<_> = listed.iter().map(|code| code.as_str().expect("a text")).collect();
    let known: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, known);
}

#[test]
fn every_operation_is_listed_once() {
    let routes: Vec<_> = Contract::shared().expect("compiles").routes().collect();
    assert!(routes.contains(&("PUT", "/v1/users/{}/metadata".to_owned())));
    assert_eq!(routes.iter().collect::<BTreeSet<_>>().len(), routes.len());
}
