//! Roles in organizations: the built-in ones, one's own, and what keeps them.

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, events, id, instance, member, organization, someone, text};

const AT: &str = "/v1/organization_roles";

async fn create(server: &Server, body: Value) -> Reply {
    server.client().post(AT).json(body).send().await
}

async fn custom(server: &Server, key: &str) -> Value {
    create(server, json!({ "name": "Custom", "key": key })).await.ok()
}

async fn list(server: &Server, query: &str) -> Value {
    server.client().get(&format!("{AT}{query}")).send().await.ok()
}

fn keys(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().expect("a page");
    data.iter().map(|role| text(&role["key"]).to_owned()).collect()
}

async fn built_in(server: &Server, key: &str) -> Value {
    let list = list(server, &format!("?query={key}")).await;
    assert_eq!(keys(&list), [key]);
    list["data"][0].clone()
}

/// The id of a permission, by its key.
async fn permission(server: &Server, key: &str) -> String {
    let call = server.client().get("/v1/organization_permissions").query("query", key);
    id(&call.send().await.ok()["data"][0])
}

both!(every_instance_has_two_roles_from_the_start, async |server| {
    let all = list(server, "?order_by=key").await;
    assert_eq!(
        (keys(&all), &all["total_count"]),
        (vec!["org:admin".into(), "org:member".into()], &json!(2))
    );
    let [admin, member] = [&all["data"][0], &all["data"][1]];
    assert_eq!((&admin["object"], &admin["name"]), (&json!("role"), &json!("Admin")));
    assert_eq!(
        (&admin["is_creator_eligible"], &member["is_creator_eligible"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(admin["permissions"].as_array().map(Vec::len), Some(9));
    let read: Vec<_> =
        member["permissions"].as_array().expect("permissions").iter().map(|p| &p["key"]).collect();
    assert_eq!(read, ["org:sys_memberships:read", "org:sys_billing:read"]);
    let got = server.client().get(&format!("{AT}/{}", id(admin))).send().await.ok();
    assert_eq!(&got, admin);
    assert!(server.events().await.is_empty());
});

both!(a_role_of_ones_own_has_what_its_creation_said, async |server| {
    let (read, manage) = (
        permission(server, "org:sys_memberships:read").await,
        permission(server, "org:sys_billing:manage").await,
    );
    let body = json!({
        "name": "Billing", "key": "org:billing_2", "description": "Pays.",
        "permissions": [read, manage, read], "include_in_initial_role_set": true,
    });
    let role = create(server, body).await.ok();
    assert_eq!((&role["name"], &role["key"]), (&json!("Billing"), &json!("org:billing_2")));
    assert_eq!(role["description"], "Pays.");
    assert_eq!(role["permissions"].as_array().map(Vec::len), Some(2));
    assert_eq!(role["created_at"], server.clock.now());
    assert_eq!(server.events().await, events([("role.created", &*id(&role))]));
    let plain = custom(server, "org:plain").await;
    assert_eq!((&plain["description"], &plain["permissions"]), (&Value::Null, &json!([])));
    // The built-in ones are still there.
    assert_eq!(list(server, "").await["total_count"], 4);
});

both!(lists_search_sort_and_page, async |server| {
    for (n, key) in ["org:b", "org:a", "org:c"].iter().enumerate() {
        server.clock.advance(1);
        let name = format!("Role {}", 3 - n);
        create(server, json!({ "name": name, "key": key })).await.ok();
    }
    for (query, expected) in [
        ("", vec!["org:c", "org:a", "org:b", "org:member", "org:admin"]),
        ("?query=ROLE", vec!["org:c", "org:a", "org:b"]),
        ("?query=org:a&order_by=key", vec!["org:a", "org:admin"]),
        ("?query=nothing", vec![]),
        ("?order_by=-key&limit=2", vec!["org:member", "org:c"]),
        ("?order_by=%2Bname&limit=2&offset=2", vec!["org:c", "org:a"]),
        ("?order_by=name&offset=9", vec![]),
    ] {
        assert_eq!(keys(&list(server, query).await), expected, "{query}");
    }
    let some = built_in(server, "org:c").await;
    let found = list(server, &format!("?query={}", id(&some))).await;
    assert_eq!((keys(&found), &found["total_count"]), (vec!["org:c".into()], &json!(1)));
    for (query, name) in [("limit=0", "limit"), ("offset=-1", "offset"), ("order_by=x", "order_by")]
    {
        let reply = server.client().get(&format!("{AT}?{query}")).unchecked().send().await;
        reply.refused(422, &[("form_param_value_invalid", name)]);
    }
});

both!(a_role_is_changed_field_by_field, async |server| {
    let role = id(&custom(server, "org:custom").await);
    let at = format!("{AT}/{role}");
    let read = permission(server, "org:sys_memberships:read").await;
    server.clock.advance(5);
    let body = json!({ "name": "New", "description": "d", "permissions": [read] });
    let changed = server.client().patch(&at).json(body).send().await.ok();
    assert_eq!((&changed["name"], &changed["key"]), (&json!("New"), &json!("org:custom")));
    assert_eq!(changed["updated_at"], server.clock.now());
    assert_eq!(changed["permissions"][0]["id"], read);
    let told = server.events().await;
    // Nothing changes, so nothing is told.
    let body = json!({ "name": null, "key": null, "permissions": null });
    assert_eq!(server.client().patch(&at).json(body).send().await.ok(), changed);
    assert_eq!(server.events().await, told);
    let body = json!({ "description": null, "permissions": [] });
    let cleared = server.client().patch(&at).json(body).send().await.ok();
    assert_eq!((&cleared["description"], &cleared["permissions"]), (&Value::Null, &json!([])));
});

both!(permissions_are_given_and_taken_one_by_one, async |server| {
    let role = id(&custom(server, "org:custom").await);
    let read = permission(server, "org:sys_memberships:read").await;
    let at = format!("{AT}/{role}/permissions/{read}");
    let client = server.client();
    let given = client.post(&at).send().await.ok();
    assert_eq!(given["permissions"][0]["key"], "org:sys_memberships:read");
    let again = client.post(&at).send().await;
    again.refused(409, &[("organization_role_permission_association_exists", "")]);
    assert_eq!(client.delete(&at).send().await.ok()["permissions"], json!([]));
    client.delete(&at).send().await.refused(404, &[("resource_not_found", "")]);
    for at in [format!("{AT}/{role}/permissions/perm_x"), format!("{AT}/role_x/permissions/{read}")]
    {
        client.post(&at).send().await.refused(404, &[("resource_not_found", "")]);
    }
});

both!(what_cannot_be_a_role_is_refused_by_name, async |server| {
    let missing = [("form_param_missing", "name"), ("form_param_missing", "key")];
    create(server, json!({})).await.refused(422, &missing);
    let body = json!({ "name": "", "key": "org:A", "description": "x".repeat(257), "color": 1 });
    server.client().post(AT).json(body).unchecked().send().await.refused(
        422,
        &[
            ("form_param_value_invalid", "name"),
            ("form_param_format_invalid", "key"),
            ("form_param_max_length_exceeded", "description"),
            ("form_param_unknown", "color"),
        ],
    );
    let taken = create(server, json!({ "name": "A", "key": "org:admin" })).await;
    taken.refused(422, &[("form_identifier_exists", "key")]);
    let body = json!({ "name": "A", "key": "org:a", "permissions": ["perm_x"] });
    create(server, body).await.refused(404, &[("resource_not_found", "")]);
    let role = id(&custom(server, "org:a").await);
    let renamed =
        server.client().patch(&format!("{AT}/{role}")).json(json!({ "key": "org:member" }));
    renamed.send().await.refused(422, &[("form_identifier_exists", "key")]);
    for call in [
        server.client().get(&format!("{AT}/role_x")),
        server.client().patch(&format!("{AT}/role_x")).json(json!({})),
        server.client().delete(&format!("{AT}/role_x")),
    ] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
});

both!(an_instance_has_so_many_roles_and_no_more, async |server| {
    server.settings(json!({ "organizations": { "max_allowed_roles": 4 } })).await;
    custom(server, "org:a").await;
    // Of two at once, one takes the last place.
    let [b, c] = ["org:b", "org:c"].map(|key| create(server, json!({ "name": "A", "key": key })));
    let (b, c) = tokio::join!(b, c);
    let mut statuses = [b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    let refused = if b.status == 403 { b } else { c };
    refused.refused(403, &[("organization_instance_roles_quota_exceeded", "")]);
    assert_eq!(list(server, "").await["total_count"], 4);
});

both!(a_role_in_use_cannot_be_deleted, async |server| {
    let client = server.client();
    let delete = |id: String| client.delete(&format!("{AT}/{id}")).send();
    let admin = id(&built_in(server, "org:admin").await);
    delete(admin).await.refused(422, &[("organization_role_default_creator_role", "")]);
    let default = id(&built_in(server, "org:member").await);
    delete(default).await.refused(422, &[("organization_role_domain_default_role", "")]);

    let role = id(&custom(server, "org:custom").await);
    let (acme, ada) = (organization(server, "Acme").await, someone(server, "adaada").await);
    member(server, &acme, &ada, "org:custom").await;
    delete(role.clone()).await.refused(422, &[("organization_role_assigned_members", "")]);
    let membership = format!("/v1/organizations/{acme}/memberships/{ada}");
    client.delete(&membership).send().await.ok();
    let deleted = delete(role.clone()).await.ok();
    assert_eq!(deleted, json!({ "object": "role", "id": role, "deleted": true }));
    assert!(server.events().await.contains(&("role.deleted".to_owned(), role.clone())));
    delete(role).await.refused(404, &[("resource_not_found", "")]);
});

both!(a_new_key_goes_to_members_and_settings, async |server| {
    let (acme, ada) = (organization(server, "Acme").await, someone(server, "adaada").await);
    member(server, &acme, &ada, "org:admin").await;
    let admin = id(&built_in(server, "org:admin").await);
    let body = json!({ "key": "org:owner", "name": "Owner" });
    server.client().patch(&format!("{AT}/{admin}")).json(body).send().await.ok();
    let members = server.client().get(&format!("/v1/organizations/{acme}/memberships"));
    let members = members.send().await.ok();
    let membership = &members["data"][0];
    assert_eq!(
        (&membership["role"], &membership["role_name"]),
        (&json!("org:owner"), &json!("Owner"))
    );
    let settings = &server.tenant().instance.settings.organizations;
    assert_eq!(settings.creator_role, "org:owner");
    let made = server.client().post("/v1/organizations");
    let made = made.json(json!({ "name": "B", "created_by": ada })).send().await.ok();
    let members = format!("/v1/organizations/{}/memberships", id(&made));
    let members = server.client().get(&members).send().await.ok();
    assert_eq!(members["data"][0]["role"], "org:owner");
});

both!(the_role_of_creators_keeps_what_running_an_organization_takes, async |server| {
    let admin = id(&built_in(server, "org:admin").await);
    let manage = permission(server, "org:sys_memberships:manage").await;
    let code = [("organization_missing_creator_role_permissions", "")];
    let client = server.client();
    let at = format!("{AT}/{admin}");
    client.patch(&at).json(json!({ "permissions": [manage] })).send().await.refused(422, &code);
    client.delete(&format!("{at}/permissions/{manage}")).send().await.refused(422, &code);
    let domains = permission(server, "org:sys_domains:read").await;
    client.delete(&format!("{at}/permissions/{domains}")).send().await.ok();
});

both!(roles_of_another_instance_are_unknown_and_forks_have_their_own, async |server| {
    let role = custom(server, "org:custom").await;
    let (other, client) = instance(server, json!({})).await;
    let at = format!("{AT}/{}", id(&role));
    client.get(&at).send().await.refused(404, &[("resource_not_found", "")]);
    client.delete(&at).send().await.refused(404, &[("resource_not_found", "")]);
    assert_eq!(client.get(AT).send().await.ok()["total_count"], 2);
    client.post(AT).json(json!({ "name": "B", "key": "org:custom" })).send().await.ok();
    delete_instance(server, &other).await;

    let fork = format!("/admin/v1/instances/{}/fork", server.instance_id);
    let fork = server.operator().post(&fork).json(json!({})).send().await.ok();
    let copy = server.client().with_token(Some(text(&fork["secret_key"])));
    assert_eq!(copy.get(&at).send().await.ok(), role);
    copy.delete(&at).send().await.ok();
    assert_eq!(server.client().get(&at).send().await.ok(), role);
    delete_instance(server, &id(&fork)).await;
});
