//! Paths that try to get somewhere else.

use rollbook_testkit::both;

use super::{Target, answers, by_hand, exchange, is_refused, refused_or_closed};

both!(traversal_in_ids_finds_nothing, async |server| {
    let target = Target::make(server).await;
    let long = "x".repeat(256);
    let longer = "user_".to_owned() + &"x".repeat(20_000);
    for id in [
        "..%2f..",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e",
        "%2e%2e%2f",
        "..",
        ".",
        "..;",
        "..%5c..",
        "%252e%252e%252f",
        "user_..%2fcount",
        "*",
        "%25",
        "_",
        "null",
        "undefined",
        "0",
        "-1",
        "%20",
        "user_%20",
        "%F0%9F%98%80",
        "'%20OR%201=1--",
        long.as_str(),
        longer.as_str(),
    ] {
        for (method, below) in [
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/ban"),
            ("POST", "/lock"),
            ("PATCH", "/metadata"),
            ("DELETE", "/profile_image"),
        ] {
            let path = format!("/v1/users/{id}{below}");
            let answer = exchange(&server.url, &by_hand(server, method, &path, "", "")).await;
            let [(status, body)] = &answers(&answer)[..] else { panic!("{method} {path:.80}") };
            is_refused(&format!("{method} {path:.80}"), *status, body);
            assert_eq!(*status, 404, "{method} {path:.80}");
        }
    }
    target.unchanged(server).await;
});

both!(no_path_leads_out_of_the_pictures, async |server| {
    for path in [
        "/images/..%2f..%2fmaster.key",
        "/images/..%2frollbook.db",
        "/images/%2e%2e%2frollbook.db",
        "/images/../rollbook.db",
        "/images/%2fetc%2fpasswd",
        "/images/img_..%2f..",
        "/images/",
        "/images",
        "/images/default",
        "/images/default/",
        "/images/default/a/b/c",
        "/images/%00",
        "/images/default/%00",
    ] {
        let answer = exchange(&server.url, &by_hand(server, "GET", path, "", "")).await;
        let [(status, body)] = &answers(&answer)[..] else { panic!("{path}") };
        is_refused(path, *status, body);
    }
});

both!(an_avatar_is_a_picture_whatever_its_initials_are, async |server| {
    let long = "x".repeat(10_000);
    for initials in [
        "..%2f..",
        "%2e%2e",
        "<script>",
        "%3Cscript%3E",
        "%22",
        "%F0%9F%98%80",
        "%00",
        "%ff",
        &long,
    ] {
        let path = format!("/images/default/user_x/{initials}");
        let answer = exchange(&server.url, &by_hand(server, "GET", &path, "", "")).await;
        let head = String::from_utf8_lossy(&answer).to_lowercase();
        if head.starts_with("http/1.1 200") {
            assert!(head.contains("content-type: image/png"), "{path:.80}: {head:.200}");
        } else {
            refused_or_closed(&format!("{path:.80}"), &answer);
        }
    }
});

both!(sizes_that_are_no_sizes_are_refused, async |server| {
    for query in [
        "width=0",
        "width=-1",
        "width=4097",
        "width=99999999999999999999",
        "height=1e9",
        "width=10&width=10",
        "fit=nonsense",
        "quality=101",
        "quality=-1",
        "width=",
        "width=%00",
    ] {
        let path = format!("/images/default/user_x/AB?{query}");
        let answer = exchange(&server.url, &by_hand(server, "GET", &path, "", "")).await;
        let [(status, body)] = &answers(&answer)[..] else { panic!("{path}") };
        is_refused(query, *status, body);
    }
});

both!(paths_and_methods_that_do_not_exist_are_not_found, async |server| {
    let target = Target::make(server).await;
    let user = format!("/v1/users/{}", target.user);
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/v1"),
        ("GET", "/v1/"),
        ("GET", "/v1/users/"),
        ("GET", "//v1/users"),
        ("GET", "/v1//users"),
        ("GET", "/V1/users"),
        ("GET", "/v2/users"),
        ("GET", "/admin"),
        ("DELETE", "/v1/users"),
        ("PUT", "/v1/users"),
        ("BREW", "/v1/users"),
        ("TRACE", "/v1/users"),
        ("PUT", user.as_str()),
        ("POST", user.as_str()),
        ("get", user.as_str()),
        ("GET", "/v1/users/ban"),
    ] {
        let answer = exchange(&server.url, &by_hand(server, method, path, "", "")).await;
        let [(status, body)] = &answers(&answer)[..] else { panic!("{method} {path}") };
        is_refused(&format!("{method} {path}"), *status, body);
    }
    target.unchanged(server).await;
});
