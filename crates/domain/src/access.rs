//! Who may come in: entries of the allow-list and the block-list, and what they match.

use std::collections::HashSet;
use std::sync::LazyLock;

use rollbook_wire::Code;

use crate::{EmailAddress, Identifier, PhoneNumber, Problem, Web3Wallet};

/// The key of an email address without its subaddress, where that differs.
pub const EMAIL_BASE_KEY: &str = "email_base";

/// The key of a Gmail address without its dots, where that differs.
pub const DOTLESS_EMAIL_KEY: &str = "dotless_email";

/// An entry of a list: an identifier, `*@domain` or `*@*.domain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessEntry {
    /// `email_address`, `phone_number` or `web3_wallet`.
    pub kind: &'static str,
    /// As it is shown.
    pub identifier: String,
    /// The form in which two spellings are one.
    pub key: String,
}

impl AccessEntry {
    /// Reads an entry; [`Code::FormParamFormatInvalid`] when it is none of them.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        let entry = |kind, identifier: String, key| Ok(Self { kind, identifier, key });
        if let Some(pattern) = text.strip_prefix("*@").and_then(|domain| wildcard(domain, param)) {
            return entry("email_address", pattern.clone(), pattern);
        }
        // A star elsewhere would look like a wildcard that is none.
        if text.contains('@')
            && !text.contains('*')
            && let Ok(email) = EmailAddress::parse(text, param)
        {
            return entry("email_address", email.to_string(), email.to_string());
        }
        if let Ok(phone) = PhoneNumber::parse(text, param) {
            return entry("phone_number", phone.to_string(), phone.to_string());
        }
        if let Ok(wallet) = Web3Wallet::parse(text, param) {
            return entry("web3_wallet", wallet.to_string(), wallet.unique_key());
        }
        let must = "an email address, *@ and a domain, a phone number or a wallet";
        let text = format!("{param} must be {must}.");
        Err(Problem::param(Code::FormParamFormatInvalid, param, text))
    }
}

fn wildcard(domain: &str, param: &str) -> Option<String> {
    let (stars, domain) = match domain.strip_prefix("*.") {
        Some(domain) => ("*@*.", domain),
        None => ("*@", domain),
    };
    let email = EmailAddress::parse(&format!("a@{domain}"), param).ok()?;
    Some(format!("{stars}{}", email.domain()))
}

/// An identifier that somebody wants to come in with.
#[derive(Debug, Clone, Copy)]
pub enum Newcomer<'a> {
    /// An email address.
    Email(&'a EmailAddress),
    /// A phone number.
    Phone(&'a PhoneNumber),
    /// A wallet.
    Wallet(&'a Web3Wallet),
}

impl Newcomer<'_> {
    /// The parameter it came in.
    pub fn param(&self) -> &'static str {
        match self {
            Self::Email(_) => "email_address",
            Self::Phone(_) => "phone_number",
            Self::Wallet(_) => "web3_wallet",
        }
    }

    /// As it is shown.
    pub fn shown(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Phone(phone) => phone.as_str(),
            Self::Wallet(wallet) => wallet.as_str(),
        }
    }

    /// The entries of the allow-list that admit it.
    pub fn admitted_by(&self) -> Vec<String> {
        match self {
            Self::Email(email) => {
                let mut entries = vec![email.to_string(), format!("*@{}", email.domain())];
                let labels = email.domain().match_indices('.');
                entries.extend(labels.map(|(at, _)| format!("*@*{}", &email.domain()[at..])));
                entries
            }
            Self::Phone(phone) => vec![phone.to_string()],
            Self::Wallet(wallet) => vec![wallet.unique_key()],
        }
    }

    /// The entries of the block-list that shut it out: an address there stands
    /// for its subaddresses too.
    pub fn shut_out_by(&self) -> Vec<String> {
        let mut entries = self.admitted_by();
        if let Self::Email(email) = self {
            let cuts = email.local().match_indices(separators(email.domain()));
            entries.extend(
                cuts.filter(|(at, _)| *at > 0)
                    .map(|(at, _)| format!("{}@{}", &email.local()[..at], email.domain())),
            );
        }
        entries
    }
}

impl EmailAddress {
    /// The address without its subaddress; of Gmail without dots as well.
    pub fn base(&self) -> String {
        let cut = self.local().match_indices(separators(self.domain())).find(|(at, _)| *at > 0);
        let local = cut.map_or(self.local(), |(at, _)| &self.local()[..at]);
        with_dots_as_meant(local, self.domain())
    }

    /// The address without dots if it is one of Gmail, which ignores them.
    pub fn dotless(&self) -> String {
        with_dots_as_meant(self.local(), self.domain())
    }

    /// The forms of this address that differ from it, to be found by.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Identifier> {
        [(EMAIL_BASE_KEY, self.base()), (DOTLESS_EMAIL_KEY, self.dotless())]
            .into_iter()
            .filter(|(_, form)| form != self.as_str())
            .map(|(kind, form)| Identifier::new(kind, &form))
    }

    /// Whether its domain, or one above it, hands out mailboxes to throw away.
    pub fn is_disposable(&self) -> bool {
        static DOMAINS: LazyLock<HashSet<&str>> =
            LazyLock::new(|| mailchecker::blacklist().into_iter().collect());
        let domain = self.domain();
        let above = domain.match_indices('.').map(|(at, _)| &domain[at + 1..]);
        std::iter::once(domain).chain(above).any(|domain| DOMAINS.contains(domain))
    }
}

/// What separates a mailbox from its subaddress.
fn separators(domain: &str) -> &'static [char] {
    let yahoo = domain.starts_with("yahoo.") || matches!(domain, "ymail.com" | "rocketmail.com");
    if yahoo { &['+', '=', '#', '-'] } else { &['+', '=', '#'] }
}

fn with_dots_as_meant(local: &str, domain: &str) -> String {
    if matches!(domain, "gmail.com" | "googlemail.com") {
        return format!("{}@{domain}", local.replace('.', ""));
    }
    format!("{local}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text, "p").expect("an address")
    }

    #[test]
    fn an_entry_is_an_identifier_or_one_of_two_wildcards() {
        for (text, kind, key) in [
            ("Ada@Example.com", "email_address", "ada@example.com"),
            ("*@Example.com", "email_address", "*@example.com"),
            ("*@*.example.com", "email_address", "*@*.example.com"),
            ("+1 202 555 0101", "phone_number", "+12025550101"),
            (
                "0x71C7656EC7ab88b098defB751B7401B5f6d8976F",
                "web3_wallet",
                "0x71c7656ec7ab88b098defb751b7401b5f6d8976f",
            ),
        ] {
            let entry = AccessEntry::parse(text, "identifier").expect(text);
            assert_eq!((entry.kind, entry.key.as_str()), (kind, key), "{text}");
        }
        for text in ["", "*", "*@", "*@*", "*@*.*.com", "a*@b.co", "*@com", "ada", "*@*.b.co x"] {
            let problem = AccessEntry::parse(text, "identifier").expect_err(text);
            assert_eq!(problem.code, Code::FormParamFormatInvalid, "{text}");
        }
    }

    #[test]
    fn a_wildcard_is_for_a_domain_or_for_those_below_it() {
        let address = email("a+b@x.example.com");
        let admitted = Newcomer::Email(&address).admitted_by();
        let expected = ["a+b@x.example.com", "*@x.example.com", "*@*.example.com", "*@*.com"];
        assert_eq!(admitted, expected);
        assert!(Newcomer::Email(&address).shut_out_by().contains(&"a@x.example.com".to_owned()));
    }

    #[test]
    fn the_base_of_an_address_is_its_mailbox() {
        for (text, base, dotless) in [
            ("a+b+c@x.co", "a@x.co", "a+b+c@x.co"),
            ("a=b@x.co", "a@x.co", "a=b@x.co"),
            ("a#b@x.co", "a@x.co", "a#b@x.co"),
            ("a-b@x.co", "a-b@x.co", "a-b@x.co"),
            ("a-b@yahoo.co.uk", "a@yahoo.co.uk", "a-b@yahoo.co.uk"),
            ("+a@x.co", "+a@x.co", "+a@x.co"),
            ("a.b+c@gmail.com", "ab@gmail.com", "ab+c@gmail.com"),
            ("a.b@x.co", "a.b@x.co", "a.b@x.co"),
        ] {
            assert_eq!(
                (email(text).base().as_str(), email(text).dotless().as_str()),
                (base, dotless)
            );
        }
    }

    #[test]
    fn mailboxes_to_throw_away_are_known_by_their_domain() {
        assert!(email("a@mailinator.com").is_disposable());
        assert!(email("a@x.mailinator.com").is_disposable());
        assert!(!email("a@gmail.com").is_disposable());
    }
}
