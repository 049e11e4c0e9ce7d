//! What is asked of a directory of `n` users, and how long it may take.

use super::population;

/// Requests of one kind; the slowest of them is what counts.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) what: &'static str,
    /// Milliseconds, at a million users.
    pub(crate) bound: f64,
    /// A name for people and the path with its query.
    pub(crate) requests: Vec<(String, String)>,
}

/// Every shape; `cursor` is the id of a user in the middle.
pub(crate) fn all(n: usize, cursor: &str) -> Vec<Shape> {
    let common = ["gmail", "example", "an", "q"];
    let rare = [
        "zzqxj".to_owned(),
        "@gmail.con".to_owned(),
        "%C3%BC%C3%BC".to_owned(),
        "%E2%98%83".to_owned(),
        population::address(n / 3).replace('@', "%40"),
        format!("151{:08}", n / 2),
        "elodie%20ros".to_owned(),
    ];
    let counted = ["gmail", "an", "zzqxj", "@gmail.con", "%E2%98%83"];
    let filters = [
        "banned=true",
        "banned=false",
        "created_at_before=1614000000000",
        "last_active_at_since=1",
        "query=gmail&banned=false",
        "name_query=tanaka",
    ];
    let orders = [
        "-created_at",
        "created_at",
        "updated_at",
        "email_address",
        "-first_name",
        "last_name",
        "username",
        "-phone_number",
        "last_active_at",
        "-last_sign_in_at",
        "web3wallet",
    ];
    let mut ordered: Vec<(String, String)> = Vec::new();
    for filter in filters {
        for order in orders {
            let query = format!("{filter}&order_by={order}");
            ordered.push((query.clone(), format!("/v1/users?limit=10&{query}")));
        }
    }
    let list = |query: &str| (query.to_owned(), format!("/v1/users?limit=10&{query}"));
    let count = |query: &str| (query.to_owned(), format!("/v1/users/count?{query}"));
    vec![
        Shape {
            what: "search, a common term, page of 10",
            bound: 1.0,
            requests: common.iter().map(|term| list(&format!("query={term}"))).collect(),
        },
        Shape {
            what: "search, any term, page of 10",
            bound: 30.0,
            requests: rare.iter().map(|term| list(&format!("query={term}"))).collect(),
        },
        Shape {
            what: "exact count of a term or filter",
            bound: 30.0,
            requests: counted
                .iter()
                .map(|term| count(&format!("query={term}")))
                .chain(filters.iter().map(|filter| count(filter)))
                .collect(),
        },
        Shape { what: "count without filter", bound: 1.0, requests: vec![count("")] },
        Shape {
            what: "list at an offset of half of all",
            bound: 10.0,
            requests: vec![list(&format!("offset={}", n / 2))],
        },
        Shape {
            what: "page behind a cursor in the middle",
            bound: 1.0,
            requests: vec![list(&format!("starting_after={cursor}"))],
        },
        Shape { what: "any filter with any order_by", bound: 10.0, requests: ordered },
    ]
}
