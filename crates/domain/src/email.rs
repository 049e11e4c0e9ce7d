//! Email addresses, normalised so that one mailbox has one spelling.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::{Problem, fold, text::text_type};

/// The longest address in bytes that fits an SMTP path (RFC 5321 section 4.5.3.1.3, erratum 1690).
const MAX_BYTES: usize = 254;

/// The longest text worth looking at: a domain in Unicode may need more bytes than its A-labels.
const MAX_INPUT_BYTES: usize = 1024;

/// Letters that show as nothing; the only ones of their kind that count as alphanumeric.
const FILLERS: [char; 4] = ['\u{115F}', '\u{1160}', '\u{3164}', '\u{FFA0}'];

/// An email address as it is stored and sent: local part folded, domain in A-labels.
///
/// Admitted are dot-atoms of letters and digits of any script and the ASCII
/// signs of RFC 5322, before a domain name of at least two labels whose last is
/// not a number. Refused are quoted local parts, comments, display names,
/// address literals and surrounding space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

text_type!(EmailAddress);

impl EmailAddress {
    /// Reads an address; [`Code::FormParamFormatInvalid`] when it is malformed.
    ///
    /// A domain that IDNA (UTS 46) would change in more than letter case, such
    /// as one with fullwidth letters, the Kelvin sign or ignorable characters,
    /// is refused: mapping it would give one user the address of another.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        normalize(text).map(Self).ok_or_else(|| {
            Problem::param(
                Code::FormParamFormatInvalid,
                param,
                format!("{param} must be an email address such as ada@example.com."),
            )
        })
    }

    /// What stands before the `@`, folded.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// Whether this is an address of test mode: one with the subaddress `clerk_test`.
    pub fn is_for_tests(&self) -> bool {
        self.local().split('+').skip(1).any(|tag| tag.starts_with("clerk_test"))
    }

    /// What stands after the `@`: lower-case ASCII labels.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

fn normalize(text: &str) -> Option<String> {
    if text.len() > MAX_INPUT_BYTES || text.starts_with('"') || text.contains(FILLERS) {
        return None;
    }
    let (local, domain) = text.rsplit_once('@')?;
    let address = format!("{}@{}", fold(local), a_labels(&fold(domain))?);
    let options = email_address::Options::default()
        .with_required_tld()
        .without_domain_literal()
        .without_display_text();
    let sane = address.len() <= MAX_BYTES
        && email_address::EmailAddress::parse_with_options(&address, options).is_ok();
    sane.then_some(address)
}

/// The ASCII form of a folded domain, unless getting there changes a character.
fn a_labels(folded: &str) -> Option<String> {
    let uts46 = Uts46::new();
    let (rules, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let ascii = uts46.to_ascii(folded.as_bytes(), rules, hyphens, DnsLength::Verify).ok()?;
    let (unicode, decoded) = uts46.to_unicode(ascii.as_bytes(), rules, hyphens);
    decoded.ok()?;

    let same = folded.split('.').count() == ascii.split('.').count()
        && folded
            .split('.')
            .zip(ascii.split('.').zip(unicode.split('.')))
            .all(|(given, (a_label, u_label))| given == a_label || given == u_label);
    // A last label of digits makes it an IPv4 address, not a name (RFC 3696 section 2).
    let last_is_number = ascii.rsplit('.').next()?.bytes().all(|b| b.is_ascii_digit());
    (same && !last_is_number).then(|| ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(text: &str) -> Option<String> {
        EmailAddress::parse(text, "email_address").ok().map(Into::into)
    }

    #[test]
    fn letter_case_and_label_form_do_not_make_another_address() {
        for (given, kept) in [
            ("Ada.Lovelace+Tag@Example.COM", "ada.lovelace+tag@example.com"),
            ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
            ("a@xn--bcher-kva.EXAMPLE", "a@xn--bcher-kva.example"),
            ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
            ("ДОМ@пример.рф", "дом@xn--e1afmkfd.xn--p1ai"),
            ("a@faß.de", "a@xn--fa-hia.de"),
            ("o'neil!#$%&*/=?^_`{|}~-@a-b.co", "o'neil!#$%&*/=?^_`{|}~-@a-b.co"),
            ("a@1.2.3.example", "a@1.2.3.example"),
        ] {
            assert_eq!(stored(given).as_deref(), Some(kept), "{given}");
        }
    }

    #[test]
    fn two_different_characters_never_become_one_address() {
        assert_eq!(
            stored("\u{212A}elvin@example.com").as_deref(),
            Some("\u{212A}elvin@example.com")
        );
        for domain in [
            "\u{212A}elvin.example", // Kelvin sign
            "\u{212B}.example",      // Angstrom sign
            "ｅxample.com",          // fullwidth e
            "exa\u{AD}mple.com",     // soft hyphen
            "exa\u{200B}mple.com",   // zero width space
            "example\u{3002}com",    // ideographic full stop
            "e\u{301}.example",      // decomposed é
            "\u{130}.example",       // dotted capital I
            "STRA\u{1E9E}E.example", // capital sharp s
            "ﬁ.example",             // ligature
            "①.example",
        ] {
            assert_eq!(stored(&format!("a@{domain}")), None, "{domain}");
        }
    }

    #[test]
    fn malformed_addresses_are_refused_by_name() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_label = format!("a@{}.com", "a".repeat(64));
        let long_total =
            format!("{}@{}.com", "a".repeat(64), ["a".repeat(62).as_str(); 3].join("."));
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@b.co",
            "a@b",
            "a@localhost",
            " a@b.co",
            "a@b.co ",
            "a b@c.de",
            "a@b..co",
            "a@.b.co",
            "a@b.co.",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.de",
            "a@b@c.de",
            "\"a b\"@c.de",
            "\"a\"@c.de",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "A <a@b.co>",
            "<a@b.co>",
            "a(c)@b.co",
            "a@b_c.de",
            "a@-b.co",
            "a@b-.co",
            "a@b.co\0",
            "a\n@b.co",
            "a@xn--a.co",
            "a\u{3164}@b.co",
            "a\u{200B}@b.co",
            &long_local,
            &long_label,
            &long_total,
        ] {
            let problem = EmailAddress::parse(text, "email_address").expect_err(text);
            assert_eq!(problem.code, Code::FormParamFormatInvalid);
            assert_eq!(problem.meta["param_name"], "email_address");
            assert!(problem.long_message.starts_with("email_address "));
        }
    }

    #[test]
    fn the_parts_and_the_wire_form_are_those_of_the_stored_address() {
        let address = EmailAddress::parse("A@B.co", "p").expect("valid");
        assert_eq!((address.local(), address.domain()), ("a", "b.co"));
        let json = serde_json::to_string(&address).expect("text");
        assert_eq!(json, r#""a@b.co""#);
        assert_eq!(serde_json::from_str::<EmailAddress>(&json).expect("text"), address);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = stored(&text);
            let _ = stored(&format!("a@{text}"));
            let _ = stored(&format!("{text}@b.co"));
        }

        #[test]
        fn a_stored_address_reads_as_itself(
            local in "[\\w.+]{1,20}", domain in "[\\w-]{1,12}\\.[a-zA-Zа-яА-Яéß]{2,8}",
        ) {
            if let Some(once) = stored(&format!("{local}@{domain}")) {
                let again = stored(&once);
                prop_assert_eq!(again.as_deref(), Some(once.as_str()));
                let raised = format!("{local}@{domain}").to_ascii_uppercase();
                prop_assert_eq!(stored(&raised), Some(once));
            }
        }
    }
}
