//! Organizations: create, find, list, change and delete them.

use image::ImageFormat;
use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{events, id, member, organization, picture, someone, text};

async fn create(server: &Server, body: Value) -> Reply {
    server.client().post("/v1/organizations").json(body).send().await
}

fn path(organization: &str, below: &str) -> String {
    format!("/v1/organizations/{organization}{below}")
}

both!(a_new_organization_has_what_its_creation_said_and_defaults_for_the_rest, async |server| {
    let body = create(server, json!({ "name": " Acme & Co. " })).await.ok();
    assert_eq!(body["name"], "Acme & Co.");
    assert_eq!(body["slug"], "acme-co");
    assert_eq!(body["max_allowed_memberships"], 0);
    assert_eq!(body["admin_delete_enabled"], true);
    assert_eq!(body["has_image"], false);
    assert_eq!(body["created_at"], server.clock.now());
    assert_eq!((&body["public_metadata"], &body["private_metadata"]), (&json!({}), &json!({})));
    for absent in ["created_by", "members_count", "last_active_at", "logo_url"] {
        assert_eq!(body.get(absent), None, "{absent}");
    }
    let initials = format!("/images/default/{}/AC", id(&body));
    assert!(text(&body["image_url"]).ends_with(&initials), "{body}");
    server.client().get(&initials).send().await;

    let given = json!({
        "name": "Acme", "slug": "acme-2", "max_allowed_memberships": 7,
        "public_metadata": { "a": 1 }, "private_metadata": { "b": 2 },
        "created_at": "2012-10-20T07:15:20.902Z", "created_by": null, "role_set_key": null,
    });
    let body = create(server, given).await.ok();
    assert_eq!((&body["slug"], &body["max_allowed_memberships"]), (&json!("acme-2"), &json!(7)));
    assert_eq!(body["public_metadata"], json!({ "a": 1 }));
    assert_eq!(body["private_metadata"], json!({ "b": 2 }));
    assert_eq!(body["created_at"], 1_350_717_320_902_i64);
    for (n, slug) in [(1, "acme"), (2, "acme-")] {
        let made = create(server, json!({ "name": "ACME" })).await.ok();
        assert!(text(&made["slug"]).starts_with(slug), "{n}: {made}");
    }
});

both!(who_creates_an_organization_becomes_its_first_member, async |server| {
    let user = someone(server, "adaada").await;
    let body = create(server, json!({ "name": "Acme", "created_by": user })).await.ok();
    assert_eq!(body["created_by"], user.as_str());
    let organization = id(&body);
    let members = server.client().get(&path(&organization, "/memberships")).send().await.ok();
    assert_eq!(members["total_count"], 1);
    let membership = &members["data"][0];
    assert_eq!(
        (&membership["role"], &membership["role_name"]),
        (&json!("org:admin"), &json!("Admin"))
    );
    assert_eq!(membership["public_user_data"]["user_id"], user.as_str());
    assert_eq!(membership["permissions"].as_array().map(Vec::len), Some(9));
    let expected = events([
        ("user.created", &user),
        ("organization.created", &organization),
        ("organizationMembership.created", text(&membership["id"])),
    ]);
    assert_eq!(server.events().await, expected);
});

both!(a_user_creates_as_many_organizations_as_it_may, async |server| {
    let client = server.client();
    let limited = json!({ "username": "adaada", "create_organizations_limit": 2 });
    let limited = id(&server.create_user(limited).await);
    for name in ["One", "Two"] {
        create(server, json!({ "name": name, "created_by": limited })).await.ok();
    }
    let third = json!({ "name": "Three", "created_by": limited });
    create(server, third.clone())
        .await
        .refused(403, &[("org_creation_limit_exceeded", "created_by")]);
    // One that is gone counts no more.
    client.delete(&path("one", "")).unchecked().send().await;
    let one = id(&client.get(&path("one", "")).send().await.ok());
    client.delete(&path(&one, "")).send().await.ok();
    create(server, third).await.ok();

    let barred = json!({ "username": "bobbob", "create_organization_enabled": false });
    let barred = id(&server.create_user(barred).await);
    let reply = create(server, json!({ "name": "Four", "created_by": barred })).await;
    reply.refused(403, &[("authorization_invalid", "created_by")]);
    let reply = create(server, json!({ "name": "Five", "created_by": "user_nobody" })).await;
    reply.refused(422, &[("form_resource_not_found", "created_by")]);
});

both!(all_that_is_wrong_with_a_creation_is_said_at_once, async |server| {
    let body = json!({
        "name": "<b>Acme</b>", "slug": "No Slug", "max_allowed_memberships": -1,
        "created_at": "yesterday", "role_set_key": "role_set:x", "public_metadata": [],
        "private_metadata": { "a": "x".repeat(9000) }, "color": "red",
    });
    let reply = server.client().post("/v1/organizations").json(body).unchecked().send().await;
    reply.refused(
        422,
        &[
            ("form_param_value_invalid", "public_metadata"),
            ("form_param_unknown", "color"),
            ("form_param_value_invalid", "name"),
            ("form_param_format_invalid", "slug"),
            ("form_param_value_invalid", "max_allowed_memberships"),
            ("form_param_invalid_time", "created_at"),
            ("form_resource_not_found", "role_set_key"),
            ("form_param_exceeds_allowed_size", "private_metadata"),
        ],
    );
    for (body, code) in [
        (json!({}), "form_param_missing"),
        (json!({ "name": null }), "form_param_nil"),
        (json!({ "name": "" }), "form_param_value_invalid"),
        (json!({ "name": "a".repeat(257) }), "form_param_max_length_exceeded"),
    ] {
        let reply = server.client().post("/v1/organizations").json(body).unchecked().send().await;
        reply.refused(422, &[(code, "name")]);
    }
    let far = json!({ "name": "A", "created_at": "2999-01-01T00:00:00Z" });
    create(server, far).await.refused(422, &[("form_disallow_future_date", "created_at")]);
    create(server, json!({ "name": "A", "slug": "taken" })).await.ok();
    let again = create(server, json!({ "name": "B", "slug": "taken" })).await;
    again.refused(422, &[("form_identifier_exists", "slug")]);
    assert_eq!(server.events().await.len(), 1);
});

both!(slugs_cannot_be_chosen_where_they_are_disabled, async |server| {
    server
        .settings(
            json!({ "organizations": { "slug_disabled": true, "max_allowed_memberships": 5 } }),
        )
        .await;
    let reply = create(server, json!({ "name": "A", "slug": "a" })).await;
    reply.refused(403, &[("organization_slugs_disabled", "slug")]);
    let body = create(server, json!({ "name": "A" })).await.ok();
    assert_eq!((&body["slug"], &body["max_allowed_memberships"]), (&json!("a"), &json!(5)));
    let reply =
        server.client().patch(&path(&id(&body), "")).json(json!({ "slug": "b" })).send().await;
    reply.refused(403, &[("organization_slugs_disabled", "slug")]);
});

both!(without_organizations_everything_about_them_is_refused, async |server| {
    let user = someone(server, "adaada").await;
    let organization = organization(server, "Acme").await;
    server.settings(json!({ "organizations": { "enabled": false } })).await;
    let client = server.client();
    let code = [("organization_not_enabled_in_instance", "")];
    for at in [
        "/v1/organizations",
        "/v1/organization_memberships",
        &path(&organization, ""),
        &path(&organization, "/memberships"),
        &format!("/v1/users/{user}/organization_memberships"),
    ] {
        client.get(at).send().await.refused(403, &code);
    }
    create(server, json!({ "name": "A" })).await.refused(403, &code);
    client.delete(&path(&organization, "")).send().await.refused(403, &code);
});

both!(an_organization_is_found_by_its_id_and_by_its_slug, async |server| {
    let made = create(server, json!({ "name": "Acme", "slug": "acme" })).await.ok();
    let client = server.client();
    for at in [text(&made["id"]), "acme"] {
        assert_eq!(client.get(&path(at, "")).send().await.ok(), made);
    }
    client.get(&path("acme-2", "")).send().await.refused(404, &[("resource_not_found", "")]);
    let counted = client
        .get(&path("acme", ""))
        .query("include_members_count", true)
        .query("include_missing_member_with_elevated_permissions", true)
        .send()
        .await
        .ok();
    assert_eq!(counted["members_count"], 0);
    assert_eq!(counted["pending_invitations_count"], 0);
    assert_eq!(counted["missing_member_with_elevated_permissions"], true);
    let user = someone(server, "adaada").await;
    for (role, missing) in [("org:member", true), ("org:admin", false)] {
        let user = someone(server, &role.replace(':', "_")).await;
        member(server, &id(&made), &user, role).await;
        let call = client.get(&path("acme", ""));
        let call = call.query("include_missing_member_with_elevated_permissions", true);
        let found = call.send().await.ok();
        assert_eq!(found["missing_member_with_elevated_permissions"], missing, "{role}");
    }
    assert!(!user.is_empty());
});

both!(lists_filter_sort_and_page, async |server| {
    let client = server.client();
    let (ada, bob) = (someone(server, "adaada").await, someone(server, "bobbob").await);
    let mut made = Vec::new();
    for name in ["Beta", "alpha", "Gamma Ray"] {
        made.push(organization(server, name).await);
        server.clock.advance(1000);
    }
    let [beta, alpha, gamma] = [&made[0], &made[1], &made[2]];
    for (organization, user) in [(beta, &ada), (alpha, &ada), (alpha, &bob)] {
        member(server, organization, user, "org:member").await;
    }
    let minus = |id: &str| format!("-{id}");
    for (filter, expected) in [
        (vec![], vec![gamma, alpha, beta]),
        (vec![("order_by", "name".to_owned())], vec![alpha, beta, gamma]),
        (vec![("order_by", "-name".to_owned())], vec![gamma, beta, alpha]),
        (vec![("order_by", "+created_at".to_owned())], vec![beta, alpha, gamma]),
        (vec![("order_by", "-members_count".to_owned())], vec![alpha, beta, gamma]),
        (vec![("query", "A R".to_owned())], vec![gamma]),
        (vec![("query", "MMA-r".to_owned())], vec![gamma]),
        (vec![("query", alpha.clone())], vec![alpha]),
        (vec![("query", alpha[..12].to_owned())], vec![]),
        (vec![("user_id", ada.clone())], vec![alpha, beta]),
        (vec![("user_id", ada.clone()), ("user_id", minus(&bob))], vec![beta]),
        (vec![("user_id", minus(&ada))], vec![gamma]),
        (vec![("user_id", "user_nobody".to_owned())], vec![]),
        (
            vec![("organization_id", beta.clone()), ("organization_id", gamma.clone())],
            vec![gamma, beta],
        ),
        (vec![("organization_id", minus(beta))], vec![gamma, alpha]),
        (vec![("organization_id", format!("+{beta}"))], vec![beta]),
    ] {
        let mut call = client.get("/v1/organizations");
        for (name, value) in &filter {
            call = call.query(name, value);
        }
        let list = call.send().await.ok();
        let found: Vec<String> = list["data"].as_array().expect("a page").iter().map(id).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
        assert_eq!(list["total_count"], expected.len(), "{filter:?}");
    }
    let page = client.get("/v1/organizations?limit=1&offset=1&include_members_count=true");
    let page = page.send().await.ok();
    assert_eq!((page["total_count"].as_i64(), id(&page["data"][0])), (Some(3), alpha.clone()));
    assert_eq!(page["data"][0]["members_count"], 2);
    for (query, code, name) in [
        ("limit=0", "form_param_value_invalid", "limit"),
        ("offset=x", "form_param_type_invalid", "offset"),
        ("order_by=color", "form_param_value_invalid", "order_by"),
        ("include_members_count=1", "form_param_type_invalid", "include_members_count"),
    ] {
        let reply = client.get(&format!("/v1/organizations?{query}")).unchecked().send().await;
        reply.refused(422, &[(code, name)]);
    }
});

both!(an_update_changes_what_it_names, async |server| {
    let made =
        create(server, json!({ "name": "Acme", "public_metadata": { "a": 1, "b": 2 } })).await.ok();
    let client = server.client();
    let at = path(text(&made["id"]), "");
    server.clock.advance(1000);
    for nothing in [
        json!({}),
        json!({ "name": null, "slug": null, "max_allowed_memberships": null, "public_metadata": null }),
    ] {
        assert_eq!(client.patch(&at).json(nothing).send().await.ok(), made);
    }
    let update = json!({
        "name": "Acme 2", "slug": "acme-two", "max_allowed_memberships": 3,
        "admin_delete_enabled": false, "public_metadata": { "c": 3 }, "created_at": "2020-01-01T00:00:00Z",
    });
    let body = client.patch(&at).json(update).send().await.ok();
    assert_eq!((&body["name"], &body["slug"]), (&json!("Acme 2"), &json!("acme-two")));
    assert_eq!(
        (&body["max_allowed_memberships"], &body["admin_delete_enabled"]),
        (&json!(3), &json!(false))
    );
    assert_eq!(body["public_metadata"], json!({ "c": 3 }));
    assert_eq!(body["created_at"], 1_577_836_800_000_i64);
    assert_eq!(body["updated_at"], server.clock.now());
    assert_eq!(client.get(&at).send().await.ok(), body);
    let updates = server.outbox().await;
    let updates: Vec<_> =
        updates.iter().filter(|event| event.kind == "organization.updated").collect();
    assert_eq!(updates.len(), 1);
    let told: Value = serde_json::from_str(&updates[0].data).expect("JSON");
    assert_eq!((&told["slug"], &told["members_count"]), (&json!("acme-two"), &json!(0)));

    let other = organization(server, "Other").await;
    let reply = client.patch(&path(&other, "")).json(json!({ "slug": "acme-two" })).send().await;
    reply.refused(422, &[("form_identifier_exists", "slug")]);
    let reply = client.patch(&path("org_none", "")).json(json!({ "name": "A" })).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
    let newest = client.patch(&at).header("Clerk-API-Version", "2026-05-12");
    let reply = newest.json(json!({ "public_metadata": {}, "private_metadata": {} })).send().await;
    let gone = "form_param_deprecated";
    reply.refused(422, &[(gone, "public_metadata"), (gone, "private_metadata")]);
});

both!(metadata_are_merged_or_replaced, async |server| {
    let made =
        create(server, json!({ "name": "Acme", "public_metadata": { "a": { "b": 1 }, "c": 2 } }))
            .await
            .ok();
    let client = server.client();
    let at = path(text(&made["id"]), "/metadata");
    let patch =
        json!({ "public_metadata": { "a": { "d": 3 }, "c": null }, "private_metadata": null });
    let body = client.patch(&at).json(patch).send().await.ok();
    assert_eq!(body["public_metadata"], json!({ "a": { "b": 1, "d": 3 } }));
    let body = client.put(&at).json(json!({ "private_metadata": { "x": 1 } })).send().await.ok();
    assert_eq!(body["public_metadata"], json!({ "a": { "b": 1, "d": 3 } }));
    assert_eq!(body["private_metadata"], json!({ "x": 1 }));
    let body = client.put(&at).json(json!({ "public_metadata": {} })).send().await.ok();
    assert_eq!(body["public_metadata"], json!({}));
    let large = json!({ "private_metadata": { "y": "x".repeat(8190) } });
    let reply = client.patch(&at).json(large).send().await;
    reply.refused(422, &[("form_param_exceeds_allowed_size", "private_metadata")]);
});

both!(a_logo_is_set_and_deleted, async |server| {
    let organization = organization(server, "Acme").await;
    let client = server.client();
    let at = path(&organization, "/logo");
    let png = picture(8, 8, ImageFormat::Png);
    let set = client.put(&at).file("file", &png).send().await.ok();
    assert_eq!((&set["has_image"], &set["logo_url"]), (&json!(true), &set["image_url"]));
    let url = text(&set["image_url"]).to_owned();
    let shown = url.strip_prefix(&server.ctx.public_url).expect("a picture of this server");
    assert_eq!(client.get(shown).send().await.status, 200);
    let body = client.delete(&at).send().await.ok();
    assert_eq!(body["has_image"], false);
    assert_eq!(client.get(shown).send().await.status, 404);
    assert_eq!(client.delete(&at).send().await.ok(), body);
    let reply = client.put(&at).file("file", b"no picture").send().await;
    reply.refused(400, &[("request_body_invalid", "file")]);
    let reply = client.put(&path("org_none", "/logo")).file("file", &png).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
});

both!(a_deleted_organization_takes_everything_with_it, async |server| {
    let client = server.client();
    let user = someone(server, "adaada").await;
    let body = create(server, json!({ "name": "Acme", "created_by": user })).await.ok();
    let organization = id(&body);
    let upload = client.put(&path(&organization, "/logo"));
    let logo = upload.file("file", &picture(8, 8, ImageFormat::Png)).send().await.ok();
    let deleted = client.delete(&path(&organization, "")).send().await.ok();
    let wanted =
        json!({ "object": "organization", "id": organization, "slug": "acme", "deleted": true });
    assert_eq!(deleted, wanted);
    client
        .delete(&path(&organization, ""))
        .send()
        .await
        .refused(404, &[("resource_not_found", "")]);
    let of_user =
        client.get(&format!("/v1/users/{user}/organization_memberships")).send().await.ok();
    assert_eq!(of_user, json!({ "data": [], "total_count": 0 }));
    let shown =
        text(&logo["image_url"]).strip_prefix(&server.ctx.public_url).expect("ours").to_owned();
    assert_eq!(client.get(&shown).send().await.status, 404);
    let kinds: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
    for kind in ["organization.deleted", "organizationMembership.deleted"] {
        assert_eq!(kinds.iter().filter(|k| *k == kind).count(), 1, "{kind}");
    }
    // The slug is free again.
    assert_eq!(create(server, json!({ "name": "Acme" })).await.ok()["slug"], "acme");
});

both!(two_who_choose_the_same_slug_at_once_do_not_both_get_it, async |server| {
    for round in 0..5 {
        let slug = format!("slug-{round}");
        let other = organization(server, &format!("Other {round}")).await;
        let body = json!({ "name": "A", "slug": slug });
        let creation = server.client().post("/v1/organizations").json(body);
        let update = server.client().patch(&path(&other, "")).json(json!({ "slug": slug }));
        let [one, two] = [creation, update].map(|call| tokio::spawn(call.send()));
        let mut statuses = [one.await.expect("sent").status, two.await.expect("sent").status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    }
});
