//! Invitations to the application: made, found, taken back, accepted, run out.

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, ids, instance, text};

const AT: &str = "/v1/invitations";

const DAY_MS: i64 = 86_400_000;

async fn invite(server: &Server, body: Value) -> Reply {
    server.client().post(AT).json(body).send().await
}

async fn invited(server: &Server, address: &str) -> Value {
    invite(server, json!({ "email_address": address })).await.ok()
}

async fn list(server: &Server, query: &str) -> Value {
    server.client().get(&format!("{AT}?{query}")).send().await.ok()
}

/// The newest mails, as the operator sees them.
async fn mailbox(server: &Server) -> Vec<Value> {
    let path = format!("/admin/v1/instances/{}/mailbox", server.instance_id);
    let page = server.operator().get(&path).send().await.ok();
    page["data"].as_array().expect("a page").clone()
}

both!(an_address_is_invited_by_mail, async |server| {
    let body = json!({
        "email_address": "Ada@Example.com", "public_metadata": { "plan": "pro" },
        "redirect_url": "https://app.example/join?x=1", "expires_in_days": 7,
    });
    let made = invite(server, body).await.ok();
    assert_eq!(
        (&made["email_address"], &made["status"]),
        (&json!("ada@example.com"), &json!("pending"))
    );
    assert_eq!(
        (&made["revoked"], &made["public_metadata"]),
        (&json!(false), &json!({ "plan": "pro" }))
    );
    assert_eq!(made["expires_at"], server.clock.now() + 7 * DAY_MS);
    let url = text(&made["url"]);
    let (page, ticket) = url.split_once("&__clerk_ticket=").expect("a ticket");
    assert_eq!(page, "https://app.example/join?x=1");
    assert_eq!(ticket.split_once("&__clerk_status=sign_up").expect("a status").0.len(), 43);
    let mails = mailbox(server).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (&mails[0]["to_email_address"], &mails[0]["slug"]),
        (&json!("ada@example.com"), &json!("invitation"))
    );
    assert!(text(&mails[0]["body_plain"]).contains(url));
    assert_eq!(mails[0]["user_id"], Value::Null);
    let events = server.events().await;
    assert_eq!(events, [("email.created".to_owned(), id(&made))]);
});

both!(without_notice_there_is_no_mail_and_without_a_page_the_link_leads_here, async |server| {
    let body =
        json!({ "email_address": "a@example.com", "notify": false, "expires_in_days": null });
    let made = invite(server, body).await.ok();
    assert!(text(&made["url"]).starts_with(&format!("{}/v1/tickets/accept?ticket=", server.url)));
    assert_eq!(made["expires_at"], server.clock.now() + 30 * DAY_MS);
    assert!(mailbox(server).await.is_empty() && server.events().await.is_empty());
    let body = json!({ "email_address": "b@example.com", "template_slug": "waitlist_invitation" });
    invite(server, body).await.ok();
    assert_eq!(mailbox(server).await[0]["slug"], "waitlist_invitation");
});

both!(who_is_invited_or_a_user_already_is_refused_unless_that_is_to_be_ignored, async |server| {
    invited(server, "a@example.com").await;
    let again = invite(server, json!({ "email_address": "A@example.com" })).await;
    again.refused(400, &[("duplicate_record", "email_address")]);
    server.create_user(json!({ "email_address": ["u@example.com"] })).await;
    let user = invite(server, json!({ "email_address": "u@example.com" })).await;
    user.refused(422, &[("form_identifier_exists", "email_address")]);
    for address in ["a@example.com", "u@example.com"] {
        invite(server, json!({ "email_address": address, "ignore_existing": true })).await.ok();
    }
    assert_eq!(list(server, "status=pending").await.as_array().map(Vec::len), Some(3));
});

both!(of_two_that_invite_an_address_at_once_one_is_refused, async |server| {
    let both = [(); 2].map(|()| invite(server, json!({ "email_address": "a@example.com" })));
    let [a, b] = both;
    let (a, b) = tokio::join!(a, b);
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
});

both!(what_cannot_be_an_invitation_is_refused_by_name, async |server| {
    invite(server, json!({})).await.refused(422, &[("form_param_missing", "email_address")]);
    let body = json!({
        "email_address": "nobody", "redirect_url": "/join", "expires_in_days": 366,
        "template_slug": "x", "public_metadata": { "a": "x".repeat(9000) }, "role": "org:admin",
    });
    server.client().post(AT).json(body).unchecked().send().await.refused(
        422,
        &[
            ("form_param_format_invalid", "email_address"),
            ("form_param_format_invalid", "redirect_url"),
            ("form_param_value_invalid", "expires_in_days"),
            ("form_param_value_invalid", "template_slug"),
            ("form_param_exceeds_allowed_size", "public_metadata"),
            ("form_param_unknown", "role"),
        ],
    );
    server.settings(json!({ "attributes": { "email_address": { "enabled": false } } })).await;
    let reply = invite(server, json!({ "email_address": "a@example.com" })).await;
    reply.refused(400, &[("invitations_not_supported", "")]);
});

both!(several_are_invited_at_once_or_none, async |server| {
    let at = format!("{AT}/bulk");
    let bulk = |body: Value| server.client().post(&at).json(body).unchecked().send();
    let made = bulk(json!([
        { "email_address": "b@example.com" },
        { "email_address": "a@example.com", "public_metadata": { "a": 1 }, "notify": false },
    ]));
    let made = made.await.ok();
    assert_eq!(
        (&made[0]["email_address"], &made[1]["email_address"]),
        (&json!("b@example.com"), &json!("a@example.com"))
    );
    assert_eq!(mailbox(server).await.len(), 1);
    server.create_user(json!({ "email_address": ["u@example.com"] })).await;
    let refused = bulk(json!([
        { "email_address": "new@example.com" },
        { "email_address": "a@example.com" },
        { "email_address": "u@example.com", "ignore_existing": true },
    ]));
    let refused = refused.await;
    // The status is that of the first.
    refused.refused(
        400,
        &[("duplicate_record", "email_address"), ("form_identifier_exists", "email_address")],
    );
    assert_eq!(list(server, "").await.as_array().map(Vec::len), Some(2));
    bulk(json!([{ "email_address": "a@example.com", "ignore_existing": true }])).await.ok();
    let twice = json!([{ "email_address": "c@example.com" }, { "email_address": "c@example.com" }]);
    bulk(twice).await.refused(400, &[("duplicate_record", "email_address")]);
    let eleven: Vec<_> =
        (0..11).map(|n| json!({ "email_address": format!("x{n}@example.com") })).collect();
    bulk(json!(eleven)).await.refused(400, &[("bulk_size_exceeded", "")]);
    for body in [json!([]), json!({}), json!([1])] {
        bulk(body).await.refused(400, &[("request_body_invalid", "")]);
    }
    bulk(json!([{}, { "email_address": "x" }])).await.refused(
        422,
        &[("form_param_missing", "email_address"), ("form_param_format_invalid", "email_address")],
    );
});

both!(an_invitation_is_taken_back_once, async |server| {
    let made = invited(server, "a@example.com").await;
    let revoke = |id: String| server.client().post(&format!("{AT}/{id}/revoke")).send();
    server.clock.advance(5);
    let revoked = revoke(id(&made)).await.ok();
    assert_eq!((&revoked["status"], &revoked["revoked"]), (&json!("revoked"), &json!(true)));
    assert_eq!(revoked["updated_at"], server.clock.now());
    revoke(id(&made)).await.refused(400, &[("invitation_already_revoked", "")]);
    revoke("inv_x".to_owned()).await.refused(404, &[("resource_not_found", "")]);
    // The address is free to be invited again.
    let again = invited(server, "a@example.com").await;
    server.create_user(json!({ "email_address": ["a@example.com"] })).await;
    revoke(id(&again)).await.refused(400, &[("invitation_already_accepted", "")]);
});

both!(an_invitation_runs_out_by_the_clock, async |server| {
    let made = invite(server, json!({ "email_address": "a@example.com", "expires_in_days": 1 }));
    let made = made.await.ok();
    server.clock.advance(DAY_MS - 1);
    assert_eq!(list(server, "status=pending").await[0]["status"], "pending");
    server.clock.advance(1);
    assert_eq!(list(server, "status=pending").await, json!([]));
    let expired = list(server, "status=expired").await;
    assert_eq!((id(&expired[0]), &expired[0]["status"]), (id(&made), &json!("expired")));
    // It no longer stands in the way, and gives a new user nothing.
    invited(server, "a@example.com").await;
    let revoked = server.client().post(&format!("{AT}/{}/revoke", id(&made))).send().await.ok();
    assert_eq!(revoked["status"], "revoked");
});

both!(a_new_user_accepts_and_gets_the_metadata, async |server| {
    let body =
        json!({ "email_address": "a@example.com", "public_metadata": { "a": 1, "b": { "c": 1 } } });
    let first = invite(server, body).await.ok();
    server.clock.advance(1);
    let body = json!({
        "email_address": "a@example.com", "public_metadata": { "a": 2, "d": 4 }, "ignore_existing": true,
    });
    invite(server, body).await.ok();
    let body = json!({ "email_address": "gone@example.com", "public_metadata": { "gone": true } });
    let gone = invite(server, body).await.ok();
    server.client().post(&format!("{AT}/{}/revoke", id(&gone))).send().await.ok();
    server.clock.advance(1);
    let user = server.create_user(json!({
        "email_address": ["A@example.com", "gone@example.com"], "public_metadata": { "d": 5, "b": { "e": 1 } },
    }));
    let user = user.await;
    assert_eq!(user["public_metadata"], json!({ "a": 2, "b": { "c": 1, "e": 1 }, "d": 5 }));
    assert_eq!(server.get_user(&id(&user)).await, user);
    let accepted = list(server, "status=accepted").await;
    assert_eq!(accepted.as_array().map(Vec::len), Some(2));
    assert_eq!(accepted[0]["updated_at"], server.clock.now());
    assert!(ids(&accepted).contains(&id(&first)));
    assert_eq!(list(server, "status=pending").await, json!([]));
    // Who is refused accepts nothing.
    invited(server, "b@example.com").await;
    let body = json!({ "email_address": ["b@example.com", "a@example.com"] });
    assert_eq!(server.client().post("/v1/users").json(body).send().await.status, 422);
    assert_eq!(list(server, "status=pending").await.as_array().map(Vec::len), Some(1));
});

both!(a_reserved_address_accepts_nothing, async |server| {
    let body = json!({ "email_address": "a@example.com", "public_metadata": { "a": 1 } });
    invite(server, body).await.ok();
    let user = server.create_user(json!({
        "username": "adaada", "email_address": ["a@example.com"],
        "email_address_identification_status": ["reserved"],
    }));
    assert_eq!(user.await["public_metadata"], json!({}));
    assert_eq!(list(server, "status=pending").await.as_array().map(Vec::len), Some(1));
});

both!(lists_filter_sort_and_page, async |server| {
    let mut made = Vec::new();
    for (n, address) in ["c@example.com", "a@example.com", "b@example.net"].iter().enumerate() {
        server.clock.advance(1);
        let body = json!({ "email_address": address, "expires_in_days": 3 - n, "notify": false });
        made.push(id(&invite(server, body).await.ok()));
    }
    let [c, a, b] = [made[0].as_str(), &made[1], &made[2]];
    for (query, expected) in [
        ("", vec![b, a, c]),
        ("order_by=created_at", vec![c, a, b]),
        ("order_by=email_address", vec![a, b, c]),
        ("order_by=-expires_at&limit=2", vec![c, a]),
        ("order_by=%2Bemail_address&limit=1&offset=1", vec![b]),
        ("query=EXAMPLE.com", vec![a, c]),
        ("query=%25", vec![]),
        (&format!("query={a}"), vec![a]),
        ("status=pending&query=b@", vec![b]),
        ("status=accepted", vec![]),
        ("offset=9", vec![]),
    ] {
        assert_eq!(ids(&list(server, query).await), expected, "{query}");
    }
    server.client().post(&format!("{AT}/{c}/revoke")).send().await.ok();
    assert_eq!(ids(&list(server, "").await), [b, a]);
    assert_eq!(ids(&list(server, "status=revoked").await), [c]);
    let page = list(server, "paginated=true&limit=1").await;
    assert_eq!((ids(&page["data"]), &page["total_count"]), (vec![b.to_owned()], &json!(2)));
    for (query, code, name) in [
        ("status=lost", "form_param_value_invalid", "status"),
        ("order_by=status", "form_param_value_invalid", "order_by"),
        ("limit=501", "form_param_value_invalid", "limit"),
        ("paginated=1", "form_param_type_invalid", "paginated"),
    ] {
        let reply = server.client().get(&format!("{AT}?{query}")).unchecked().send().await;
        reply.refused(422, &[(code, name)]);
    }
});

both!(clerk_invites_a_hundred_times_an_hour, async |server| {
    let limits = json!({ "invitations_per_hour": 2, "invitations_bulk_per_hour": 1 });
    server.settings(json!({ "rate_limits": limits })).await;
    for n in 0..2 {
        invited(server, &format!("a{n}@example.com")).await;
    }
    let slowed = invite(server, json!({ "email_address": "b@example.com" })).await;
    slowed.refused(429, &[("too_many_requests", "")]);
    assert_eq!(slowed.header("retry-after"), Some("3600"));
    let bulk = |address: &str| {
        let body = json!([{ "email_address": address }]);
        server.client().post(&format!("{AT}/bulk")).json(body).send()
    };
    bulk("b@example.com").await.ok();
    bulk("c@example.com").await.refused(429, &[("too_many_requests", "")]);
    server.clock.advance(3_600_000);
    invited(server, "d@example.com").await;
    bulk("c@example.com").await.ok();
    server.settings(json!({ "rate_limits": "clerk" })).await;
    let numbers = server.tenant().instance.settings.rate_limits;
    let numbers = numbers.numbers(server.tenant().instance.environment);
    assert_eq!(
        (numbers.invitations_per_hour, numbers.invitations_bulk_per_hour),
        (Some(100), Some(25))
    );
});

both!(invitations_of_another_instance_are_unknown, async |server| {
    let made = invited(server, "a@example.com").await;
    let (other, client) = instance(server, json!({})).await;
    assert_eq!(client.get(AT).send().await.ok(), json!([]));
    let revoke = client.post(&format!("{AT}/{}/revoke", id(&made))).send().await;
    revoke.refused(404, &[("resource_not_found", "")]);
    let user = client.post("/v1/users").json(json!({ "email_address": ["a@example.com"] }));
    user.send().await.ok();
    assert_eq!(ids(&list(server, "status=pending").await), [id(&made)]);
    delete_instance(server, &other).await;
});
