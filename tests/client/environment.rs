//! Keys from a function, and what is printed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rollbook_sdk::{Clerk, Code, RetryConfig};
use rollbook_testkit::both;

use crate::{clerk, code};

both!(a_key_that_is_asked_for_may_change, async |server| {
    let rotated = Arc::new(AtomicBool::new(false));
    let (asked, key) = (Arc::clone(&rotated), server.secret_key.clone());
    let clerk = Clerk::builder()
        .bearer_auth_from(move || {
            if asked.load(Ordering::SeqCst) { key.as_str().into() } else { "sk_test_old".into() }
        })
        .server_url(format!("{}/v1", server.url))
        .retries(RetryConfig::none())
        .build()
        .expect("a client");
    assert_eq!(code(clerk.users().count().send().await), Code::ClerkKeyInvalid);
    rotated.store(true, Ordering::SeqCst);
    assert_eq!(clerk.users().count().send().await.expect("counted").total_count, 0);
});

both!(nothing_that_is_printed_holds_a_secret, async |server| {
    let clerk = clerk(server);
    let request = clerk.users().create().password("correct horse").totp_secret("JBSWY3DPEHPK3PXP");
    let printed = format!("{clerk:?} {request:?}");
    for secret in [server.secret_key.as_str(), "correct horse", "JBSWY3DPEHPK3PXP"] {
        assert!(!printed.contains(secret), "{printed}");
    }
});
