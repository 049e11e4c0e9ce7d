//! `Clerk-API-Version`

use rollbook_testkit::both;
use serde_json::json;

use crate::support::{path, someone};

const KNOWN: [&str; 6] =
    ["2021-02-05", "2024-10-01", "2025-03-12", "2025-04-10", "2025-11-10", "2026-05-12"];

both!(every_known_version_is_served_and_named_by_header_or_query, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    let body = server.get_user(&user).await;
    for version in KNOWN {
        let by_header = client.get(&path(&user, "")).header("clerk-api-version", version);
        let by_query = client.get(&path(&user, "")).query("__clerk_api_version", version);
        for call in [by_header, by_query] {
            let reply = call.send().await;
            assert_eq!(reply.header("clerk-api-version"), Some(version));
            assert_eq!(reply.ok(), body);
        }
        let list = client.get("/v1/users").header("clerk-api-version", version).send().await;
        assert_eq!(list.header("clerk-api-version"), Some(version));
        assert_eq!(list.ok(), json!([body]));
    }
});

both!(no_version_means_the_oldest, async |server| {
    let user = someone(server, "adaada").await;
    for path in [path(&user, ""), "/v1/users".to_owned(), path("user_none", "")] {
        let reply = server.client().get(&path).send().await;
        assert_eq!(reply.header("clerk-api-version"), Some("2021-02-05"));
    }
});

both!(an_unknown_version_and_two_at_once_are_invalid, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    for path in [path(&user, ""), "/v1/users".to_owned()] {
        let get = || client.get(&path);
        for call in [
            get().header("clerk-api-version", "2020-01-01"),
            get().header("clerk-api-version", ""),
            get().query("__clerk_api_version", "latest"),
            get()
                .query("__clerk_api_version", "2025-11-10")
                .header("clerk-api-version", "2025-11-10"),
            get()
                .header("clerk-api-version", "2025-11-10")
                .header("clerk-api-version", "2025-11-10"),
        ] {
            call.send().await.refused(400, &[("api_version_invalid", "")]);
        }
    }
});
