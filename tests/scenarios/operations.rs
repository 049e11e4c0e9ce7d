//! The table of operations in COMPATIBILITY says what is served, and the rest is 404.

use std::collections::BTreeSet;

use rollbook_testkit::both;
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/COMPATIBILITY.md");

/// Rows of the table; `tests/sdk/contract/operations.py` writes it.
const N_OPERATIONS: usize = 239;

/// Served too, for clients of versions that had them.
const OF_OLDER_VERSIONS: [&str; 4] = [
    "DELETE /commerce/subscription_items/{}",
    "GET /commerce/plans",
    "GET /commerce/subscription_items",
    "POST /sessions/{}/verify",
];

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

struct Row {
    method: String,
    path: String,
    is_served: bool,
}

fn table() -> Vec<Row> {
    let rows = PAGE.lines().filter_map(|line| {
        let cells: Vec<_> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [method, path, _, state] = cells.as_slice() else { return None };
        if !METHODS.contains(&method.to_lowercase().as_str()) {
            return None;
        }
        Some(Row {
            method: (*method).to_owned(),
            path: path.trim_matches('`').to_owned(),
            is_served: *state == "served",
        })
    });
    rows.collect()
}

/// The path with every parameter called the same.
fn blank(path: &str) -> String {
    let segments =
        path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn the_table_marks_what_the_contract_has_and_nothing_else() {
    let contract: Value =
        serde_json::from_str(rollbook_http::openapi().expect("the contract")).expect("JSON");
    let mut ours = BTreeSet::new();
    for (path, item) in contract["paths"].as_object().expect("paths") {
        let Some(path) = path.strip_prefix("/v1") else { continue };
        let methods = item.as_object().expect("operations").keys();
        let methods = methods.filter(|method| METHODS.contains(&method.as_str()));
        ours.extend(methods.map(|method| format!("{} {}", method.to_uppercase(), blank(path))));
    }
    let rows = table();
    assert_eq!(rows.len(), N_OPERATIONS);
    let served = rows.iter().filter(|row| row.is_served);
    let mut served: BTreeSet<_> =
        served.map(|row| format!("{} {}", row.method, blank(&row.path))).collect();
    served.extend(OF_OLDER_VERSIONS.map(str::to_owned));
    let differences: Vec<_> = ours.symmetric_difference(&served).collect();
    assert!(
        differences.is_empty(),
        "write the table anew with tests/sdk/contract/operations.py: {differences:#?}"
    );
}

both!(what_is_not_served_is_not_found_in_the_shape_of_an_error, async |server| {
    for row in table().iter().filter(|row| !row.is_served) {
        let segments = row
            .path
            .split('/')
            .map(|segment| if segment.starts_with('{') { "x_1" } else { segment });
        let path = format!("/v1{}", segments.collect::<Vec<_>>().join("/"));
        let method = row.method.parse().expect("a method");
        let reply = server.client().call(method, &path).unchecked().send().await;
        reply.refused(404, &[("resource_not_found", "")]);
        let trace = reply.json()["clerk_trace_id"].as_str().map(str::len);
        assert_eq!(trace, Some(32), "{}", reply.request);
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
    assert!(server.events().await.is_empty());
});
