//! Bans and locks.

use rollbook_sdk::{Code, UserId};
use rollbook_testkit::both;

use crate::{ada, clerk, code};

both!(bans_and_locks_come_and_go, async |server| {
    let clerk = clerk(server);
    let (users, ada) = (clerk.users(), ada(&clerk).await);
    assert!(users.ban(&ada.id).send().await.expect("banned").banned);
    assert!(!users.unban(&ada.id).send().await.expect("unbanned").banned);
    let locked = users.lock(&ada.id).send().await.expect("locked");
    assert_eq!((locked.locked, locked.lockout_expires_in_seconds), (true, Some(3600)));
    assert!(!users.unlock(&ada.id).send().await.expect("unlocked").locked);
});

both!(many_are_banned_at_once_or_none, async |server| {
    let clerk = clerk(server);
    let users = clerk.users();
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(users.create().username(format!("user{n}")).send().await.expect("a user").id);
    }
    let banned = users.bulk_ban(&ids).send().await.expect("banned");
    assert!(banned.iter().all(|user| user.banned));
    assert_eq!(banned.iter().map(|user| user.id.clone()).collect::<Vec<_>>(), ids);
    let with_nobody = ids.iter().cloned().chain([UserId::from("user_0")]);
    assert_eq!(code(users.bulk_unban(with_nobody).send().await), Code::ResourceNotFound);
    let unbanned = users.bulk_unban(&ids).send().await.expect("unbanned");
    assert!(unbanned.iter().all(|user| !user.banned));
});
