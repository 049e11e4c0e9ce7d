//! The id a user has in the caller's own system.

use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::{Problem, text::text_type};

/// The most characters of an external id; Clerk documents none.
const MAX_CHARS: usize = 256;

/// An external id: 1 to 256 characters, none of them a control character.
///
/// It belongs to the caller, so it is kept and compared byte for byte: letter
/// case and surrounding space make a difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalId(String);

text_type!(ExternalId);

impl ExternalId {
    /// Reads an id; [`Code::FormParamMaxLengthExceeded`] when it is too long, and
    /// [`Code::FormParamValueInvalid`] when it is empty or holds a control character.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        let refuse =
            |code, must: String| Err(Problem::param(code, param, format!("{param} must {must}.")));
        if text.is_empty() {
            return refuse(Code::FormParamValueInvalid, "not be empty".to_owned());
        }
        if text.chars().count() > MAX_CHARS {
            let must = format!("have at most {MAX_CHARS} characters");
            return refuse(Code::FormParamMaxLengthExceeded, must);
        }
        if text.chars().any(char::is_control) {
            let must = "not contain control characters".to_owned();
            return refuse(Code::FormParamValueInvalid, must);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_is_kept_byte_for_byte() {
        for text in ["42", "User_A", " x ", "+1", "-1", "%", "ü/../", &"ü".repeat(256)] {
            assert_eq!(ExternalId::parse(text, "external_id").expect(text).as_str(), text);
        }
    }

    #[test]
    fn empty_long_and_unprintable_ids_are_refused() {
        for (text, code) in [
            (String::new(), Code::FormParamValueInvalid),
            ("a\0".to_owned(), Code::FormParamValueInvalid),
            ("a\nb".to_owned(), Code::FormParamValueInvalid),
            ("ü".repeat(257), Code::FormParamMaxLengthExceeded),
        ] {
            let problem = ExternalId::parse(&text, "external_id").expect_err("invalid");
            assert_eq!(problem.code, code);
            assert_eq!(problem.meta["param_name"], "external_id");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = ExternalId::parse(&text, "external_id");
        }
    }
}
