//! Permissions that roles are made of: the system's and one's own.

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, events, id, instance, text};

const AT: &str = "/v1/organization_permissions";

async fn create(server: &Server, body: Value) -> Reply {
    server.client().post(AT).json(body).send().await
}

async fn custom(server: &Server, key: &str) -> Value {
    create(server, json!({ "name": "Read teams", "key": key })).await.ok()
}

fn keys(list: &Value) -> Vec<&str> {
    list["data"].as_array().expect("a page").iter().map(|one| text(&one["key"])).collect()
}

both!(the_systems_permissions_are_there_and_stay_as_they_are, async |server| {
    let all = server.client().get(AT).query("limit", 500).send().await.ok();
    assert_eq!(all["total_count"], 9);
    let first = &all["data"][0];
    assert_eq!((&first["object"], &first["type"]), (&json!("permission"), &json!("system")));
    let at = format!("{AT}/{}", id(first));
    assert_eq!(&server.client().get(&at).send().await.ok(), first);
    let code = [("organization_system_permission_not_modifiable", "")];
    let update = server.client().patch(&at).json(json!({ "name": "x" }));
    update.send().await.refused(403, &code);
    server.client().delete(&at).send().await.refused(403, &code);
});

both!(a_permission_of_ones_own_is_made_changed_and_deleted, async |server| {
    let made = custom(server, "org:team:read").await;
    assert_eq!((&made["type"], &made["description"]), (&json!("user"), &json!("")));
    let at = format!("{AT}/{}", id(&made));
    server.clock.advance(5);
    let body = json!({ "name": "N", "key": "org:team:see", "description": "d" });
    let changed = server.client().patch(&at).json(body.clone()).send().await.ok();
    assert_eq!(changed["updated_at"], server.clock.now());
    assert_eq!(server.client().patch(&at).json(body).send().await.ok(), changed);
    assert_eq!(server.client().get(&at).send().await.ok(), changed);
    let deleted = server.client().delete(&at).send().await.ok();
    assert_eq!(deleted, json!({ "object": "permission", "id": id(&made), "deleted": true }));
    server.client().get(&at).send().await.refused(404, &[("resource_not_found", "")]);
    let id = id(&made);
    let kinds = ["permission.created", "permission.deleted", "permission.updated"];
    assert_eq!(server.events().await, events(kinds.map(|kind| (kind, &*id))));
});

both!(roles_follow_their_permissions, async |server| {
    let permission = custom(server, "org:team:read").await;
    let at = format!("{AT}/{}", id(&permission));
    let body = json!({ "name": "A", "key": "org:a", "permissions": [id(&permission)] });
    let role = server.client().post("/v1/organization_roles").json(body).send().await.ok();
    let role = format!("/v1/organization_roles/{}", id(&role));
    server.client().patch(&at).json(json!({ "key": "org:team:see" })).send().await.ok();
    let now = server.client().get(&role).send().await.ok();
    assert_eq!(now["permissions"][0]["key"], "org:team:see");
    server.client().delete(&at).send().await.ok();
    assert_eq!(server.client().get(&role).send().await.ok()["permissions"], json!([]));
});

both!(lists_search_and_sort, async |server| {
    for key in ["org:team:read", "org:team:write", "org:post:read"] {
        server.clock.advance(1);
        custom(server, key).await;
    }
    for (query, expected) in [
        ("query=:Team", vec!["org:team:write", "org:team:read"]),
        ("query=org:TEAM&order_by=key", vec!["org:team:read", "org:team:write"]),
        ("query=TEAMS&limit=1", vec!["org:post:read"]),
        ("order_by=-key&limit=1", vec!["org:team:write"]),
    ] {
        let list = server.client().get(&format!("{AT}?{query}")).send().await.ok();
        assert_eq!(keys(&list), expected, "{query}");
    }
});

both!(what_cannot_be_a_permission_is_refused_by_name, async |server| {
    let missing = [("form_param_missing", "name"), ("form_param_missing", "key")];
    create(server, json!({})).await.refused(422, &missing);
    for key in ["org:sys_a:b", "org:a", "a:b", "org:A:b"] {
        let reply = create(server, json!({ "name": "A", "key": key })).await;
        reply.refused(422, &[("form_param_format_invalid", "key")]);
    }
    let (one, other) = (custom(server, "org:a:b").await, custom(server, "org:a:c").await);
    let taken = [("form_identifier_exists", "key")];
    create(server, json!({ "name": "A", "key": "org:a:b" })).await.refused(422, &taken);
    let at = format!("{AT}/{}", id(&other));
    server.client().patch(&at).json(json!({ "key": one["key"] })).send().await.refused(422, &taken);
});

both!(permissions_of_another_instance_are_unknown, async |server| {
    let at = format!("{AT}/{}", id(&custom(server, "org:a:b").await));
    let (other, client) = instance(server, json!({})).await;
    for call in
        [client.get(&at), client.patch(&at).json(json!({ "name": "x" })), client.delete(&at)]
    {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
    delete_instance(server, &other).await;
});
