//! Memberships: add, list, change and remove members.

use rollbook_testkit::{Client, Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{id, member, organization, someone, text};

fn path(organization: &str, below: &str) -> String {
    format!("/v1/organizations/{organization}/memberships{below}")
}

async fn add(server: &Server, organization: &str, body: Value) -> Reply {
    server.client().post(&path(organization, "")).json(body).send().await
}

async fn users(client: &Client, at: &str, query: &[(&str, &str)]) -> Vec<String> {
    let mut call = client.get(at);
    for (name, value) in query {
        call = call.query(name, value);
    }
    let list = call.send().await.ok();
    let data = list["data"].as_array().expect("a page");
    assert!(number_of(&list) >= data.len());
    data.iter().map(|one| text(&one["public_user_data"]["user_id"]).to_owned()).collect()
}

fn number_of(list: &Value) -> usize {
    usize::try_from(list["total_count"].as_i64().expect("a number")).expect("not negative")
}

both!(a_member_is_added_with_role_and_metadata, async |server| {
    let acme = organization(server, "Acme").await;
    let ada = server
        .create_user(json!({
            "username": "adaada", "email_address": ["ada@example.com"], "first_name": "Ada", "last_name": "L",
        }))
        .await;
    let body = json!({
        "user_id": id(&ada), "role": "org:member",
        "public_metadata": { "a": 1 }, "private_metadata": { "b": 2 },
    });
    let made = add(server, &acme, body).await.ok();
    assert_eq!((&made["role"], &made["role_name"]), (&json!("org:member"), &json!("Member")));
    assert_eq!(made["permissions"], json!(["org:sys_memberships:read", "org:sys_billing:read"]));
    assert_eq!(
        (&made["public_metadata"], &made["private_metadata"]),
        (&json!({ "a": 1 }), &json!({ "b": 2 }))
    );
    assert_eq!(made["organization"]["id"], acme.as_str());
    let person = json!({
        "user_id": id(&ada), "first_name": "Ada", "last_name": "L", "profile_image_url": ada["image_url"],
        "image_url": ada["image_url"], "has_image": false, "identifier": "ada@example.com",
        "username": "adaada", "banned": false, "deprovisioned": false,
    });
    assert_eq!(made["public_user_data"], person);
    for at in [
        path(&acme, ""),
        format!("/v1/users/{}/organization_memberships", id(&ada)),
        "/v1/organization_memberships".to_owned(),
    ] {
        let list = server.client().get(&at).send().await.ok();
        assert_eq!(list, json!({ "data": [made], "total_count": 1 }), "{at}");
    }
    let again = json!({ "user_id": id(&ada), "role": "org:admin" });
    add(server, &acme, again).await.refused(400, &[("already_a_member_in_organization", "")]);
});

both!(nobody_is_added_to_nothing_or_as_nothing, async |server| {
    let acme = organization(server, "Acme").await;
    let user = someone(server, "adaada").await;
    let body = |user: &str, role: &str| json!({ "user_id": user, "role": role });
    let unknown = [("resource_not_found", "")];
    add(server, &acme, body("user_nobody", "org:member")).await.refused(404, &unknown);
    add(server, "org_none", body(&user, "org:member")).await.refused(404, &unknown);
    add(server, &acme, body(&user, "org:boss"))
        .await
        .refused(404, &[("resource_not_found", "role")]);
    let call = server.client().post(&path(&acme, "")).json(json!({ "role": 1, "color": "red" }));
    call.unchecked().send().await.refused(
        422,
        &[
            ("form_param_missing", "user_id"),
            ("form_param_value_invalid", "role"),
            ("form_param_unknown", "color"),
        ],
    );
    let client = server.client();
    client.get(&path("org_none", "")).send().await.refused(404, &unknown);
    let at = "/v1/users/user_nobody/organization_memberships";
    client.get(at).send().await.refused(404, &unknown);
    assert_eq!(client.get("/v1/organization_memberships").send().await.ok()["total_count"], 0);
});

both!(there_are_no_more_members_than_allowed, async |server| {
    let body = json!({ "name": "Acme", "max_allowed_memberships": 2 });
    let made = server.client().post("/v1/organizations").json(body).send().await.ok();
    let acme = id(&made);
    let mut people = Vec::new();
    for n in 0..5 {
        people.push(someone(server, &format!("user_{n}")).await);
    }
    member(server, &acme, &people[0], "org:member").await;
    // Of all who come at once, one finds room.
    let calls: Vec<_> = people[1..]
        .iter()
        .map(|user| {
            let body = json!({ "user_id": user, "role": "org:member" });
            tokio::spawn(server.client().post(&path(&acme, "")).json(body).send())
        })
        .collect();
    let mut admitted = 0;
    for call in calls {
        let reply = call.await.expect("sent");
        if reply.status == 200 {
            admitted += 1;
        } else {
            reply.refused(403, &[("organization_membership_quota_exceeded", "")]);
        }
    }
    assert_eq!(admitted, 1);
    let at = format!("/v1/organizations/{acme}?include_members_count=true");
    assert_eq!(server.client().get(&at).send().await.ok()["members_count"], 2);
});

both!(someone_who_can_run_the_organization_stays, async |server| {
    let acme = organization(server, "Acme").await;
    let client = server.client();
    let (ada, bob) = (someone(server, "adaada").await, someone(server, "bobbob").await);
    member(server, &acme, &ada, "org:admin").await;
    member(server, &acme, &bob, "org:member").await;
    let last = [("organization_minimum_permissions_needed", "")];
    let demote = json!({ "role": "org:member" });
    let of_ada = path(&acme, &format!("/{ada}"));
    client.patch(&of_ada).json(demote.clone()).send().await.refused(400, &last);
    client.delete(&of_ada).send().await.refused(400, &last);
    // The same role again is no change.
    client.patch(&of_ada).json(json!({ "role": "org:admin" })).send().await.ok();
    let of_bob = path(&acme, &format!("/{bob}"));
    let promoted = client.patch(&of_bob).json(json!({ "role": "org:admin" })).send().await.ok();
    assert_eq!((&promoted["role"], &promoted["role_name"]), (&json!("org:admin"), &json!("Admin")));
    // Of two who step down at once, one stays.
    let calls =
        [&of_ada, &of_bob].map(|at| tokio::spawn(client.patch(at).json(demote.clone()).send()));
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.expect("sent").status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let updates = server.events().await;
    let updates = updates.iter().filter(|(kind, _)| kind == "organizationMembership.updated");
    assert_eq!(updates.count(), 2);
});

both!(a_member_is_removed, async |server| {
    let acme = organization(server, "Acme").await;
    let client = server.client();
    let user = someone(server, "adaada").await;
    let made = member(server, &acme, &user, "org:member").await;
    let at = path(&acme, &format!("/{user}"));
    assert_eq!(client.delete(&at).send().await.ok(), made);
    let unknown = [("resource_not_found", "")];
    client.delete(&at).send().await.refused(404, &unknown);
    client.patch(&at).json(json!({ "role": "org:admin" })).send().await.refused(404, &unknown);
    client.patch(&format!("{at}/metadata")).json(json!({})).send().await.refused(404, &unknown);
    assert_eq!(number_of(&client.get(&path(&acme, "")).send().await.ok()), 0);
    let events = server.events().await;
    assert!(events.contains(&("organizationMembership.deleted".to_owned(), id(&made))));
});

both!(metadata_of_a_membership_are_merged, async |server| {
    let acme = organization(server, "Acme").await;
    let user = someone(server, "adaada").await;
    let made = member(server, &acme, &user, "org:member").await;
    let at = path(&acme, &format!("/{user}/metadata"));
    let client = server.client();
    server.clock.advance(1000);
    assert_eq!(client.patch(&at).json(json!({})).send().await.ok(), made);
    let body = json!({ "public_metadata": { "a": { "b": 1 } }, "private_metadata": { "c": 1 } });
    client.patch(&at).json(body).send().await.ok();
    let body = json!({ "public_metadata": { "a": { "d": 2 } }, "private_metadata": { "c": null } });
    let merged = client.patch(&at).json(body).send().await.ok();
    assert_eq!(merged["public_metadata"], json!({ "a": { "b": 1, "d": 2 } }));
    assert_eq!(merged["private_metadata"], json!({}));
    assert!(merged["updated_at"].as_i64() > made["updated_at"].as_i64());
    let large = json!({ "public_metadata": { "x": "x".repeat(9000) } });
    let reply = client.patch(&at).json(large).send().await;
    reply.refused(422, &[("form_param_exceeds_allowed_size", "public_metadata")]);
    let reply = client.patch(&at).json(json!({ "unsafe_metadata": {} })).unchecked().send().await;
    reply.refused(422, &[("form_param_unknown", "unsafe_metadata")]);
});

both!(members_are_filtered_and_sorted_by_what_their_users_are, async |server| {
    let (acme, other) = (organization(server, "Acme").await, organization(server, "Other").await);
    let client = server.client();
    let mut people = Vec::new();
    for (username, first, last, phone) in [
        ("charly", Some("Zoe"), Some("Hopper"), Some("+12125550103")),
        ("adaada", Some("ada"), None, Some("+12125550101")),
        ("bobbob", None, Some("Lovelace"), None),
    ] {
        let mut body =
            json!({ "username": username, "email_address": [format!("{username}@example.com")] });
        for (name, value) in [("first_name", first), ("last_name", last)] {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        if let Some(phone) = phone {
            body["phone_number"] = json!([phone]);
        }
        people.push(id(&server.create_user(body).await));
        server.clock.advance(1000);
    }
    let stranger = someone(server, "stranger").await;
    member(server, &other, &stranger, "org:member").await;
    let [charly, ada, bob] = [&people[0], &people[1], &people[2]];
    for (user, role) in [(charly, "org:member"), (ada, "org:admin"), (bob, "org:member")] {
        member(server, &acme, user, role).await;
        server.clock.advance(1000);
    }
    let at = path(&acme, "");
    let created = server.get_user(ada).await["created_at"].to_string();
    let minus = format!("-{ada}");
    for (query, expected) in [
        (vec![], vec![bob, ada, charly]),
        (vec![("order_by", "created_at")], vec![charly, ada, bob]),
        (vec![("order_by", "+username")], vec![ada, bob, charly]),
        (vec![("order_by", "-email_address")], vec![charly, bob, ada]),
        (vec![("order_by", "first_name")], vec![ada, charly, bob]),
        (vec![("order_by", "-first_name")], vec![charly, ada, bob]),
        (vec![("order_by", "last_name")], vec![charly, bob, ada]),
        (vec![("order_by", "-phone_number")], vec![charly, ada, bob]),
        (vec![("role", "org:admin")], vec![ada]),
        (vec![("role", "org:admin"), ("role", "org:member")], vec![bob, ada, charly]),
        (vec![("role", "org:boss")], vec![]),
        (vec![("user_id", ada), ("user_id", charly)], vec![ada, charly]),
        (vec![("user_id", &minus)], vec![bob, charly]),
        (vec![("user_id", &stranger)], vec![]),
        (vec![("email_address", "BOBBOB@example.com")], vec![bob]),
        (vec![("phone_number", "+12125550101")], vec![ada]),
        (vec![("username", "charly")], vec![charly]),
        (vec![("web3_wallet", "0x71C7656EC7ab88b098defB751B7401B5f6d8976F")], vec![]),
        (vec![("query", "OVELA")], vec![bob]),
        (vec![("query", "stranger")], vec![]),
        (vec![("email_address_query", "HARL")], vec![charly]),
        (vec![("phone_number_query", "555010")], vec![ada, charly]),
        (vec![("username_query", "BOB")], vec![bob]),
        (vec![("name_query", "zoe h")], vec![charly]),
        (vec![("created_at_after", &created)], vec![bob]),
        (vec![("created_at_before", &created)], vec![charly]),
        (vec![("last_active_at_after", "0")], vec![]),
        (vec![("limit", "1"), ("offset", "1")], vec![ada]),
        (vec![("limit", "1"), ("offset", "3")], vec![]),
    ] {
        let found = users(&client, &at, &query).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query:?}");
    }
    let everyone =
        users(&client, "/v1/organization_memberships", &[("order_by", "username")]).await;
    assert_eq!(everyone, [ada, bob, charly, &stranger].map(String::clone));
    for at in [&*at, "/v1/organization_memberships"] {
        let reply = client.get(at).query("order_by", "updated_at").unchecked().send().await;
        reply.refused(422, &[("form_param_value_invalid", "order_by")]);
    }
    // The users' own list goes by the same memberships.
    let list = client.get("/v1/users").query("organization_id", &acme).send().await.ok();
    assert_eq!(list.as_array().map(Vec::len), Some(3));
});

both!(a_deleted_user_leaves_its_organizations, async |server| {
    let client = server.client();
    let ada = someone(server, "adaada").await;
    let body = json!({ "name": "Acme", "created_by": ada });
    let acme = id(&client.post("/v1/organizations").json(body).send().await.ok());
    let other = organization(server, "Other").await;
    member(server, &other, &ada, "org:member").await;
    client.delete(&format!("/v1/users/{ada}")).send().await.ok();
    for (organization, missing) in [(&acme, true), (&other, true)] {
        let call = client.get(&format!("/v1/organizations/{organization}"));
        let call = call.query("include_members_count", true);
        let call = call.query("include_missing_member_with_elevated_permissions", true);
        let found = call.send().await.ok();
        assert_eq!(found["members_count"], 0);
        assert_eq!(found["missing_member_with_elevated_permissions"], missing);
        assert_eq!(found.get("created_by"), None);
    }
    assert_eq!(number_of(&client.get("/v1/organization_memberships").send().await.ok()), 0);
    let told = server.outbox().await;
    let of_ada: Vec<_> = told.iter().map(|event| event.kind.as_str()).collect();
    let place = |kind: &str| of_ada.iter().position(|told| *told == kind);
    assert!(place("organizationMembership.deleted") < place("user.deleted"), "{of_ada:?}");
});
