//! The server that the crate brings along for the tests of those who use it.

use std::time::{Duration, Instant};

use rollbook_sdk::testing;
use serde_json::json;

#[tokio::test]
async fn each_call_gives_an_instance_of_its_own() {
    let (one, other) = (testing::start().await.expect("one"), testing::start().await.expect("two"));
    assert_eq!(one.url(), other.url(), "there is one server");
    assert_ne!(one.id(), other.id());
    let ada = one.users().create().username("ada_lovelace").send().await.expect("a user");
    assert_eq!(one.users().count().send().await.expect("counted").total_count, 1);
    assert_eq!(other.users().count().send().await.expect("counted").total_count, 0);
    assert_eq!(other.users().get(&ada.id).send().await.expect_err("not there").status(), Some(404));
    assert_eq!(one.instance_settings().get().send().await.expect("itself").id, *one.id());
}

#[tokio::test]
async fn settings_are_changed_and_secrets_not_printed() {
    let clerk = testing::start().await.expect("an instance");
    clerk.settings(json!({ "billing": { "enabled": true } })).await.expect("changed");
    assert!(clerk.billing().list_plans().send().await.is_ok());
    assert!(clerk.settings(json!({ "shoe_size": 42 })).await.is_err());
    let key = clerk.secret_key().expose().to_owned();
    assert!(key.starts_with("sk_test_") && !format!("{clerk:?}").contains(&key));
}

#[test]
fn the_server_outlives_the_runtime_of_the_test_that_began_it() {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let clerk = testing::start().await.expect("an instance");
            clerk.users().create().username("somebody").send().await.expect("a user");
        });
    };
    run();
    run();
}

/// Not a timed test: the figure is printed, and only a lost order of magnitude fails.
#[tokio::test]
async fn an_instance_is_there_in_milliseconds() {
    let begun = Instant::now();
    let _first = testing::start().await.expect("an instance");
    let first = begun.elapsed();
    let mut times = Vec::new();
    for _ in 0..21 {
        let begun = Instant::now();
        let clerk = testing::start().await.expect("an instance");
        times.push(begun.elapsed());
        drop(clerk);
    }
    times.sort();
    let (median, worst) = (times[10], times[20]);
    println!("testing::start: first {first:?}, then median {median:?}, worst {worst:?}");
    assert!(median < Duration::from_millis(200), "{times:?}");
}
