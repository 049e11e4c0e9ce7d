//! What holds for every operation of the contract: who may call it, what it refuses, and
//! that it knows nothing of other instances.

use rollbook_testkit::{Call, Client, Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, instance, picture};
use crate::world::World;

/// An operation as the contract has it.
struct Operation {
    method: String,
    path: String,
    /// Names of the parameters in its path.
    params: Vec<String>,
    /// Names of those in its query.
    queries: Vec<String>,
    /// The members of its JSON body, if it takes one.
    fields: Option<Vec<String>>,
    takes_a_file: bool,
    is_public: bool,
}

impl Operation {
    fn is_operators(&self) -> bool {
        self.path.starts_with("/admin/")
    }

    /// The path with an id for each parameter.
    fn at(&self, value: impl Fn(&str) -> String) -> String {
        let mut path = self.path.clone();
        for name in &self.params {
            let kind = match name.as_str() {
                "invitation_id" if path.contains("organization") => "organization_invitation_id",
                "id" if path.contains("redirect_urls") => "redirect_url_id",
                name => name,
            };
            path = path.replace(&format!("{{{name}}}"), &value(kind));
        }
        path
    }

    fn call(&self, client: &Client, path: &str) -> Call {
        client.call(self.method.parse().expect("a method"), path).unchecked()
    }
}

fn all() -> Vec<Operation> {
    let contract: Value =
        serde_json::from_str(rollbook_http::openapi().expect("the contract")).expect("JSON");
    let mut found = Vec::new();
    for (path, item) in contract["paths"].as_object().expect("paths") {
        let operations = item.as_object().expect("operations").iter();
        for (method, operation) in operations.filter(|(name, _)| *name != "parameters") {
            let names = |place: &str| {
                let lists = [&item["parameters"], &operation["parameters"]];
                let all = lists.into_iter().filter_map(Value::as_array).flatten();
                let all = all.map(|parameter| resolved(&contract, parameter));
                let all = all.filter(|parameter| parameter["in"] == place);
                all.filter_map(|parameter| parameter["name"].as_str().map(Into::into)).collect()
            };
            let body = resolved(&contract, &operation["requestBody"]);
            let schema = &body["content"]["application/json"]["schema"];
            let fields = (!schema.is_null()).then(|| {
                let fields = resolved(&contract, schema)["properties"].as_object();
                fields.into_iter().flat_map(|fields| fields.keys().cloned()).collect()
            });
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                params: names("path"),
                queries: names("query"),
                fields,
                takes_a_file: !body["content"]["multipart/form-data"].is_null(),
                is_public: operation["security"] == json!([]),
            });
        }
    }
    assert!(found.len() > 150, "{}", found.len());
    found
}

fn resolved<'a>(contract: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => resolved(contract, contract.pointer(pointer).expect("a component")),
        None => value,
    }
}

/// A refusal in the shape of an error, or an answer that is no failure of the server's.
#[track_caller]
fn no_failure(what: &str, reply: &Reply) {
    if reply.status < 400 {
        return;
    }
    assert!(reply.status < 500, "{what} in {}: {}", reply.request, reply.text());
    let body = reply.json();
    let code = body["errors"][0]["code"].as_str();
    assert!(code.is_some_and(|code| !code.is_empty()), "{}: {body}", reply.request);
    assert_eq!(body["clerk_trace_id"].as_str().map(str::len), Some(32), "{}", reply.request);
}

both!(without_the_right_key_every_operation_is_unauthorized, async |server| {
    let (other, deleted) = instance(server, json!({})).await;
    delete_instance(server, &other).await;
    let (none, wrong) =
        (server.client().with_token(None), server.client().with_token(Some("sk_test_nobody_x")));
    for operation in all().iter().filter(|operation| !operation.is_public) {
        let path = operation.at(|_| "x_1".to_owned());
        let other_side = if operation.is_operators() { server.client() } else { server.operator() };
        for client in [&none, &wrong, &deleted, &other_side] {
            let reply = operation.call(client, &path).send().await;
            assert_eq!(reply.status, 401, "{}: {}", reply.request, reply.text());
            no_failure("a wrong key", &reply);
        }
    }
});

both!(odd_ids_in_any_path_are_not_found, async |server| {
    for operation in all().iter().filter(|operation| !operation.is_public) {
        if operation.params.is_empty() {
            continue;
        }
        let client = if operation.is_operators() { server.operator() } else { server.client() };
        for odd in ["%00", "%ff", "..%2f..", "%F0%9F%98%80", "x_1%0d%0aX:%201", &"x".repeat(5000)] {
            let reply = operation.call(&client, &operation.at(|_| odd.to_owned())).send().await;
            no_failure(odd, &reply);
            assert!([404, 422, 400, 403].contains(&reply.status), "{}", reply.request);
        }
    }
});

both!(nonsense_in_any_query_is_refused_or_ignored, async |server| {
    let world = own(server).await;
    for operation in all().iter().filter(|operation| operation.method == "GET") {
        let client = if operation.is_operators() { &world.operator } else { &world.client };
        let path = operation.at(|name| known(&world, name));
        for name in &operation.queries {
            for odd in ["", "\0", "-1", "99999999999999999999", "'", "%", "\u{202e}", "null"] {
                let reply = operation.call(client, &path).query(name, odd).send().await;
                no_failure(&format!("{name}={odd}"), &reply);
            }
            let twice = operation.call(client, &path).query(name, "1").query(name, "2");
            no_failure(name, &twice.send().await);
        }
    }
});

both!(bodies_that_fit_no_operation_are_refused_and_change_nothing, async |server| {
    let world = own(server).await;
    let before = seen(&world).await;
    for operation in all() {
        let Some(fields) = &operation.fields else { continue };
        let client = if operation.is_operators() { &world.operator } else { &world.client };
        let path = operation.at(|name| known(&world, name));
        for body in ["{", "[[]]", "1", "true", "\"x\"", "\u{feff}{}", "{\"no_such_field\":1}"] {
            // Of the specification: this one drops what it does not know.
            if operation.path == "/v1/instance" && body.contains("no_such_field") {
                continue;
            }
            let call = operation.call(client, &path).body("application/json", body);
            let reply = call.send().await;
            no_failure(body, &reply);
            assert!(reply.status >= 400, "{} took {body}: {}", reply.request, reply.text());
        }
        for name in fields {
            for value in
                [json!([[1]]), json!({ "\u{1}": { "a": [] } }), json!("a\0b"), json!(1e300)]
            {
                let body = json!({ name: value, "no_such_field": 1 });
                let reply = operation.call(client, &path).json(body).send().await;
                no_failure(&format!("{name}: {value}"), &reply);
                assert!(reply.status >= 400, "{} took {name}: {value}", reply.request);
            }
        }
    }
    for (before, after) in before.iter().zip(seen(&world).await.iter()) {
        assert_eq!(before, after);
    }
});

both!(ids_of_another_instance_are_unknown_to_every_operation, async |server| {
    let mine = own(server).await;
    let (other, client) = instance(server, json!({})).await;
    let theirs = World::make(server, client, &other).await;
    let before = (seen(&mine).await, seen(&theirs).await);
    let mut n = 0;
    for operation in all().iter().filter(|operation| !operation.is_public) {
        let foreign = |name: &str| match name {
            "instance_id" | "provider" | "template_name" => known(&mine, name),
            _ => known(&theirs, name),
        };
        let path = operation.at(foreign);
        if path == operation.at(|name| known(&mine, name)) {
            continue;
        }
        n += 1;
        let client = if operation.is_operators() { &mine.operator } else { &mine.client };
        let call = operation.call(client, &path);
        let call = match operation.fields {
            Some(_) => call.json(sufficient(&operation.path)),
            None if operation.takes_a_file => {
                call.file("file", &picture(8, 8, image::ImageFormat::Png))
            }
            None => call,
        };
        let reply = call.send().await;
        // What lacks something is refused before anything is looked for.
        let lacking = ["form_param_missing", "request_body_invalid"];
        let is_incomplete = lacking.iter().any(|code| reply.text().contains(code));
        let is_unknown = reply.status == 404 || is_incomplete;
        assert!(is_unknown, "{}: {} {}", reply.request, reply.status, reply.text());
    }
    assert!(n > 80, "only {n} operations know ids");
    assert_eq!((seen(&mine).await, seen(&theirs).await), before);
    delete_instance(server, &other).await;
});

/// A body that gets past what is refused whatever the ids are.
fn sufficient(path: &str) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "extend_free_trial" => json!({ "extend_to": "2027-01-01T00:00:00Z" }),
        "price_transition" => json!({ "from_price_id": "a", "to_price_id": "b" }),
        "credits" => json!({ "amount": 1, "action": "increase", "idempotency_key": "k" }),
        "attempt_verification" | "verify_totp" => json!({ "code": "000000" }),
        "email_address" => json!({ "email_address": "x@example.com" }),
        "phone_number" => json!({ "phone_number": "+15555550155" }),
        "verify_password" => json!({ "password": "seven violet otters hum" }),
        _ => json!({}),
    }
}

async fn own(server: &Server) -> World {
    World::make(server, server.client(), server.instance_id.as_str()).await
}

fn known(world: &World, name: &str) -> String {
    world.ids.get(name).cloned().unwrap_or_else(|| "x_1".to_owned())
}

/// Everything that can be read of an instance, to the byte: what was asked, and the answer.
pub(crate) async fn seen(world: &World) -> Vec<(String, String)> {
    seen_below(world, "").await
}

/// The same of the operations whose path has this parameter.
pub(crate) async fn seen_below(world: &World, param: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for operation in all().iter().filter(|operation| operation.method == "GET") {
        let is_below = param.is_empty() || operation.params.iter().any(|name| name == param);
        // Neither is about the instance alone, as its clients see it.
        let is_more =
            operation.path == "/admin/v1/instances" || operation.path.ends_with("/export");
        if !is_below || is_more || operation.is_public {
            continue;
        }
        let client = if operation.is_operators() { &world.operator } else { &world.client };
        let path = operation.at(|name| known(world, name));
        let mut call = operation.call(client, &path);
        if operation.queries.iter().any(|name| name == "limit") {
            call = call.query("limit", 500);
        }
        let reply = call.send().await;
        let mut answer = reply.text();
        if reply.status >= 400 {
            // An error names its request.
            let mut body = reply.json();
            body.as_object_mut().expect("an object").remove("clerk_trace_id");
            answer = body.to_string();
        }
        found.push((format!("{} {}", reply.status, reply.request), answer));
    }
    found
}
