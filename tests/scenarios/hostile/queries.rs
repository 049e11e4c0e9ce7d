//! Queries: odd numbers, wildcards, NUL, bytes that are no text, repetition.

use rollbook_testkit::both;
use serde_json::json;

use super::{Target, answers, by_hand, exchange, is_refused, refused, refused_or_closed};
use crate::support::ids;

both!(odd_limits_and_offsets_are_refused_by_name, async |server| {
    let target = Target::make(server).await;
    let odd = [
        "-1",
        "501",
        "1e99",
        "99999999999999999999",
        "-99999999999999999999",
        "",
        "ten",
        "1.0",
        "0x10",
        "%2B1",
        "1%200",
        "%EF%BC%91",
        "null",
        "1;2",
        "9223372036854775808",
    ];
    for value in odd {
        let mut names = vec!["limit", "offset"];
        if value == "501" {
            names.pop();
        }
        for name in names {
            let reply = server.client().get(&format!("/v1/users?{name}={value}")).unchecked();
            let reply = reply.send().await;
            refused(value, &reply);
            assert_eq!(reply.problems()[0].1, name, "{value}");
        }
    }
    let reply = server.client().get("/v1/users?limit=0").send().await;
    refused("limit=0", &reply);
    // The greatest offset there is shows nothing, at once.
    let last = server.client().get("/v1/users?offset=9223372036854775807").send().await;
    assert_eq!(last.ok(), json!([]));
    target.unchanged(server).await;
});

both!(wildcards_in_searches_are_literal, async |server| {
    let client = server.client();
    let plain = server.create_user(json!({ "username": "plain", "first_name": "Abc" })).await;
    let odd = json!({ "username": "under_score", "first_name": "100%", "last_name": "a_c" });
    let odd = server.create_user(odd).await;
    let found = async |name: &str, text: &str| {
        let call = client.get("/v1/users").query(name, text);
        let list = ids(&call.send().await.ok());
        let count = client.get("/v1/users/count").query(name, text).send().await.ok();
        assert_eq!(count["total_count"], list.len(), "{name}={text}");
        list
    };
    let odd = [crate::support::id(&odd)];
    assert_eq!(found("query", "%").await, odd);
    assert_eq!(found("query", "r_s").await, odd);
    assert_eq!(found("name_query", "a_c").await, odd);
    assert_eq!(found("name_query", "0%").await, odd);
    assert_eq!(found("username_query", "r_s").await, odd);
    for nothing in ["%%", "__", "a%c", "*", "?", "\\", "\\%", "[a-z]", "'", "\"", "' OR 1=1 --"] {
        for name in ["query", "name_query", "username_query", "email_address_query"] {
            assert_eq!(found(name, nothing).await, Vec::<String>::new(), "{name}={nothing}");
        }
    }
    for name in ["username", "email_address", "phone_number", "web3_wallet", "external_id"] {
        assert_eq!(found(name, "%").await, Vec::<String>::new(), "{name}");
    }
    assert_eq!(found("name_query", "abc").await, [crate::support::id(&plain)]);
});

both!(a_parameter_that_stands_for_one_value_is_given_once, async |server| {
    for name in [
        "limit",
        "offset",
        "query",
        "banned",
        "created_at_after",
        "last_active_at_since",
        "email_address_query",
        "starting_after",
        "provider",
    ] {
        let path = format!("/v1/users?{name}=1&{name}=1");
        let reply = server.client().get(&path).unchecked().send().await;
        refused(name, &reply);
        let problem = ("form_param_duplicate".to_owned(), name.to_owned());
        assert!(reply.problems().contains(&problem), "{name}: {:?}", reply.problems());
    }
});

both!(a_filter_of_too_many_values_is_refused, async |server| {
    for name in [
        "user_id",
        "external_id",
        "email_address",
        "phone_number",
        "username",
        "web3_wallet",
        "organization_id",
    ] {
        for (n, status) in [(100, 200), (101, 422), (1000, 422)] {
            let path = format!("/v1/users?{}", format!("{name}=x&").repeat(n));
            let reply = server.client().get(&path).unchecked().send().await;
            assert_eq!(reply.status, status, "{n} of {name}: {}", reply.text());
        }
    }
});

both!(nul_and_bytes_that_are_no_text_are_refused_in_queries_and_paths, async |server| {
    let target = Target::make(server).await;
    for query in [
        "query=%00",
        "username=a%00b",
        "user_id=%00",
        "order_by=%00",
        "external_id=-%00",
        "query=%ff",
        "%ff=1",
        "query=%c0%80",
        "query=%ed%a0%80",
        "limit=%00",
        "banned=%00",
        "starting_after=%00",
        "provider=%00&provider_user_id=%00",
        "created_at_after=%00",
    ] {
        for path in ["/v1/users", "/v1/users/count"] {
            if path.ends_with("count")
                && ["order_by", "limit", "starting"].iter().any(|name| query.starts_with(name))
            {
                continue;
            }
            let sent = by_hand(server, "GET", &format!("{path}?{query}"), "", "");
            let answer = answers(&exchange(&server.url, &sent).await);
            is_refused(query, answer[0].0, &answer[0].1);
        }
    }
    for id in ["%00", "user_%00", "%ff", "%c0%80", "%0d%0aX-Injected:%201", "%7f", "%e2%80%a8%00"] {
        for (method, below) in [("GET", ""), ("DELETE", ""), ("POST", "/ban"), ("PATCH", "")] {
            let target = format!("/v1/users/{id}{below}");
            let sent = by_hand(server, method, &target, "", "");
            let answer = exchange(&server.url, &sent).await;
            assert!(!String::from_utf8_lossy(&answer).contains("\nX-Injected"), "{id}");
            let answer = answers(&answer);
            is_refused(id, answer[0].0, &answer[0].1);
            assert_eq!(answer[0].0, 404, "{id}");
        }
    }
    // Bytes that may not be in a URL at all.
    for raw in [b"/v1/users?query=\xff\xfe".as_slice(), b"/v1/users/\xff", b"/v1/users?q=\0"] {
        let mut sent = b"GET ".to_vec();
        sent.extend_from_slice(raw);
        sent.extend_from_slice(&by_hand(server, "", "", "", "")[2..]);
        refused_or_closed("raw bytes", &exchange(&server.url, &sent).await);
    }
    target.unchanged(server).await;
});

both!(nonsense_in_any_parameter_is_refused_or_finds_nobody, async |server| {
    let target = Target::make(server).await;
    let long = "x".repeat(20_000);
    let values = [
        "'",
        "\"",
        "\\",
        ";",
        "--",
        "1 OR 1=1",
        "$1",
        "{}",
        "[]",
        "null",
        "\u{202e}",
        "😀",
        "-",
        "+",
        " ",
        long.as_str(),
    ];
    for name in [
        "query",
        "email_address",
        "phone_number",
        "username",
        "web3_wallet",
        "external_id",
        "user_id",
        "organization_id",
        "email_address_query",
        "phone_number_query",
        "username_query",
        "name_query",
        "banned",
        "last_active_at_before",
        "created_at_after",
        "limit",
        "offset",
        "order_by",
        "starting_after",
        "provider",
        "provider_user_id",
    ] {
        for value in values {
            let call = server.client().get("/v1/users").unchecked().query(name, value);
            let reply = call.send().await;
            if reply.status != 200 {
                refused(&format!("{name}={value:.20}"), &reply);
            }
        }
    }
    target.unchanged(server).await;
});
