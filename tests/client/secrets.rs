//! Passwords and second factors.

use rollbook_sdk::Code;
use rollbook_testkit::{START, both};

use crate::{ada, clerk, code};

const PASSWORD: &str = "seven violet otters hum";

both!(a_password_is_right_or_refused, async |server| {
    let clerk = clerk(server);
    let (users, ada) = (clerk.users(), ada(&clerk).await);
    assert_eq!(code(users.verify_password(&ada.id, PASSWORD).send().await), Code::NoPasswordSet);
    users.update(&ada.id).password(PASSWORD).send().await.expect("set");
    assert!(users.verify_password(&ada.id, PASSWORD).send().await.expect("right").verified);
    let wrong = users.verify_password(&ada.id, "hunter2hunter2").send().await;
    assert_eq!(code(wrong), Code::IncorrectPassword);
});

both!(second_factors_are_verified_and_taken_away, async |server| {
    let clerk = clerk(server);
    let (users, ada) = (clerk.users(), ada(&clerk).await);
    let with = users
        .update(&ada.id)
        .totp_secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        .backup_codes(["backup-code-1", "backup-code-2"])
        .send()
        .await
        .expect("set");
    assert!(with.totp_enabled && with.backup_code_enabled && with.two_factor_enabled);
    assert_eq!(server.clock.now(), START);
    assert_eq!(code(users.verify_totp(&ada.id, "000000").send().await), Code::TotpIncorrectCode);
    let spent = users.verify_totp(&ada.id, "backup-code-1").send().await.expect("right");
    assert_eq!(spent.code_type, "backup_code");
    for reference in [
        users.delete_backup_codes(&ada.id).send().await,
        users.delete_totp(&ada.id).send().await,
        users.disable_mfa(&ada.id).send().await,
    ] {
        assert_eq!(reference.expect("taken away").user_id, ada.id);
    }
    let without = users.get(&ada.id).send().await.expect("there");
    assert!(!without.totp_enabled && !without.backup_code_enabled);
    let unknown = users.delete_passkey(&ada.id, "idn_0").send().await;
    assert!(unknown.expect_err("none").status() == Some(404));
});
