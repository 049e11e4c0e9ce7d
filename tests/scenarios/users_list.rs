//! `GET /v1/users` and `/count` against a naive model: filter and sort in Rust.

mod model;
mod people;

use rollbook_testkit::{Call, Server, both};
use serde_json::Value;

pub(crate) use self::model::Rng;
use self::model::{Filter, Order};
use self::people::People;
use crate::support::{id, ids};

/// The `page`-th page of `query` and how many there are in all.
async fn listed(server: &Server, query: &[(String, String)]) -> Vec<String> {
    ids(&with(server.client().get("/v1/users"), query).send().await.ok())
}

async fn counted(server: &Server, query: &[(String, String)]) -> Value {
    with(server.client().get("/v1/users/count"), query).send().await.ok()["total_count"].clone()
}

fn with(call: Call, query: &[(String, String)]) -> Call {
    query.iter().fold(call, |call, (name, value)| call.query(name, value))
}

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike")]
fn pair(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

both!(random_filters_and_orders_find_what_the_model_finds, async |server| {
    let people = People::populate(server).await;
    let mut rng = Rng::new(20_260_115);
    let mut n_found = 0;
    for round in 0..300 {
        let mut filters: Vec<Filter> = Vec::new();
        for _ in 0..=rng.below(3) {
            let filter = Filter::random(&mut rng, &people);
            // Values of one parameter are alternatives, so each comes once.
            if filters.iter().all(|other| other.parameter() != filter.parameter()) {
                filters.push(filter);
            }
        }
        let order = Order::random(&mut rng);
        let (limit, offset) = (1 + rng.below(70), rng.below(8));
        let expected: Vec<String> = order
            .sorted(
                people.all.iter().filter(|user| filters.iter().all(|f| f.admits(user, &people))),
            )
            .map(id)
            .collect();
        n_found += expected.len();

        let mut query: Vec<_> = filters.iter().flat_map(Filter::query).collect();
        assert_eq!(counted(server, &query).await, expected.len(), "round {round}: {query:?}");
        query.extend([order.query(), pair("limit", limit), pair("offset", offset)]);
        let page: Vec<_> = expected.into_iter().skip(offset).take(limit).collect();
        assert_eq!(listed(server, &query).await, page, "round {round}: {query:?}");
    }
    // Filters that find nobody would agree with any model.
    assert!(n_found > 1000, "the filters found {n_found} users in all");
});

both!(every_order_sorts_all_users_with_nulls_last_both_ways, async |server| {
    let people = People::populate(server).await;
    for order in Order::all() {
        let expected: Vec<String> = order.sorted(people.all.iter()).map(id).collect();
        let query = [order.query(), pair("limit", 500)];
        assert_eq!(listed(server, &query).await, expected, "{query:?}");
        // In pages of seven, by offset, it is the same list.
        let mut paged = Vec::new();
        for offset in (0..expected.len()).step_by(7) {
            let query = [order.query(), pair("limit", 7), pair("offset", offset)];
            paged.extend(listed(server, &query).await);
        }
        assert_eq!(paged, expected, "{order:?}");
    }
});

both!(pages_that_start_after_the_last_are_the_whole_list, async |server| {
    let people = People::populate(server).await;
    let mut rng = Rng::new(7);
    for order_by in ["created_at", "+created_at", "-created_at"] {
        for round in 0..5 {
            let filter = Filter::random(&mut rng, &people);
            let mut query = if round == 0 { Vec::new() } else { filter.query() };
            query.push(pair("order_by", order_by));
            let all = {
                let mut query = query.clone();
                query.push(pair("limit", 500));
                listed(server, &query).await
            };
            query.push(pair("limit", 1 + rng.below(9)));
            let mut paged: Vec<String> = Vec::new();
            loop {
                let mut query = query.clone();
                query.extend(paged.last().map(|last| pair("starting_after", last)));
                let page = listed(server, &query).await;
                if page.is_empty() {
                    break;
                }
                paged.extend(page);
                assert!(paged.len() <= all.len(), "{query:?} repeats users");
            }
            assert_eq!(paged, all, "{query:?}");
        }
    }
});
