//! What an instance asks of a plain password.

use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::{Problem, fold};

/// What a plain password must look like in one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordRules {
    /// The fewest characters.
    pub min_length: u32,
    /// The most characters.
    pub max_length: u32,
    /// Whether a lower-case letter is needed.
    pub require_lowercase: bool,
    /// Whether a capital letter is needed.
    pub require_uppercase: bool,
    /// Whether a digit is needed.
    pub require_numbers: bool,
    /// Whether one of `allowed_special_characters` is needed.
    pub require_special_char: bool,
    /// What counts as a special character; others may occur all the same.
    pub allowed_special_characters: String,
    /// Whether passwords known from breaches are let through.
    pub disable_hibp: bool,
    /// The least strength by zxcvbn's measure, 0 to 4; 0 asks for none.
    pub min_zxcvbn_strength: u8,
    /// How new passwords are hashed, and what weaker digests are replaced by.
    pub hasher: PasswordHasher,
}

/// How new passwords are hashed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordHasher {
    /// argon2id at the parameters that OWASP recommends.
    #[default]
    Argon2id,
    /// bcrypt, which reads 72 bytes and refuses longer passwords.
    Bcrypt,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            min_length: 8,
            max_length: 72,
            require_lowercase: false,
            require_uppercase: false,
            require_numbers: false,
            require_special_char: false,
            // The list of OWASP: ASCII's punctuation and the space.
            allowed_special_characters: r##" !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##.to_owned(),
            disable_hibp: false,
            min_zxcvbn_strength: 0,
            hasher: PasswordHasher::default(),
        }
    }
}

impl PasswordRules {
    /// What is wrong with them, each with the name of the setting.
    pub(crate) fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        let (min, max) = (self.min_length, self.max_length);
        if !(1..=1024).contains(&min) || max < min || max > 1024 {
            problems.push(("password_settings", "needs 1 <= min_length <= max_length <= 1024"));
        }
        if self.min_zxcvbn_strength > 4 {
            problems.push(("min_zxcvbn_strength", "must lie between 0 and 4"));
        }
        problems
    }

    /// Everything that is wrong with a new password; empty when it may be set.
    ///
    /// `identifiers` are the user's email addresses, phone numbers, usernames
    /// and wallets; the password may equal none of them, nor the local part of an
    /// email address, in any letter case. `is_breached` is asked at most once. The problems of
    /// [`check_hashable`] are among the result.
    pub fn check(
        &self,
        password: &str,
        identifiers: &[&str],
        is_breached: impl Fn(&str) -> bool,
        limit_bytes: Option<usize>,
        param: &str,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |wrong: bool, code, must: &str| {
            if wrong {
                problems.push(Problem::param(code, param, format!("{param} must {must}.")));
            }
        };

        let length = password.chars().count();
        let (min, max) = (self.min_length as usize, self.max_length as usize);
        let too_long = length > max;
        let at_least = format!("have at least {min} characters");
        refuse(length < min, Code::FormPasswordLengthTooShort, &at_least);
        let at_most = format!("have at most {max} characters");
        refuse(too_long, Code::FormPasswordLengthTooLong, &at_most);

        let lacks = |wanted: bool, has: &dyn Fn(char) -> bool| wanted && !password.chars().any(has);
        let lowercase = lacks(self.require_lowercase, &char::is_lowercase);
        refuse(lowercase, Code::FormPasswordNoLowercase, "contain a lower-case letter");
        let uppercase = lacks(self.require_uppercase, &char::is_uppercase);
        refuse(uppercase, Code::FormPasswordNoUppercase, "contain a capital letter");
        let number = lacks(self.require_numbers, &char::is_numeric);
        refuse(number, Code::FormPasswordNoNumber, "contain a digit");
        let special = &self.allowed_special_characters;
        let special_char = lacks(self.require_special_char, &|c| special.contains(c));
        let one_of = format!("contain one of the characters {special}");
        refuse(special_char, Code::FormPasswordNoSpecialChar, &one_of);

        let matches = equals_identifier(password, identifiers);
        refuse(matches, Code::FormPasswordMatchesIdentifier, "differ from the user's identifiers");
        let breached = !self.disable_hibp && is_breached(password);
        refuse(breached, Code::FormPasswordPwned, "not be known from a data breach");

        // Its own code is for passwords with few enough characters but too many bytes.
        let limit_bytes = limit_bytes.filter(|_| !too_long);
        problems.extend(check_hashable(password, limit_bytes, param));
        problems
    }
}

/// What no waiver of the policy can waive.
///
/// [`Code::FormParamValueInvalid`] for an empty password and for U+0000, where hash
/// functions written in C stop reading; [`Code::FormPasswordSizeInBytesExceeded`]
/// beyond `limit_bytes`, which bcrypt has (72) because it ignores the rest.
pub fn check_hashable(password: &str, limit_bytes: Option<usize>, param: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut refuse = |code, must: String| {
        problems.push(Problem::param(code, param, format!("{param} must {must}.")));
    };
    if password.is_empty() {
        refuse(Code::FormParamValueInvalid, "not be empty".to_owned());
    }
    if password.contains('\0') {
        refuse(Code::FormParamValueInvalid, "not contain U+0000".to_owned());
    }
    if let Some(limit) = limit_bytes.filter(|limit| password.len() > *limit) {
        let must = format!("have at most {limit} bytes in UTF-8");
        refuse(Code::FormPasswordSizeInBytesExceeded, must);
    }
    problems
}

fn equals_identifier(password: &str, identifiers: &[&str]) -> bool {
    let password = fold(password);
    identifiers.iter().map(|identifier| fold(identifier)).any(|identifier| {
        let local = identifier.rsplit_once('@').map(|(local, _)| local);
        password == identifier || local == Some(password.as_str())
    })
}

#[cfg(test)]
mod tests {
    use Code::{
        FormParamValueInvalid as Invalid, FormPasswordLengthTooLong as TooLong,
        FormPasswordLengthTooShort as TooShort, FormPasswordMatchesIdentifier as Matches,
        FormPasswordNoLowercase as NoLower, FormPasswordNoNumber as NoNumber,
        FormPasswordNoSpecialChar as NoSpecial, FormPasswordNoUppercase as NoUpper,
        FormPasswordPwned as Pwned, FormPasswordSizeInBytesExceeded as TooManyBytes,
    };
    use proptest::prelude::*;

    use super::*;

    fn codes(rules: &PasswordRules, password: &str) -> Vec<Code> {
        let identifiers = ["Ada.Lovelace@example.com", "+15555550100", "countess"];
        let problems =
            rules.check(password, &identifiers, |p| p == "password", Some(72), "password");
        assert!(problems.iter().all(|p| p.meta["param_name"] == "password"));
        problems.into_iter().map(|p| p.code).collect()
    }

    fn strict() -> PasswordRules {
        PasswordRules {
            require_lowercase: true,
            require_uppercase: true,
            require_numbers: true,
            require_special_char: true,
            ..Default::default()
        }
    }

    #[test]
    fn length_counts_characters_and_the_hashers_limit_bytes() {
        let rules = PasswordRules::default();
        assert_eq!(codes(&rules, "äöüßäöüß"), []);
        assert_eq!(codes(&rules, "äöüßäöü"), [TooShort]);
        assert_eq!(codes(&rules, &"x".repeat(72)), []);
        assert_eq!(codes(&rules, &"x".repeat(73)), [TooLong]);
        assert_eq!(codes(&rules, &"ä".repeat(37)), [TooManyBytes]);
        assert_eq!(rules.check(&"ä".repeat(37), &[], |_| false, None, "password"), []);
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        assert_eq!(codes(&strict(), "correct Horse 1"), []);
        assert_eq!(codes(&strict(), "ÉCOLE"), [TooShort, NoLower, NoNumber, NoSpecial]);
        assert_eq!(codes(&strict(), "password"), [NoUpper, NoNumber, NoSpecial, Pwned]);
        assert_eq!(
            codes(&strict(), ""),
            [TooShort, NoLower, NoUpper, NoNumber, NoSpecial, Invalid]
        );
        let rules = PasswordRules { allowed_special_characters: "§".to_owned(), ..strict() };
        assert_eq!(codes(&rules, "correct Horse 1!"), [NoSpecial]);
        assert_eq!(codes(&rules, "correct Horse 1§"), []);
    }

    #[test]
    fn an_identifier_is_no_password() {
        let rules = PasswordRules::default();
        for password in ["ada.lovelace@EXAMPLE.com", "ADA.lovelace", "+15555550100", "Countess"] {
            assert_eq!(codes(&rules, password), [Matches], "{password}");
        }
        for password in ["ada.lovelace1", "\u{212A}ountess", "example.com"] {
            assert_eq!(codes(&rules, password), [], "{password}");
        }
    }

    #[test]
    fn breaches_are_looked_up_only_when_the_instance_asks() {
        assert_eq!(codes(&PasswordRules::default(), "password"), [Pwned]);
        let off = PasswordRules { disable_hibp: true, ..Default::default() };
        assert_eq!(codes(&off, "password"), []);
    }

    #[test]
    fn some_checks_cannot_be_waived() {
        let codes = |password: &str| -> Vec<Code> {
            check_hashable(password, Some(72), "password").into_iter().map(|p| p.code).collect()
        };
        assert_eq!(codes("x"), []);
        assert_eq!(codes(""), [Invalid]);
        assert_eq!(codes("pass\0word"), [Invalid]);
        assert_eq!(codes(&"x".repeat(73)), [TooManyBytes]);
    }

    #[test]
    fn settings_left_out_have_their_defaults() {
        let rules: PasswordRules = serde_json::from_str(r#"{"min_length":10}"#).expect("rules");
        assert_eq!(rules, PasswordRules { min_length: 10, ..Default::default() });
        assert_eq!(rules.allowed_special_characters.chars().count(), 33);
    }

    proptest! {
        #[test]
        fn any_password_is_taken_or_refused(password in any::<String>(), other in any::<String>()) {
            let problems = strict().check(&password, &[&other, &password], |_| true, Some(72), "p");
            let codes: Vec<_> = problems.iter().map(|p| p.code).collect();
            prop_assert!(codes.contains(&Matches) && codes.contains(&Pwned));
        }
    }
}
