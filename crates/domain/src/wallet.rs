//! Wallet addresses of Ethereum and Solana.

use rollbook_wire::Code;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use crate::{Problem, text::text_type};

/// The longest base58 form of 32 bytes.
const MAX_SOLANA_CHARS: usize = 44;

/// A wallet address: Ethereum's in EIP-55 form, Solana's as given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Web3Wallet(String);

text_type!(Web3Wallet);

impl Web3Wallet {
    /// Reads `0x` and 40 hex digits, or base58 of 32 bytes; else [`Code::FormParamFormatInvalid`].
    ///
    /// Hex digits in mixed case are a checksum (EIP-55) and must be right. That
    /// a Solana address lies on the curve is not checked: program addresses do
    /// not, and hold funds all the same.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        ethereum(text).or_else(|| solana(text)).map(Self).ok_or_else(|| {
            Problem::param(
                Code::FormParamFormatInvalid,
                param,
                format!("{param} must be an Ethereum or Solana wallet address."),
            )
        })
    }

    /// The text by which one address is one: Ethereum's in lower case, Solana's as it is.
    ///
    /// The two cannot meet, for base58 has no zero.
    pub fn unique_key(&self) -> String {
        if self.is_solana() { self.0.clone() } else { self.0.to_ascii_lowercase() }
    }

    /// Whether this is an address of Solana.
    pub fn is_solana(&self) -> bool {
        !self.0.starts_with("0x")
    }
}

fn ethereum(text: &str) -> Option<String> {
    let digits = text.strip_prefix("0x")?;
    if digits.len() != 40 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let checked = eip55(&digits.to_ascii_lowercase());
    let mixed = digits.bytes().any(|b| b.is_ascii_lowercase())
        && digits.bytes().any(|b| b.is_ascii_uppercase());
    (!mixed || digits == checked).then(|| format!("0x{checked}"))
}

/// Raises each letter whose place in the digits' own hash holds a nibble of 8 or more.
fn eip55(lower: &str) -> String {
    let hash = Keccak256::digest(lower.as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    lower
        .chars()
        .zip(nibbles)
        .map(|(c, nibble)| if nibble >= 8 { c.to_ascii_uppercase() } else { c })
        .collect()
}

fn solana(text: &str) -> Option<String> {
    // Base58 decoding is quadratic, so the length comes first.
    if text.len() > MAX_SOLANA_CHARS {
        return None;
    }
    let mut key = [0; 32];
    let length = bs58::decode(text).onto(&mut key).ok()?;
    (length == key.len()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The examples of EIP-55.
    const CHECKED: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];
    const SYSTEM_PROGRAM: &str = "11111111111111111111111111111111";
    const TOKEN_PROGRAM: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

    fn stored(text: &str) -> Option<String> {
        Web3Wallet::parse(text, "web3_wallet").ok().map(Into::into)
    }

    #[test]
    fn an_ethereum_address_is_kept_with_its_checksum() {
        for address in CHECKED {
            let lower = address.to_ascii_lowercase();
            let upper = format!("0x{}", address[2..].to_ascii_uppercase());
            for given in [address, &lower, &upper] {
                let wallet = Web3Wallet::parse(given, "web3_wallet").expect(given);
                assert_eq!(wallet.as_str(), address);
                assert_eq!(wallet.unique_key(), lower);
                assert!(!wallet.is_solana());
            }
        }
    }

    #[test]
    fn a_solana_address_keeps_its_case() {
        for address in [SYSTEM_PROGRAM, TOKEN_PROGRAM] {
            let wallet = Web3Wallet::parse(address, "web3_wallet").expect(address);
            assert_eq!((wallet.as_str(), wallet.unique_key().as_str()), (address, address));
            assert!(wallet.is_solana());
        }
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for text in [
            "",
            "0x",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", // wrong checksum
            "0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg",
            "1111111111111111111111111111111",   // 31 bytes
            "111111111111111111111111111111111", // 33 bytes
            "0OIlkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
            " 11111111111111111111111111111111",
            "11111111111111111111111111111111\0",
            "ada.eth",
        ] {
            let problem = Web3Wallet::parse(text, "web3_wallet").expect_err(text);
            assert_eq!(problem.code, Code::FormParamFormatInvalid);
            assert_eq!(problem.meta["param_name"], "web3_wallet");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), hex in "0x[0-9a-fA-F]{39,41}") {
            let _ = stored(&text);
            let _ = stored(&hex);
        }

        #[test]
        fn any_key_is_a_solana_address(key: [u8; 32]) {
            let text = bs58::encode(key).into_string();
            prop_assert_eq!(stored(&text), Some(text));
        }
    }
}
