//! The letters that stand for a user without a picture.

/// The first character of each name in upper case, such as `AL`; none without names.
///
/// A character, not a grapheme: marks that combine with it are left out.
pub fn initials(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let letters: String = [first, last].into_iter().flatten().filter_map(initial).collect();
    (!letters.is_empty()).then_some(letters)
}

/// One character even where the capital form has two (`ß`), so that two always suffice.
fn initial(name: &str) -> Option<char> {
    name.trim_start().chars().next()?.to_uppercase().next()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn initials_are_the_first_letters_raised() {
        for (first, last, expected) in [
            (Some("ada"), Some("Lovelace"), Some("AL")),
            (Some("Ada"), None, Some("A")),
            (None, Some(" élan"), Some("É")),
            (Some("李"), Some("ßa"), Some("李S")),
            (Some(""), Some(" "), None),
            (None, None, None),
        ] {
            assert_eq!(initials(first, last).as_deref(), expected);
        }
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_two(first in any::<String>(), last in any::<String>()) {
            let letters = initials(Some(&first), Some(&last)).unwrap_or_default();
            prop_assert!(letters.chars().count() <= 2);
        }
    }
}
