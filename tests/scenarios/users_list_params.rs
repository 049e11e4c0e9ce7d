//! The parameters of a list: what they mean at the edges, and what is refused.

use rollbook_testkit::both;
use serde_json::json;

use crate::support::{id, ids, join, signed_in_at, someone};

both!(each_wrong_parameter_is_refused_by_name_by_list_and_count, async |server| {
    let client = server.client();
    let many = "username=a&".repeat(101);
    for (query, code, param, also_count) in [
        ("limit=0", "form_param_value_invalid", "limit", false),
        ("limit=501", "form_param_value_invalid", "limit", false),
        ("limit=-1", "form_param_value_invalid", "limit", false),
        ("limit=ten", "form_param_type_invalid", "limit", false),
        ("offset=-1", "form_param_value_invalid", "offset", false),
        ("offset=1.5", "form_param_type_invalid", "offset", false),
        ("order_by=shoe_size", "form_param_value_invalid", "order_by", false),
        ("order_by=web3_wallet", "form_param_value_invalid", "order_by", false),
        ("order_by=", "form_param_value_invalid", "order_by", false),
        ("starting_after=user_none", "form_param_value_invalid", "starting_after", false),
        ("banned=yes", "form_param_type_invalid", "banned", true),
        ("created_at_before=2026-01-01", "form_param_invalid_date", "created_at_before", true),
        ("last_active_at_since=-", "form_param_invalid_date", "last_active_at_since", true),
        ("last_sign_in_at_after=1.5", "form_param_invalid_date", "last_sign_in_at_after", true),
        ("provider=google", "form_conditional_param_missing", "provider_user_id", true),
        ("provider_user_id=1", "form_conditional_param_missing", "provider", true),
        (&many, "form_param_array_size_exceeded", "username", true),
    ] {
        let reply = client.get(&format!("/v1/users?{query}")).send().await;
        reply.refused(422, &[(code, param)]);
        let reply = client.get(&format!("/v1/users/count?{query}")).send().await;
        if also_count {
            reply.refused(422, &[(code, param)]);
        } else {
            assert_eq!(reply.ok()["total_count"], 0, "the count has no {param}");
        }
    }
});

both!(a_cursor_goes_only_with_the_order_of_creation_and_without_offset, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    for more in ["order_by=username", "offset=1"] {
        let path = format!("/v1/users?starting_after={user}&{more}");
        client
            .get(&path)
            .send()
            .await
            .refused(422, &[("form_param_value_invalid", "starting_after")]);
    }
    for more in ["order_by=created_at", "offset=0", "limit=1"] {
        let path = format!("/v1/users?starting_after={user}&{more}");
        assert_eq!(client.get(&path).send().await.ok(), json!([]));
    }
});

both!(ten_are_listed_newest_first_unless_asked_otherwise, async |server| {
    let mut users = Vec::new();
    for n in 0..12 {
        users.push(someone(server, &format!("user_{n}")).await);
        server.clock.advance(1000);
    }
    users.reverse();
    let client = server.client();
    let list = async |query: &str| ids(&client.get(&format!("/v1/users{query}")).send().await.ok());
    assert_eq!(list("").await, users[..10]);
    assert_eq!(list("?limit=500").await, users);
    assert_eq!(list("?offset=11").await, users[11..]);
    assert_eq!(list("?offset=12").await, users[12..]);
    assert_eq!(list("?offset=9223372036854775807").await, users[12..]);
    assert_eq!(
        list("?order_by=-created_at&order_by=shoe_size").await,
        users[..10],
        "only the first counts"
    );
    users.reverse();
    for ascending in ["created_at", "%2Bcreated_at", "+created_at"] {
        assert_eq!(list(&format!("?limit=500&order_by={ascending}")).await, users);
    }
    assert_eq!(
        list("?limit=500&colour=red&query=").await.len(),
        12,
        "unknown and empty are ignored"
    );
});

both!(percent_and_underscore_in_a_search_are_themselves, async |server| {
    let percent =
        id(&server.create_user(json!({ "username": "percent", "first_name": "100%" })).await);
    let under =
        id(&server.create_user(json!({ "username": "under_score", "last_name": "a_b" })).await);
    id(&server
        .create_user(json!({ "username": "neither", "first_name": "100x", "last_name": "axb" }))
        .await);
    let client = server.client();
    for (name, text, found) in [
        ("query", "%", vec![&percent]),
        ("query", "_", vec![&under]),
        ("name_query", "0%", vec![&percent]),
        ("name_query", "a_b", vec![&under]),
        ("username_query", "r_s", vec![&under]),
        ("username_query", "%", vec![]),
        ("email_address_query", "_", vec![]),
        ("query", "\\", vec![]),
        ("query", "*", vec![]),
        ("query", "\"", vec![]),
    ] {
        let answer = client.get("/v1/users").query(name, text).send().await.ok();
        let mut ids = ids(&answer);
        // "user_…" holds an underscore, and ids are searched by `query`.
        if (name, text) == ("query", "_") {
            ids.retain(|id| *id == under);
        }
        assert_eq!(ids.iter().collect::<Vec<_>>(), found, "{name}={text}");
    }
});

both!(a_full_name_is_found_by_first_and_last_together, async |server| {
    let ada = server
        .create_user(json!({ "username": "adaada", "first_name": "Ada", "last_name": "Lovelace" }))
        .await;
    server
        .create_user(
            json!({ "username": "lovelace", "first_name": "Lovelace", "last_name": "Ada" }),
        )
        .await;
    let client = server.client();
    for name in ["query", "name_query"] {
        for text in ["ada lovelace", "ADA LOVE", "a l"] {
            let found = client.get("/v1/users").query(name, text).send().await.ok();
            assert_eq!(found, json!([ada]), "{name}={text}");
        }
    }
});

both!(
    names_are_found_in_any_script_by_letters_of_any_case_with_or_without_accents,
    async |server| {
        for (n, (first_name, last_name)) in [
            ("Émile", "Nguyễn"),
            ("İpek", "Łódź"),
            ("Ольга", "Ёлкина"),
            ("李", "雷"),
            ("محمد", "عليّ"),
            ("がく", "한국"),
        ]
        .into_iter()
        .enumerate()
        {
            let body = json!({
                "username": format!("number_{n}"), "first_name": first_name, "last_name": last_name,
            });
            server.create_user(body).await;
        }
        let address = json!({ "email_address": ["émilie@example.com"], "username": "number_6" });
        server.create_user(address).await;
        for (parameter, text, expected) in [
            ("name_query", "emile", &[0][..]),
            ("name_query", "E\u{301}MILE NGUYEN", &[0]),
            ("query", "nguyễn", &[0]),
            ("query", "émil", &[0, 6]),
            ("query", "emilie@", &[6]),
            ("email_address_query", "émil", &[6]),
            // An address is spelled as it is.
            ("email_address_query", "emil", &[]),
            ("name_query", "ipek", &[1]),
            ("name_query", "łodz", &[1]),
            ("name_query", "lodz", &[]),
            ("name_query", "ОЛЬГА елк", &[2]),
            ("query", "雷", &[3]),
            ("query", "حم", &[4]),
            ("query", "が", &[5]),
            ("query", "か", &[]),
            ("name_query", "국", &[5]),
            // A mark alone is no search.
            ("name_query", "\u{301}", &[0, 1, 2, 3, 4, 5, 6]),
        ] {
            let call = server.client().get("/v1/users").query(parameter, text);
            let found = call.query("order_by", "+username").send().await.ok();
            let found =
                found.as_array().expect("a list").iter().map(|user| user["username"].clone());
            let expected: Vec<_> = expected.iter().map(|n| json!(format!("number_{n}"))).collect();
            assert_eq!(found.collect::<Vec<_>>(), expected, "{parameter}={text}");
        }
    }
);

both!(no_match_crosses_from_one_field_to_the_next, async |server| {
    server.create_user(json!({ "username": "adaada", "first_name": "Bob", "email_address": ["x@example.com"] })).await;
    let client = server.client();
    for text in ["com\nadaada", "adabob", "adaada bob", "x@example.comadaada"] {
        let found = client.get("/v1/users").query("query", text).send().await.ok();
        assert_eq!(found, json!([]), "{text}");
    }
});

both!(organizations_include_and_exclude_their_members, async |server| {
    let mut users = Vec::new();
    for n in 0..4 {
        users.push(someone(server, &format!("user_{n}")).await);
        server.clock.advance(1000);
    }
    join(server, "org_a", &users[0]).await;
    join(server, "org_a", &users[1]).await;
    join(server, "org_b", &users[1]).await;
    join(server, "org_b", &users[2]).await;
    let client = server.client();
    for (query, found) in [
        ("organization_id=org_a", vec![0, 1]),
        ("organization_id=%2Borg_a", vec![0, 1]),
        ("organization_id=+org_a", vec![0, 1]),
        ("organization_id=org_a&organization_id=org_b", vec![0, 1, 2]),
        ("organization_id=-org_a", vec![2, 3]),
        ("organization_id=org_a&organization_id=-org_b", vec![0]),
        ("organization_id=org_none", vec![]),
        ("organization_id=-org_none", vec![0, 1, 2, 3]),
        ("organization_id[]=org_b", vec![1, 2]),
    ] {
        let answer =
            client.get(&format!("/v1/users?order_by=created_at&{query}")).send().await.ok();
        let found: Vec<_> = found.into_iter().map(|n: usize| users[n].clone()).collect();
        assert_eq!(ids(&answer), found, "{query}");
    }
});

both!(the_newer_name_of_a_filter_beats_the_deprecated_one, async |server| {
    let early = someone(server, "early").await;
    let late = someone(server, "late").await;
    signed_in_at(server, &early, 1000).await;
    signed_in_at(server, &late, 2000).await;
    let client = server.client();
    for (query, found) in [
        ("last_active_at_since=1000", vec![&late]),
        ("last_active_at_since=5000&last_active_at_after=1000", vec![&late]),
        ("last_active_at_after=999&last_active_at_before=2000", vec![&early]),
        ("last_sign_in_at_after=2000", vec![]),
    ] {
        let answer = client.get(&format!("/v1/users?{query}")).send().await.ok();
        assert_eq!(ids(&answer).iter().collect::<Vec<_>>(), found, "{query}");
        let count = client.get(&format!("/v1/users/count?{query}")).send().await.ok();
        assert_eq!(count["total_count"], found.len());
    }
});

both!(users_of_another_instance_are_never_found, async |server| {
    let user = someone(server, "adaada").await;
    let (other, client) = crate::support::instance(server, json!({})).await;
    assert_eq!(client.get("/v1/users").send().await.ok(), json!([]));
    assert_eq!(client.get("/v1/users/count").send().await.ok()["total_count"], 0);
    client
        .get(&format!("/v1/users/{user}"))
        .send()
        .await
        .refused(404, &[("resource_not_found", "")]);
    let reply = client.get(&format!("/v1/users?starting_after={user}")).send().await;
    reply.refused(422, &[("form_param_value_invalid", "starting_after")]);
    client.post("/v1/users").json(json!({ "username": "adaada" })).send().await.ok();
    crate::support::delete_instance(server, &other).await;
});
