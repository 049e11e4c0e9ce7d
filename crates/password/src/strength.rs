//! How hard a password is to guess, by zxcvbn's patterns, and what would make it harder.

use zxcvbn::feedback::{Feedback, Suggestion, Warning};

/// Characters of a password and of each input that are looked at: the time that
/// zxcvbn takes grows faster than the length (measured: 100 take at most 20 ms).
const MAX_CHARS: usize = 100;
/// Inputs that are looked at.
const MAX_INPUTS: usize = 32;

/// How hard a password is to guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength {
    /// From 0, guessed within a thousand tries, to 4, not within ten thousand millions.
    pub score: u8,
    /// What would make it stronger; empty from score 3 up.
    pub suggestions: Vec<Advice>,
    /// What makes it weak, if one pattern does; none from score 3 up.
    pub warning: Option<Advice>,
}

/// A sentence of advice, with the code under which user interfaces translate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// As Clerk's components have it in their translations: `anotherWord`.
    pub code: &'static str,
    /// In English, with a full stop.
    pub message: &'static str,
}

/// The strength of `password` against someone who knows `user_inputs`: the user's
/// names and identifiers, and the name of the service.
///
/// Only the first 100 characters of each and the first 32 inputs count. Takes
/// milliseconds of one core: run it in the [`HashPool`](crate::HashPool). Years
/// are judged against the clock of the machine. What zxcvbn copies of the password
/// is not wiped from memory.
pub fn strength(password: &str, user_inputs: &[&str]) -> Strength {
    let inputs: Vec<&str> = user_inputs.iter().take(MAX_INPUTS).map(|input| cut(input)).collect();
    let entropy = zxcvbn::zxcvbn(cut(password), &inputs);
    let feedback = entropy.feedback();
    Strength {
        score: entropy.score().into(),
        suggestions: feedback
            .map(|feedback| feedback.suggestions().iter().copied().map(suggestion).collect())
            .unwrap_or_default(),
        warning: feedback.and_then(Feedback::warning).map(warning),
    }
}

/// The first characters of `text`.
fn cut(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARS).map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

fn suggestion(suggestion: Suggestion) -> Advice {
    let (code, message) = match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => {
            ("useWords", "Use several words, but avoid common phrases.")
        }
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => {
            ("noNeed", "Symbols, digits and capital letters are not needed.")
        }
        Suggestion::AddAnotherWordOrTwo => ("anotherWord", "Add a word or two that are uncommon."),
        Suggestion::CapitalizationDoesntHelpVeryMuch => {
            ("capitalization", "Do not only capitalize the first letter.")
        }
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => {
            ("allUppercase", "Do not capitalize every letter.")
        }
        Suggestion::ReversedWordsArentMuchHarderToGuess => {
            ("reverseWords", "Avoid words spelled backwards.")
        }
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
            ("l33t", "Avoid expected substitutions such as '@' for 'a'.")
        }
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => {
            ("longerKeyboardPattern", "Make keyboard patterns longer, with more turns.")
        }
        Suggestion::AvoidRepeatedWordsAndCharacters => {
            ("repeated", "Avoid words and characters that repeat.")
        }
        Suggestion::AvoidSequences => ("sequences", "Avoid sequences of characters."),
        Suggestion::AvoidRecentYears => ("recentYears", "Avoid recent years."),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => {
            ("associatedYears", "Avoid years that have to do with you.")
        }
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            ("dates", "Avoid dates and years that have to do with you.")
        }
    };
    Advice { code, message }
}

fn warning(warning: Warning) -> Advice {
    let (code, message) = match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => {
            ("straightRow", "Rows of keys on the keyboard are easy to guess.")
        }
        Warning::ShortKeyboardPatternsAreEasyToGuess => {
            ("keyPattern", "Short keyboard patterns are easy to guess.")
        }
        Warning::RepeatsLikeAaaAreEasyToGuess => {
            ("simpleRepeat", "Repeated characters such as \"aaa\" are easy to guess.")
        }
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            ("extendedRepeat", "Repeated patterns such as \"abcabc\" are easy to guess.")
        }
        Warning::ThisIsATop10Password => ("topTen", "Few passwords are used as often."),
        Warning::ThisIsATop100Password => ("topHundred", "The password is used very often."),
        Warning::ThisIsACommonPassword => ("common", "The password is a common one."),
        Warning::ThisIsSimilarToACommonlyUsedPassword => {
            ("similarToCommon", "The password is like a common one.")
        }
        Warning::SequencesLikeAbcAreEasyToGuess => {
            ("sequences", "Sequences such as \"abc\" are easy to guess.")
        }
        Warning::RecentYearsAreEasyToGuess => ("recentYears", "Recent years are easy to guess."),
        Warning::AWordByItselfIsEasyToGuess => ("wordByItself", "A single word is easy to guess."),
        Warning::DatesAreOftenEasyToGuess => ("dates", "Dates are easy to guess."),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => {
            ("namesByThemselves", "A name by itself is easy to guess.")
        }
        Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            ("commonNames", "Common names are easy to guess.")
        }
    };
    Advice { code, message }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn codes(strength: &Strength) -> Vec<&str> {
        strength.suggestions.iter().map(|advice| advice.code).collect()
    }

    #[test]
    fn weak_passwords_come_with_advice() {
        let weak = strength("password", &[]);
        assert_eq!(weak.score, 0);
        assert_eq!(codes(&weak), ["anotherWord"]);
        assert_eq!(weak.warning.map(|advice| advice.code), Some("topTen"));
        let empty = strength("", &[]);
        assert_eq!(empty.score, 0);
        assert_eq!(codes(&empty), ["useWords", "noNeed"]);
    }

    #[test]
    fn strong_passwords_come_without() {
        let strong = strength("tympanum gravel-9 ochre lattice", &[]);
        assert_eq!(strong, Strength { score: 4, suggestions: Vec::new(), warning: None });
    }

    #[test]
    fn what_is_known_of_the_user_counts_against_the_password() {
        let password = "zyxwobert.quimbleton";
        let without = strength(password, &[]).score;
        assert!(strength(password, &[password]).score < without);
    }

    #[test]
    fn what_follows_a_hundred_characters_does_not_count() {
        let long = "é1".repeat(50);
        assert_eq!(strength(&long, &[]), strength(&format!("{long}tympanum gravel"), &[]));
        assert_eq!(cut(&long), long);
        assert_eq!(cut("short"), "short");
    }

    #[test]
    fn the_worst_of_passwords_takes_no_seconds() {
        let inputs: Vec<String> = (0..1000).map(|n| format!("{n}").repeat(1000)).collect();
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        for password in
            ["a@", "4@8({[</369&", "1", "password", "é", "qwerty12", "01/02/1999", "$3cr3t"]
        {
            let begun = Instant::now();
            strength(&password.repeat(100_000), &inputs);
            assert!(begun.elapsed() < Duration::from_secs(10), "{password} {:?}", begun.elapsed());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_password_makes_it_panic(password in "\\PC{0,120}", input in "\\PC{0,12}") {
            let strength = strength(&password, &[&input]);
            prop_assert!(strength.score <= 4);
        }
    }
}
