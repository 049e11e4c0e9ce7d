//! What keeps a server running asks.

use rollbook_testkit::both;
use serde_json::{Value, json};

use crate::support::{path, someone};

both!(a_running_server_is_alive_and_ready_without_a_key, async |server| {
    let anyone = server.client().with_token(None);
    assert_eq!(anyone.get("/healthz").send().await.ok(), json!({ "status": "alive" }));
    assert_eq!(anyone.get("/readyz").send().await.ok(), json!({ "status": "ready" }));
});

both!(the_contract_served_is_the_committed_file, async |server| {
    let reply = server.client().with_token(None).get("/openapi.json").send().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text(), rollbook_http::openapi().expect("the contract"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
});

both!(metrics_count_requests_by_route_and_name_nobody, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    for _ in 0..3 {
        client.get(&path(&user, "")).send().await.ok();
    }
    client.get("/v1/nowhere").send().await.refused(404, &[("resource_not_found", "")]);
    let reply = client.with_token(None).get("/metrics").send().await;
    assert_eq!(reply.status, 200);
    let text = reply.text();
    let counted = |route: &str| {
        text.lines()
            .filter(|line| line.contains(&format!("route=\"{route}\"")) && line.contains("_total"))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum::<f64>()
    };
    assert!((counted("/v1/users/{id}") - 3.0).abs() < 0.1, "{text}");
    assert!((counted("/v1/users") - 1.0).abs() < 0.1, "{text}");
    assert!((counted("none") - 1.0).abs() < 0.1, "{text}");
    assert!(!text.contains(&user) && !text.contains("nowhere"), "{text}");
    assert!(text.trim_end().ends_with("# EOF"), "{text}");
});

both!(every_answer_has_a_trace_id_of_its_own, async |server| {
    let mut seen = Vec::new();
    for path in ["/v1/users", "/v1/users/user_none", "/v1/nowhere", "/healthz", "/images/img_none"]
    {
        let reply = server.client().get(path).send().await;
        let trace = reply.header("clerk-trace-id").expect(path).to_owned();
        assert_eq!(trace.len(), 32, "{path}");
        assert!(trace.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
        if reply.status >= 400 {
            assert_eq!(reply.json()["clerk_trace_id"], Value::from(trace.clone()));
        }
        assert!(!seen.contains(&trace));
        seen.push(trace);
    }
});
