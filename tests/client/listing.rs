//! list, count, and lists longer than a page.

use futures_util::{StreamExt, TryStreamExt};
use rollbook_sdk::{Code, Error};
use rollbook_testkit::both;

use crate::{clerk, code};

both!(filters_and_orders_are_sent, async |server| {
    let clerk = clerk(server);
    for name in ["ada_l", "grace", "adele"] {
        clerk.users().create().username(name).send().await.expect("a user");
    }
    let users = clerk.users();
    let found = users.list().username_query("ad").order_by("username").send().await.expect("found");
    let names: Vec<_> = found.iter().filter_map(|user| user.username.as_deref()).collect();
    assert_eq!(names, ["ada_l", "adele"]);
    let either = users.list().username(["grace", "ada_l", "nobody"]).limit(5).send().await;
    assert_eq!(either.expect("found").len(), 2);
    let count = users.count().username_query("ad").banned(false).send().await.expect("counted");
    assert_eq!(count.total_count, 2);
    assert_eq!(code(users.list().limit(0).send().await), Code::FormParamValueInvalid);
});

both!(a_stream_follows_the_pages, async |server| {
    let clerk = clerk(server);
    for n in 0..7 {
        clerk.users().create().username(format!("user{n}")).send().await.expect("a user");
    }
    for (size, offset, expected) in [(3, 0, 7), (7, 0, 7), (2, 5, 2), (500, 0, 7)] {
        let list = clerk.users().list().limit(size).offset(offset).order_by("username");
        let users: Vec<_> = list.stream().try_collect().await.expect("all pages");
        assert_eq!(users.len(), expected, "pages of {size} from {offset}");
        let mut names: Vec<_> = users.iter().map(|user| user.username.clone()).collect();
        names.dedup();
        assert_eq!(names.len(), expected);
        assert!(names.is_sorted());
    }
    let first: Vec<_> = clerk.users().list().limit(2).stream().take(3).collect().await;
    assert_eq!(first.len(), 3);
    let refused: Result<Vec<_>, Error> =
        clerk.users().list().order_by("shoe_size").stream().try_collect().await;
    assert_eq!(code(refused), Code::FormParamValueInvalid);
});

both!(a_stream_in_the_order_of_creation_shows_everything_once_however_it_changes, async |server| {
    let clerk = clerk(server);
    for n in 0..6 {
        server.clock.advance(1);
        clerk.users().create().username(format!("user{n}")).send().await.expect("a user");
    }
    for (order, expected) in [
        (None, ["user5", "user4", "user3", "user2", "user1", "user0"]),
        (Some("created_at"), ["user0", "user1", "user2", "user3", "user4", "user5"]),
    ] {
        let list = clerk.users().list().limit(2);
        let list = match order {
            Some(order) => list.order_by(order),
            None => list,
        };
        let mut stream = std::pin::pin!(list.stream());
        let mut seen = Vec::new();
        while let Some(user) = stream.try_next().await.expect("a page") {
            if seen.len() == 1 {
                // An offset would show somebody twice now.
                server.clock.advance(1);
                let late = format!("late{}", order.unwrap_or_default());
                clerk.users().create().username(late).send().await.expect("a user");
            }
            seen.extend(user.username.filter(|name| name.starts_with("user")));
        }
        assert_eq!(seen, expected);
    }
});

both!(a_cursor_is_taken_as_it_is_given, async |server| {
    let clerk = clerk(server);
    let mut ids = Vec::new();
    for n in 0..4 {
        server.clock.advance(1);
        let user = clerk.users().create().username(format!("user{n}")).send().await;
        ids.push(user.expect("a user").id);
    }
    let after = clerk.users().list().starting_after(&ids[2]).limit(1);
    let rest: Vec<_> = after.stream().try_collect().await.expect("all pages");
    let rest: Vec<_> = rest.into_iter().map(|user| user.id).collect();
    assert_eq!(rest, [ids[1].clone(), ids[0].clone()]);
    let gone = clerk.users().list().starting_after("user_0").send().await;
    assert_eq!(code(gone), Code::FormParamValueInvalid);
});
