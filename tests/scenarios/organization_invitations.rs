//! Invitations to organizations: made, listed, revoked, expired and accepted.

use rollbook_testkit::{Client, Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{events, id, member, organization, someone, text};

const DAY_MS: i64 = 86_400_000;

fn path(organization: &str, below: &str) -> String {
    format!("/v1/organizations/{organization}/invitations{below}")
}

fn to(address: &str) -> Value {
    json!({ "email_address": address, "role": "org:member" })
}

async fn invite(server: &Server, organization: &str, body: Value) -> Reply {
    server.client().post(&path(organization, "")).json(body).send().await
}

async fn accept(server: &Server, invitation: &str, user: &str) -> Reply {
    let instance = &server.instance_id;
    let at = format!("/admin/v1/instances/{instance}/organization_invitations/{invitation}/accept");
    server.operator().post(&at).json(json!({ "user_id": user })).send().await
}

async fn person(server: &Server, address: &str) -> String {
    id(&server.create_user(json!({ "email_address": [address], "first_name": "Ada" })).await)
}

/// The addresses of a list, in order; the total must agree where there is one page.
async fn addresses(client: &Client, at: &str) -> Vec<String> {
    let list = client.get(at).send().await.ok();
    let data = list["data"].as_array().expect("a page");
    data.iter().map(|one| text(&one["email_address"]).to_owned()).collect()
}

both!(an_invitation_has_what_its_creation_said, async |server| {
    let acme = organization(server, "Acme").await;
    let admin = person(server, "boss@example.com").await;
    member(server, &acme, &admin, "org:admin").await;
    let body = json!({
        "email_address": "Ada@Example.COM", "role": "org:member", "inviter_user_id": admin,
        "public_metadata": { "a": 1 }, "private_metadata": { "b": 2 }, "expires_in_days": 7,
        "redirect_url": "https://app.example/join", "notify": false,
    });
    let made = invite(server, &acme, body).await.ok();
    assert_eq!(made["email_address"], "ada@example.com");
    assert_eq!((&made["role"], &made["role_name"]), (&json!("org:member"), &json!("Member")));
    assert_eq!((&made["organization_id"], &made["status"]), (&json!(acme), &json!("pending")));
    assert_eq!(
        (&made["public_metadata"], &made["private_metadata"]),
        (&json!({ "a": 1 }), &json!({ "b": 2 }))
    );
    assert_eq!(made["expires_at"], server.clock.now() + 7 * DAY_MS);
    assert_eq!(made["inviter_id"], admin.as_str());
    assert_eq!(made["public_inviter_data"]["identifier"], "boss@example.com");
    assert!(text(&made["url"]).contains("ticket="), "{made}");
    let client = server.client();
    let one = path(&acme, &format!("/{}", id(&made)));
    assert_eq!(client.get(&one).send().await.ok(), made);
    let unknown = [("resource_not_found", "")];
    client.get(&path(&acme, "/orginv_none")).send().await.refused(404, &unknown);
    let other = organization(server, "Other").await;
    client.get(&path(&other, &format!("/{}", id(&made)))).send().await.refused(404, &unknown);

    let plain = invite(server, &acme, to("bob@example.com")).await.ok();
    assert_eq!(plain["expires_at"], server.clock.now() + 30 * DAY_MS);
    assert_eq!((&plain["inviter_id"], &plain["public_inviter_data"]), (&Value::Null, &Value::Null));
    // The link is a secret of whoever gets the mail.
    for event in server.outbox().await {
        if event.kind == "organizationInvitation.created" {
            let told: Value = serde_json::from_str(&event.data).expect("JSON");
            assert_eq!(
                (&told["url"], &told["public_organization_data"]["id"]),
                (&Value::Null, &json!(acme))
            );
        }
    }
});

both!(the_link_is_mailed_unless_it_must_not_be, async |server| {
    let acme = organization(server, "Acme").await;
    let mailed = invite(server, &acme, to("ada@example.com")).await.ok();
    let mut quiet = to("bob@example.com");
    quiet["notify"] = json!(false);
    invite(server, &acme, quiet).await.ok();
    let mailbox = format!("/admin/v1/instances/{}/mailbox", server.instance_id);
    let mailbox = server.operator().get(&mailbox).send().await.ok();
    assert_eq!(mailbox["total_count"], 1);
    let mail = &mailbox["data"][0];
    assert_eq!(
        (&mail["to_email_address"], &mail["slug"]),
        (&json!("ada@example.com"), &json!("organization_invitation"))
    );
    assert!(text(&mail["body_plain"]).contains(text(&mailed["url"])), "{mail}");
    assert!(text(&mail["body_plain"]).contains("Acme"), "{mail}");
});

both!(what_cannot_be_invited_is_refused, async |server| {
    let acme = organization(server, "Acme").await;
    let (admin, plain) =
        (person(server, "boss@example.com").await, person(server, "in@example.com").await);
    member(server, &acme, &admin, "org:admin").await;
    member(server, &acme, &plain, "org:member").await;
    let with = |name: &str, value: Value| {
        let mut body = to("ada@example.com");
        body[name] = value;
        body
    };
    let not_admin = [("not_an_admin_in_organization", "inviter_user_id")];
    for user in [plain.as_str(), "user_nobody", &someone(server, "stranger").await] {
        invite(server, &acme, with("inviter_user_id", json!(user))).await.refused(403, &not_admin);
    }
    invite(server, &acme, with("role", json!("org:boss")))
        .await
        .refused(404, &[("resource_not_found", "role")]);
    invite(server, &acme, to("in@example.com"))
        .await
        .refused(400, &[("already_a_member_in_organization", "")]);
    invite(server, "org_none", to("ada@example.com"))
        .await
        .refused(404, &[("resource_not_found", "")]);
    let call = server.client().post(&path(&acme, "")).json(json!({
        "email_address": "nobody", "expires_in_days": 366, "redirect_url": "nowhere", "notify": 1, "color": 1,
    }));
    call.unchecked().send().await.refused(
        422,
        &[
            ("form_param_missing", "role"),
            ("form_param_value_invalid", "notify"),
            ("form_param_unknown", "color"),
            ("form_param_format_invalid", "email_address"),
            ("form_param_format_invalid", "redirect_url"),
            ("form_param_value_invalid", "expires_in_days"),
        ],
    );
    invite(server, &acme, to("ada@example.com")).await.ok();
    let again = invite(server, &acme, to("ADA@example.com")).await;
    again.refused(400, &[("organization_invitation_not_unique", "email_address")]);
    // Once it has run out, there may be another.
    server.clock.advance(30 * DAY_MS);
    invite(server, &acme, to("ada@example.com")).await.ok();
});

both!(pending_invitations_take_places, async |server| {
    let body = json!({ "name": "Acme", "max_allowed_memberships": 2 });
    let acme = id(&server.client().post("/v1/organizations").json(body).send().await.ok());
    let full = [("organization_membership_quota_exceeded", "")];
    let first = invite(server, &acme, to("ada@example.com")).await.ok();
    invite(server, &acme, to("bob@example.com")).await.ok();
    invite(server, &acme, to("eve@example.com")).await.refused(403, &full);
    let user = someone(server, "adaada").await;
    let joining = json!({ "user_id": user, "role": "org:member" });
    let at = format!("/v1/organizations/{acme}/memberships");
    server.client().post(&at).json(joining).send().await.refused(403, &full);
    // An invitation that is accepted keeps its place.
    let ada = person(server, "ada@example.com").await;
    accept(server, &id(&first), &ada).await.ok();
    invite(server, &acme, to("eve@example.com")).await.refused(403, &full);
    server.clock.advance(30 * DAY_MS);
    invite(server, &acme, to("eve@example.com")).await.ok();
});

both!(several_are_invited_at_once_or_none, async |server| {
    let acme = organization(server, "Acme").await;
    let client = server.client();
    let bulk = |bodies: Value| client.post(&path(&acme, "/bulk")).json(bodies).unchecked().send();
    let made = bulk(json!([to("b@example.com"), to("a@example.com")])).await.ok();
    assert_eq!(made["total_count"], 2);
    let of = |made: &Value| {
        made["data"]
            .as_array()
            .expect("invitations")
            .iter()
            .map(|one| text(&one["email_address"]).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&made), ["b@example.com", "a@example.com"]);
    for (bodies, status, code) in [
        (
            json!([to("c@example.com"), to("a@example.com")]),
            400,
            "organization_invitation_not_unique",
        ),
        (
            json!([to("c@example.com"), to("c@example.com")]),
            400,
            "organization_invitation_not_unique",
        ),
        (json!([to("c@example.com"), to("nobody")]), 422, "form_param_format_invalid"),
        (json!([to("c@example.com"), {}]), 422, "form_param_missing"),
        (json!(vec![to("c@example.com"); 11]), 400, "bulk_size_exceeded"),
        (json!([]), 400, "request_body_invalid"),
        (json!({}), 400, "request_body_invalid"),
        (json!([1]), 400, "request_body_invalid"),
    ] {
        let reply = bulk(bodies.clone()).await;
        assert_eq!((reply.status, reply.problems()[0].0.as_str()), (status, code), "{bodies}");
    }
    let left = client.get(&path(&acme, "")).send().await.ok();
    assert_eq!(left["total_count"], 2);
});

both!(lists_go_by_status_address_and_order, async |server| {
    let (acme, other) = (organization(server, "Acme").await, organization(server, "Other").await);
    let client = server.client();
    let mut made = Vec::new();
    for (organization, address, days) in [
        (&acme, "charly@example.com", 30),
        (&acme, "ada@example.com", 30),
        (&acme, "bob@example.com", 1),
        (&acme, "eve@example.com", 30),
        (&other, "ada@example.com", 30),
    ] {
        let mut body = to(address);
        body["expires_in_days"] = json!(days);
        made.push(id(&invite(server, organization, body).await.ok()));
        server.clock.advance(1000);
    }
    let ada = person(server, "ada@example.com").await;
    accept(server, &made[1], &ada).await.ok();
    client.post(&path(&acme, &format!("/{}/revoke", made[3]))).send().await.ok();
    server.clock.advance(DAY_MS);
    let short =
        |all: &[&str]| all.iter().map(|name| format!("{name}@example.com")).collect::<Vec<_>>();
    for (below, expected) in [
        ("", &["eve", "bob", "ada", "charly"][..]),
        ("?order_by=created_at", &["charly", "ada", "bob", "eve"]),
        ("?order_by=email_address", &["ada", "bob", "charly", "eve"]),
        ("?order_by=-email_address", &["eve", "charly", "bob", "ada"]),
        ("?status=pending", &["charly"]),
        ("?status=expired", &["bob"]),
        ("?status=accepted", &["ada"]),
        ("?status=revoked", &["eve"]),
        ("?status=pending&status=revoked", &["eve", "charly"]),
        ("?email_address=ADA@example.com", &["ada"]),
        ("?email_address=nobody", &[]),
        ("?limit=1&offset=1", &["bob"]),
        ("?offset=4", &[]),
        ("/pending", &["charly"]),
    ] {
        assert_eq!(addresses(&client, &path(&acme, below)).await, short(expected), "{below}");
    }
    for (below, expected) in [
        ("", &["ada", "eve", "bob", "ada", "charly"][..]),
        ("?query=AD", &["ada", "ada"]),
        ("?query=%25", &[]),
        ("?status=pending&order_by=email_address", &["ada", "charly"]),
    ] {
        let at = format!("/v1/organization_invitations{below}");
        assert_eq!(addresses(&client, &at).await, short(expected), "{below}");
    }
    let everywhere = client.get("/v1/organization_invitations?limit=1").send().await.ok();
    assert_eq!(everywhere["total_count"], 5);
    assert_eq!(everywhere["data"][0]["public_organization_data"]["slug"], "other");
    for at in [
        path(&acme, ""),
        "/v1/organization_invitations".to_owned(),
        format!("/v1/users/{ada}/organization_invitations"),
    ] {
        let reply = client.get(&at).query("status", "gone").unchecked().send().await;
        reply.refused(422, &[("form_param_value_invalid", "status")]);
    }
    client.get(&path("org_none", "")).send().await.refused(404, &[("resource_not_found", "")]);
});

both!(a_user_has_the_invitations_to_its_verified_addresses, async |server| {
    let acme = organization(server, "Acme").await;
    let client = server.client();
    for address in
        ["ada@example.com", "second@example.com", "reserved@example.com", "bob@example.com"]
    {
        invite(server, &acme, to(address)).await.ok();
        server.clock.advance(1000);
    }
    let body = json!({
        "email_address": ["ada@example.com", "second@example.com", "reserved@example.com"],
        "email_address_identification_status": ["verified", "verified", "reserved"],
    });
    let ada = id(&server.create_user(body).await);
    let at = format!("/v1/users/{ada}/organization_invitations");
    assert_eq!(addresses(&client, &at).await, ["second@example.com", "ada@example.com"]);
    let list = client.get(&at).send().await.ok();
    assert_eq!(list["total_count"], 2);
    let public = json!({
        "id": acme, "name": "Acme", "slug": "acme", "has_image": false,
        "image_url": list["data"][0]["public_organization_data"]["image_url"],
    });
    assert_eq!(list["data"][0]["public_organization_data"], public);
    assert_eq!(addresses(&client, &format!("{at}?limit=1&offset=1")).await, ["ada@example.com"]);
    assert_eq!(addresses(&client, &format!("{at}?status=accepted")).await, Vec::<String>::new());
    let nobody = someone(server, "nobody").await;
    let none =
        client.get(&format!("/v1/users/{nobody}/organization_invitations")).send().await.ok();
    assert_eq!(none, json!({ "data": [], "total_count": 0 }));
    let unknown = client.get("/v1/users/user_nobody/organization_invitations").send().await;
    unknown.refused(404, &[("resource_not_found", "")]);
    server.settings(json!({ "organizations": { "enabled": false } })).await;
    client.get(&at).send().await.refused(403, &[("organization_not_enabled_in_instance", "")]);
});

both!(an_accepted_invitation_makes_a_member, async |server| {
    let acme = organization(server, "Acme").await;
    let mut body = to("ada@example.com");
    body["public_metadata"] = json!({ "a": 1 });
    body["private_metadata"] = json!({ "b": 2 });
    body["role"] = json!("org:admin");
    body["notify"] = json!(false);
    let invitation = id(&invite(server, &acme, body).await.ok());
    let (ada, bob) =
        (person(server, "ada@example.com").await, person(server, "bob@example.com").await);
    accept(server, &invitation, &bob)
        .await
        .refused(422, &[("form_verification_needed", "user_id")]);
    accept(server, &invitation, "user_nobody").await.refused(404, &[("resource_not_found", "")]);
    accept(server, "orginv_none", &ada).await.refused(404, &[("resource_not_found", "")]);
    let accepted = accept(server, &invitation, &ada).await.ok();
    assert_eq!((&accepted["status"], &accepted["url"]), (&json!("accepted"), &Value::Null));
    accept(server, &invitation, &ada)
        .await
        .refused(400, &[("organization_invitation_already_accepted", "")]);
    let client = server.client();
    let list = client.get(&format!("/v1/users/{ada}/organization_memberships")).send().await.ok();
    let membership = &list["data"][0];
    assert_eq!(
        (&membership["role"], &membership["public_metadata"]),
        (&json!("org:admin"), &json!({ "a": 1 }))
    );
    assert_eq!(membership["private_metadata"], json!({ "b": 2 }));
    let told = server.outbox().await;
    let told =
        told.iter().find(|event| event.kind == "organizationInvitation.accepted").expect("told");
    let told: Value = serde_json::from_str(&told.data).expect("JSON");
    assert_eq!((&told["user_id"], &told["status"]), (&json!(ada), &json!("accepted")));
    let expected = events([
        ("organization.created", &acme),
        ("organizationInvitation.created", &invitation),
        ("organizationInvitation.accepted", &invitation),
        ("organizationMembership.created", text(&membership["id"])),
        ("user.created", &ada),
        ("user.created", &bob),
    ]);
    assert_eq!(server.events().await, expected);
});

both!(only_a_pending_invitation_is_revoked_and_by_whom_it_may, async |server| {
    let acme = organization(server, "Acme").await;
    let (admin, plain) =
        (person(server, "boss@example.com").await, person(server, "in@example.com").await);
    member(server, &acme, &admin, "org:admin").await;
    member(server, &acme, &plain, "org:member").await;
    let client = server.client();
    let made = id(&invite(server, &acme, to("ada@example.com")).await.ok());
    let revoke = |id: &str, user: Option<&str>| {
        let call = client.post(&path(&acme, &format!("/{id}/revoke")));
        match user {
            Some(user) => call.json(json!({ "requesting_user_id": user })).send(),
            None => call.send(),
        }
    };
    revoke(&made, Some(&plain))
        .await
        .refused(403, &[("not_an_admin_in_organization", "requesting_user_id")]);
    revoke("orginv_none", None).await.refused(404, &[("resource_not_found", "")]);
    let revoked = revoke(&made, Some(&admin)).await.ok();
    assert_eq!((&revoked["status"], &revoked["url"]), (&json!("revoked"), &Value::Null));
    revoke(&made, None).await.refused(400, &[("organization_invitation_revoked_code", "")]);
    let ada = person(server, "ada@example.com").await;
    accept(server, &made, &ada).await.refused(400, &[("organization_invitation_revoked_code", "")]);
    // Revoked ones stand in nobody's way.
    let again = id(&invite(server, &acme, to("ada@example.com")).await.ok());
    server.clock.advance(31 * DAY_MS);
    let expired = [("organization_invitation_not_pending", "")];
    revoke(&again, None).await.refused(404, &expired);
    accept(server, &again, &ada).await.refused(404, &expired);
    assert!(server.events().await.contains(&("organizationInvitation.revoked".to_owned(), made)));
});

both!(of_revoking_and_accepting_at_once_one_happens, async |server| {
    for round in 0..5 {
        let acme = organization(server, &format!("Acme {round}")).await;
        let address = format!("ada{round}@example.com");
        let made = id(&invite(server, &acme, to(&address)).await.ok());
        let ada = person(server, &address).await;
        let at = format!(
            "/admin/v1/instances/{}/organization_invitations/{made}/accept",
            server.instance_id
        );
        let accepting = server.operator().post(&at).json(json!({ "user_id": ada }));
        let revoking = server.client().post(&path(&acme, &format!("/{made}/revoke")));
        let [one, two] = [accepting, revoking].map(|call| tokio::spawn(call.send()));
        let mut statuses = [one.await.expect("sent").status, two.await.expect("sent").status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
});

both!(of_two_invitations_at_once_one_is_made, async |server| {
    let acme = organization(server, "Acme").await;
    for round in 0..5 {
        let body = to(&format!("ada{round}@example.com"));
        let [one, two] = [(); 2].map(|()| {
            tokio::spawn(server.client().post(&path(&acme, "")).json(body.clone()).send())
        });
        let mut statuses = [one.await.expect("sent").status, two.await.expect("sent").status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
});

both!(invitations_outlive_their_inviter_and_not_their_organization, async |server| {
    let acme = organization(server, "Acme").await;
    let admin = person(server, "boss@example.com").await;
    member(server, &acme, &admin, "org:admin").await;
    let mut body = to("ada@example.com");
    body["inviter_user_id"] = json!(admin);
    let made = id(&invite(server, &acme, body).await.ok());
    let client = server.client();
    client.delete(&format!("/v1/users/{admin}")).send().await.ok();
    let left = client.get(&path(&acme, &format!("/{made}"))).send().await.ok();
    assert_eq!((&left["inviter_id"], &left["public_inviter_data"]), (&Value::Null, &Value::Null));
    client.delete(&format!("/v1/organizations/{acme}")).send().await.ok();
    let none = client.get("/v1/organization_invitations").send().await.ok();
    assert_eq!(none["total_count"], 0);
});
