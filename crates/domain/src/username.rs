//! Usernames and the rules an instance sets for them.

use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::{Problem, text::text_type};

/// Characters that the instance may admit beyond letters, digits, `_` and `-`.
const SPECIAL: &str = "^$!.`#+~";

/// What a username must look like in one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UsernameRules {
    /// The fewest characters; an empty username is refused even at 0.
    pub min_length: u32,
    /// The most characters.
    pub max_length: u32,
    /// Whether ``^ $ ! . ` # + ~`` are admitted.
    pub allow_extended_special_characters: bool,
    /// Whether a username may consist of digits alone.
    pub allow_numeric_usernames: bool,
}

impl Default for UsernameRules {
    fn default() -> Self {
        Self {
            min_length: 4,
            max_length: 64,
            allow_extended_special_characters: false,
            allow_numeric_usernames: false,
        }
    }
}

impl UsernameRules {
    /// What is wrong with them, each with the name of the setting.
    pub(crate) fn problems(&self) -> Vec<(&'static str, &'static str)> {
        if self.min_length < 1 || self.max_length < self.min_length || self.max_length > 256 {
            return vec![("username_settings", "needs 1 <= min_length <= max_length <= 256")];
        }
        Vec::new()
    }
}

/// A username in lower case, as it is stored and sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Username(String);

text_type!(Username);

impl Username {
    /// Reads a username of ASCII letters, digits, `_`, `-` and what `rules` add; all problems at once.
    ///
    /// Because only ASCII is admitted, lowering the letters cannot merge two
    /// different characters.
    pub fn parse(text: &str, param: &str, rules: &UsernameRules) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut refuse = |code, must: String| {
            problems.push(Problem::param(code, param, format!("{param} {must}.")));
        };

        let length = text.chars().count();
        let (min, max) = (rules.min_length.max(1), rules.max_length);
        if !(min as usize..=max as usize).contains(&length) {
            let must = format!("must have between {min} and {max} characters");
            refuse(Code::FormUsernameInvalidLength, must);
        }
        let admitted = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, '_' | '-')
                || (rules.allow_extended_special_characters && SPECIAL.contains(c))
        };
        if !text.chars().all(admitted) {
            let special = if rules.allow_extended_special_characters { SPECIAL } else { "" };
            let must = format!("may only contain letters, digits and the characters _-{special}");
            refuse(Code::FormUsernameInvalidCharacter, must);
        }
        if !rules.allow_numeric_usernames && is_number(text) {
            let must = "must contain a character that is not a digit".to_owned();
            refuse(Code::FormUsernameNeedsNonNumberChar, must);
        }
        if text.strip_prefix('+').is_some_and(is_number) {
            let must = "must not look like a phone number".to_owned();
            refuse(Code::FormUsernameCannotBePhoneNumber, must);
        }

        if problems.is_empty() { Ok(Self(text.to_ascii_lowercase())) } else { Err(problems) }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use Code::{
        FormUsernameCannotBePhoneNumber as Phone, FormUsernameInvalidCharacter as Character,
        FormUsernameInvalidLength as Length, FormUsernameNeedsNonNumberChar as Number,
    };
    use proptest::prelude::*;

    use super::*;

    fn codes(text: &str, rules: &UsernameRules) -> Vec<Code> {
        let problems = Username::parse(text, "username", rules).err().unwrap_or_default();
        assert!(problems.iter().all(|p| p.meta["param_name"] == "username"));
        problems.into_iter().map(|p| p.code).collect()
    }

    #[test]
    fn a_username_is_kept_in_lower_case() {
        let name = Username::parse("Ada_L-1815", "username", &UsernameRules::default());
        assert_eq!(name.expect("valid").as_str(), "ada_l-1815");
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let strict = UsernameRules::default();
        assert_eq!(codes("", &strict), [Length]);
        assert_eq!(codes("abc", &strict), [Length]);
        assert_eq!(codes(&"a".repeat(65), &strict), [Length]);
        assert_eq!(codes("12345", &strict), [Number]);
        assert_eq!(codes("1", &strict), [Length, Number]);
        assert_eq!(codes("a.b", &strict), [Length, Character]);
        assert_eq!(codes("+15555550100", &strict), [Character, Phone]);
        for text in ["a b c", "héloïse", "\u{212A}elvin", "ada@x", "ada\0", "ａｄａａ", "a/../b"]
        {
            assert_eq!(codes(text, &strict), [Character], "{text}");
        }
    }

    #[test]
    fn the_instance_may_admit_special_characters_and_numbers() {
        let special =
            UsernameRules { allow_extended_special_characters: true, ..Default::default() };
        assert_eq!(codes("^$!.`#+~", &special), []);
        assert_eq!(codes("+15555550100", &special), [Phone]);
        assert_eq!(codes("ada@x", &special), [Character]);
        let numeric = UsernameRules { allow_numeric_usernames: true, ..Default::default() };
        assert_eq!(codes("12345", &numeric), []);
        let lax = UsernameRules { min_length: 0, ..Default::default() };
        assert_eq!(codes("", &lax), [Length]);
    }

    #[test]
    fn settings_left_out_have_their_defaults() {
        let rules: UsernameRules = serde_json::from_str(r#"{"min_length":2}"#).expect("rules");
        assert_eq!(rules, UsernameRules { min_length: 2, ..Default::default() });
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), special: bool, numeric: bool) {
            let rules = UsernameRules {
                allow_extended_special_characters: special,
                allow_numeric_usernames: numeric,
                ..Default::default()
            };
            if let Ok(name) = Username::parse(&text, "username", &rules) {
                prop_assert!(name.as_str().is_ascii());
                prop_assert_eq!(Username::parse(name.as_str(), "username", &rules), Ok(name));
            }
        }
    }
}
