//! The language and region a user prefers.

use oxilangtag::LanguageTag;
use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::{Problem, text::text_type};

/// Longer than any registered tag; the well-formed ones have no limit (RFC 5646 section 4.4.1).
const MAX_BYTES: usize = 128;

/// A BCP 47 language tag in canonical letter case, such as `en-US` or `zh-Hant-TW`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locale(String);

text_type!(Locale);

impl Locale {
    /// Reads a well-formed tag (RFC 5646 section 2.1); else [`Code::FormParamFormatInvalid`].
    ///
    /// Whether its subtags are registered is not checked.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        let tag = (text.len() <= MAX_BYTES).then(|| LanguageTag::parse_and_normalize(text));
        match tag {
            Some(Ok(tag)) => Ok(Self(tag.into_inner())),
            Some(Err(_)) | None => Err(Problem::param(
                Code::FormParamFormatInvalid,
                param,
                format!("{param} must be a BCP 47 language tag such as en-US."),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tag_is_kept_in_canonical_letter_case() {
        for (given, kept) in [
            ("en-US", "en-US"),
            ("EN-us", "en-US"),
            ("de", "de"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("de-DE-u-co-phonebk", "de-DE-u-co-phonebk"),
            ("x-private", "x-private"),
        ] {
            assert_eq!(Locale::parse(given, "locale").expect(given).as_str(), kept);
        }
    }

    #[test]
    fn malformed_tags_are_refused_by_name() {
        let long = format!("en-x-{}", ["abcdefgh"; 20].join("-"));
        for text in [
            "",
            "e",
            "en_US",
            "en-",
            "-en",
            "en--US",
            "en US",
            "english-language-tag",
            "en-US\0",
            "ënglish",
            "123",
            &long,
        ] {
            let problem = Locale::parse(text, "locale").expect_err(text);
            assert_eq!(problem.code, Code::FormParamFormatInvalid);
            assert_eq!(problem.meta["param_name"], "locale");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), tag in "[a-zA-Z0-9-]{0,30}") {
            let _ = Locale::parse(&text, "locale");
            if let Ok(once) = Locale::parse(&tag, "locale") {
                prop_assert_eq!(Locale::parse(once.as_str(), "locale"), Ok(once));
            }
        }
    }
}
