//! Secrets at rest.

use crate::scratch::{Scratch, on_both_engines};
use crate::{Error, MasterKey, Vault, system_random};

on_both_engines!(
    a_sealed_secret_opens_with_the_same_key_and_context_only,
    another_master_key_is_refused,
    of_servers_that_start_at_once_one_makes_the_data_key,
    the_master_key_can_be_changed,
);

fn key(byte: u8) -> MasterKey {
    MasterKey::new([byte; 32])
}

async fn vault(scratch: &Scratch, byte: u8) -> Result<Vault, Error> {
    Vault::unlock(&scratch.db, &key(byte), system_random).await
}

async fn a_sealed_secret_opens_with_the_same_key_and_context_only(scratch: &Scratch) {
    let sealed = vault(scratch, 1).await.unwrap().seal(b"user_1/totp", b"seed").unwrap();
    assert!(!sealed.windows(4).any(|bytes| bytes == b"seed"));

    let later = vault(scratch, 1).await.unwrap();
    assert_eq!(later.open(b"user_1/totp", &sealed).unwrap(), b"seed");
    assert_ne!(later.seal(b"user_1/totp", b"seed").unwrap(), sealed, "a nonce came twice");
    assert!(matches!(later.open(b"user_2/totp", &sealed), Err(Error::Corrupt(_))));
    for place in 0..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[place] ^= 1;
        assert!(later.open(b"user_1/totp", &damaged).is_err(), "byte {place}");
        assert!(later.open(b"user_1/totp", &sealed[..place]).is_err(), "{place} bytes");
    }
}

async fn another_master_key_is_refused(scratch: &Scratch) {
    vault(scratch, 1).await.unwrap();
    let refused = vault(scratch, 2).await.unwrap_err();
    assert!(matches!(refused, Error::WrongMasterKey), "{refused:?}");
}

async fn of_servers_that_start_at_once_one_makes_the_data_key(scratch: &Scratch) {
    let vaults: Vec<_> = (0..6)
        .map(|_| {
            let db = scratch.db.clone();
            tokio::spawn(async move { Vault::unlock(&db, &key(1), system_random).await.unwrap() })
        })
        .collect();
    let mut sealed = Vec::new();
    for vault in vaults {
        sealed.push(vault.await.unwrap().seal(b"", b"secret").unwrap());
    }
    let vault = vault(scratch, 1).await.unwrap();
    for sealed in sealed {
        assert_eq!(vault.open(b"", &sealed).unwrap(), b"secret");
    }
}

async fn the_master_key_can_be_changed(scratch: &Scratch) {
    let before = vault(scratch, 1).await.unwrap();
    let sealed = before.seal(b"", b"secret").unwrap();
    let wrong = before.change_master_key(&scratch.db, &key(3), &key(2)).await;
    assert!(matches!(wrong, Err(Error::WrongMasterKey)), "{wrong:?}");

    before.change_master_key(&scratch.db, &key(1), &key(2)).await.unwrap();
    assert!(matches!(vault(scratch, 1).await, Err(Error::WrongMasterKey)));
    assert_eq!(vault(scratch, 2).await.unwrap().open(b"", &sealed).unwrap(), b"secret");
}
