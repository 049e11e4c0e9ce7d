//! Every documented field of every body, with every wrong type, NUL, and twice.

use rollbook_testkit::{Call, Server, both};
use serde_json::{Map, Value, json};

use super::{PATIENCE, Target, refused};

/// The operations with a JSON body, and the schema of each in the contract.
fn operations(server: &Server, user: &str) -> Vec<(Call, &'static str)> {
    let (client, operator) = (server.client(), server.operator());
    let user = |below: &str| format!("/v1/users/{user}{below}");
    let instance = |below: &str| format!("/admin/v1/instances/{}{below}", server.instance_id);
    let accounts = format!("{}/external_accounts", user("").replace("/v1", ""));
    vec![
        (client.post("/v1/users"), "CreateUser"),
        (client.patch(&user("")), "UpdateUser"),
        (client.patch(&user("/metadata")), "MetadataPatch"),
        (client.put(&user("/metadata")), "MetadataReplacement"),
        (client.post("/v1/users/ban"), "UserIds"),
        (client.post("/v1/users/unban"), "UserIds"),
        (client.post(&user("/verify_password")), "VerifyPassword"),
        (client.post("/v1/invitations"), "CreateInvitation"),
        (client.post("/v1/organization_permissions"), "CreatePermission"),
        (client.post("/v1/organization_roles"), "CreateRole"),
        (client.post("/v1/redirect_urls"), "CreateRedirectUrl"),
        (client.post("/v1/waitlist_entries"), "CreateWaitlistEntry"),
        (operator.post("/admin/v1/instances"), "CreateInstance"),
        (operator.patch(&instance("")), "UpdateInstance"),
        (operator.patch(&instance("/settings")), "SettingsPatch"),
        (operator.post(&instance("/fork")), "ForkInstance"),
        (operator.post(&instance("/keys")), "CreateSecretKey"),
        (operator.post(&instance(&accounts)), "ImportExternalAccount"),
        (operator.post(&instance(&format!("{accounts}/connect"))), "ConnectExternalAccount"),
        (operator.put(&instance("/oauth_providers/oauth_google")), "PutOauthProvider"),
    ]
}

fn schemas() -> Value {
    let contract: Value =
        serde_json::from_str(rollbook_http::openapi().expect("the contract")).expect("JSON");
    contract["components"]["schemas"].clone()
}

/// Name and JSON types of each field of a schema.
fn fields(schemas: &Value, schema: &str) -> Vec<(String, Vec<String>)> {
    let properties = schemas[schema]["properties"].as_object().expect("properties");
    let fields = properties.iter().map(|(name, field)| (name.clone(), types(schemas, field)));
    fields.collect()
}

fn types(schemas: &Value, field: &Value) -> Vec<String> {
    if let Some(reference) = field["$ref"].as_str() {
        let name = reference.rsplit('/').next().expect("a name");
        return types(schemas, &schemas[name]);
    }
    if let Some(choices) = field["anyOf"].as_array() {
        return choices.iter().flat_map(|choice| types(schemas, choice)).collect();
    }
    if let Some(values) = field["enum"].as_array() {
        return values.iter().map(|value| type_of(value).to_owned()).collect();
    }
    match &field["type"] {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(Into::into).collect(),
        _ => vec!["string".to_owned()],
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn wrong_values() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(7),
        json!(1.5),
        json!("text"),
        json!(["text"]),
        json!({ "a": "text" }),
    ];
    for number in ["1e400", "-0.0", "99999999999999999999", "1e2"] {
        values.push(serde_json::from_str(number).expect("a number"));
    }
    values
}

/// Only this field is in the body, but for what the operation cannot do without.
async fn send(call: &Call, name: &str, value: Value) -> rollbook_testkit::Reply {
    let body = Map::from_iter([(name.to_owned(), value)]);
    let sent = call.clone().unchecked().json(body).send();
    tokio::time::timeout(PATIENCE, sent).await.expect("an answer in time")
}

/// The problem is that field's.
#[track_caller]
fn names(name: &str, value: &Value, reply: &rollbook_testkit::Reply) {
    refused(&format!("{name}: {value}"), reply);
    let found = reply.problems();
    assert!(
        found.iter().any(|(_, param)| param == name),
        "{name}: {value} was refused with {found:?}"
    );
    assert!(reply.status == 422 || reply.status == 400 || reply.status == 404, "{}", reply.status);
}

both!(every_field_is_refused_with_every_wrong_type, async |server| {
    let target = Target::make(server).await;
    let schemas = schemas();
    let mut n = 0;
    for (call, schema) in operations(server, &target.user) {
        for (name, types) in fields(&schemas, schema) {
            for value in wrong_values() {
                if types.iter().any(|admitted| admitted == type_of(&value)) {
                    continue;
                }
                n += 1;
                names(&name, &value, &send(&call, &name, value.clone()).await);
            }
        }
    }
    assert!(n > 500, "only {n} wrong values were tried");
    target.unchanged(server).await;
});

both!(every_array_is_refused_with_every_wrong_element, async |server| {
    let target = Target::make(server).await;
    let schemas = schemas();
    for (call, schema) in operations(server, &target.user) {
        for (name, types) in fields(&schemas, schema) {
            if !types.iter().any(|admitted| admitted == "array") {
                continue;
            }
            for value in wrong_values().into_iter().filter(|value| !value.is_string()) {
                let array = json!(["a", value]);
                names(&name, &array, &send(&call, &name, array.clone()).await);
            }
        }
    }
    target.unchanged(server).await;
});

both!(nul_is_refused_in_every_text, async |server| {
    let target = Target::make(server).await;
    let schemas = schemas();
    for (call, schema) in operations(server, &target.user) {
        for (name, types) in fields(&schemas, schema) {
            let value = if types.iter().any(|admitted| admitted == "string") {
                json!("a\0b")
            } else if types.iter().any(|admitted| admitted == "array") {
                json!(["a\0b@example.com"])
            } else {
                continue;
            };
            names(&name, &value, &send(&call, &name, value.clone()).await);
        }
    }
    target.unchanged(server).await;
});

both!(a_field_given_twice_is_refused_by_name, async |server| {
    let target = Target::make(server).await;
    let schemas = schemas();
    for (call, schema) in operations(server, &target.user) {
        for (name, _) in fields(&schemas, schema) {
            let body = format!(r#"{{"{name}":null,"{name}":null}}"#);
            let reply = call.clone().unchecked().body("application/json", body).send().await;
            refused(&name, &reply);
            let problem = ("form_param_duplicate".to_owned(), name.clone());
            assert!(reply.problems().contains(&problem), "{name}: {:?}", reply.problems());
        }
    }
    target.unchanged(server).await;
});

both!(a_field_nobody_documented_is_refused_by_name, async |server| {
    let target = Target::make(server).await;
    for (call, schema) in operations(server, &target.user) {
        for name in ["no_such_field", "__proto__", "id", "", "$serde_json::private::Number"] {
            let body = Map::from_iter([(name.to_owned(), json!("1"))]);
            let reply = call.clone().unchecked().json(body).send().await;
            refused(&format!("{schema} with {name}"), &reply);
        }
    }
    target.unchanged(server).await;
});
