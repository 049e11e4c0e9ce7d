//! A wallet that is taken reads back as itself, with the same key.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::Web3Wallet;

fuzz_target!(|text: &str| {
    let Ok(wallet) = Web3Wallet::parse(text, "web3_wallet") else { return };
    let shown = wallet.to_string();
    let again = Web3Wallet::parse(&shown, "web3_wallet").expect("what was taken is taken again");
    assert_eq!(again.to_string(), shown);
    assert_eq!(again.unique_key(), wallet.unique_key());
});
