//! Letter case folding that never merges two different characters.

use unicode_normalization::UnicodeNormalization;

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

/// The text as searches compare names: [`fold`]ed, and without accents.
///
/// Left out are the marks of U+0300 to U+036F, which Latin, Greek and Cyrillic letters carry,
/// composed (`é`) or not; so `й` is found by `и`. Marks of other scripts make other letters there,
/// and stay. A letter with a stroke (`ø`, `ł`) is not one with an accent.
pub fn fold_accents(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare: String = text.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc().collect();
    fold(&bare)
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

    #[test]
    fn accents_are_left_out_where_they_are_marks_on_a_letter() {
        for (text, folded) in [
            ("Émile", "emile"),
            ("e\u{301}MILE", "emile"),
            ("İpek", "ipek"),
            ("Nguyễn", "nguyen"),
            ("Άννα", "αννα"),
            ("Ёлкин", "елкин"),
            ("Straße Øre Łódź", "straße øre łodz"),
            // Their marks make other letters.
            ("が", "が"),
            ("か\u{3099}", "が"),
            ("한국", "한국"),
            ("हिन्दी", "हिन्दी"),
            ("\u{301}", ""),
        ] {
            assert_eq!(fold_accents(text), folded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn leaving_accents_out_twice_is_doing_it_once(text in any::<String>()) {
            let once = fold_accents(&text);
            prop_assert_eq!(fold_accents(&once), once.clone());
            // So whoever has the text is found by it in any of its forms.
            prop_assert_eq!(fold_accents(&fold(&text)), once);
        }

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
