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
    let found = users.list().query("ad").order_by("username").send().await.expect("found");
    let names: Vec<_> = found.iter().filter_map(|user| user.username.as_deref()).collect();
    assert_eq!(names, ["ada_l", "adele"]);
    let either = users.list().username(["grace", "ada_l", "nobody"]).limit(5).send().await;
    assert_eq!(either.expect("found").len(), 2);
    let count = users.count().query("ad").banned(false).send().await.expect("counted");
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
