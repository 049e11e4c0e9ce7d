//! Letter case folding that never merges two different characters.

/// The text with every letter lowered that has exactly one capital form.
///
/// A character is lowered only if raising the result gives it back. So `K` and
/// `k` are one, while the Kelvin sign (U+212A), the Angstrom sign (U+212B), the
/// dotted capital I (U+0130) and the capital sharp s (U+1E9E) stay themselves,
/// although Unicode's own folding takes them for k, å, i and ss. Folding twice
/// changes nothing more; the length in characters never changes.
pub fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match single(c.to_lowercase()) {
        Some(lower) if single(lower.to_uppercase()) == Some(c) => lower,
        _ => c,
    }
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    chars.next().filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_letter_and_its_own_capital_become_one() {
        let mut sources: HashMap<char, Vec<char>> = HashMap::new();
        for c in '\0'..=char::MAX {
            sources.entry(fold_char(c)).or_default().push(c);
        }
        for (folded, from) in sources {
            match from.as_slice() {
                [only] => assert_eq!(*only, folded),
                [a, b] => {
                    let capital = if *a == folded { *b } else { *a };
                    assert!([*a, *b].contains(&folded));
                    assert!(capital.to_lowercase().eq([folded]));
                    assert!(folded.to_uppercase().eq([capital]));
                }
                more => panic!("{more:?} all fold to {folded:?}"),
            }
        }
    }

    #[test]
    fn signs_that_merely_look_like_letters_stay_themselves() {
        for sign in ["\u{212A}", "\u{212B}", "\u{130}", "\u{1E9E}", "\u{1C5}", "\u{17F}", "\u{B5}"]
        {
            assert_eq!(fold(sign), sign);
        }
        assert_eq!(fold("ÅSA Ÿ ДОМ ΣΑΣ"), "åsa ÿ дом σασ");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn ascii_case_does_not_matter(text in any::<String>()) {
            prop_assert_eq!(fold(&text.to_ascii_uppercase()), fold(&text));
        }

        #[test]
        fn folding_is_done_character_by_character(text in any::<String>()) {
            prop_assert_eq!(fold(&text).chars().count(), text.chars().count());
        }
    }
}
