//! First and last names.

use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::{Problem, text::text_type};

/// The most characters of a name; Clerk has a limit but does not document it.
const MAX_CHARS: usize = 256;

/// A first or last name: 1 to 256 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonName(String);

text_type!(PersonName);

/// Reads a name as given; the empty text is no name.
///
/// [`Code::FormParamMaxLengthExceeded`] when it is too long,
/// [`Code::FormParamValueInvalid`] when it holds a control character.
pub fn parse_name(text: &str, param: &str) -> Result<Option<PersonName>, Problem> {
    if text.chars().count() > MAX_CHARS {
        return Err(Problem::param(
            Code::FormParamMaxLengthExceeded,
            param,
            format!("{param} must have at most {MAX_CHARS} characters."),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::param(
            Code::FormParamValueInvalid,
            param,
            format!("{param} must not contain control characters."),
        ));
    }
    Ok((!text.is_empty()).then(|| PersonName(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_kept_as_given() {
        for text in ["Ada", " von der Leyen ", "Zoë", "李", "O'Neil-Šimić", &"ß".repeat(256)] {
            let name = parse_name(text, "first_name").expect("valid").expect("not empty");
            assert_eq!(name.as_str(), text);
        }
    }

    #[test]
    fn the_empty_text_is_no_name() {
        assert_eq!(parse_name("", "first_name"), Ok(None));
    }

    #[test]
    fn long_names_and_control_characters_are_refused() {
        let problem = parse_name(&"ß".repeat(257), "last_name").expect_err("long");
        assert_eq!(problem.code, Code::FormParamMaxLengthExceeded);
        for text in ["\0", "A\nB", "\u{7F}", "\u{85}"] {
            let problem = parse_name(text, "last_name").expect_err("control");
            assert_eq!(problem.code, Code::FormParamValueInvalid);
            assert_eq!(problem.meta["param_name"], "last_name");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = parse_name(&text, "first_name");
        }
    }
}
