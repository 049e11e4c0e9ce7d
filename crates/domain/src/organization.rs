//! The organization as it is kept, its name and its slug.

use rollbook_wire::{Code, Id};
use serde::{Deserialize, Serialize};

use crate::{Metadata, Problem, fold};

/// The most characters of a name, as the specification says.
const MAX_NAME_CHARS: usize = 256;

/// The most characters of a slug; Clerk documents none.
const MAX_SLUG_CHARS: usize = 256;

/// How much of a name goes into a slug that is made from it.
const MAX_MADE_SLUG_CHARS: usize = 64;

/// An organization; what changes with its members is kept beside it.
///
/// The JSON form is what the store holds, so every field added needs a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// `org_…`
    pub id: Id,
    /// For people.
    pub name: String,
    /// Lower-case letters, digits and dashes; unique in the instance.
    pub slug: String,
    /// The uploaded logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<Id>,
    /// Members and pending invitations together; 0 is unlimited.
    pub max_allowed_memberships: u32,
    /// Whether administrators may delete it through the browser API.
    pub admin_delete_enabled: bool,
    /// Read by everyone, written by the backend.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// Read and written by the backend.
    #[serde(default)]
    pub private_metadata: Metadata,
    /// Creation, which the caller may set.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

impl Organization {
    /// What `order_by=name` sorts by.
    pub fn folded_name(&self) -> String {
        fold(&self.name)
    }

    /// What `query` looks at, one field a line; a line break never matches a query.
    pub fn search_text(&self) -> String {
        format!("{}\n{}", fold(&self.name), self.slug)
    }
}

/// Reads the name of an organization: 1 to 256 characters, no URL and no HTML in it.
///
/// [`Code::FormParamMaxLengthExceeded`] when it is too long,
/// [`Code::FormParamValueInvalid`] for anything else.
pub fn parse_organization_name(text: &str) -> Result<String, Problem> {
    let refuse = |code, why: String| Err(Problem::param(code, "name", format!("name {why}.")));
    let name = text.trim();
    if name.chars().count() > MAX_NAME_CHARS {
        let why = format!("must have at most {MAX_NAME_CHARS} characters");
        return refuse(Code::FormParamMaxLengthExceeded, why);
    }
    if name.is_empty() || name.chars().any(char::is_control) {
        let why = "must not be empty nor hold control characters".to_owned();
        return refuse(Code::FormParamValueInvalid, why);
    }
    if holds_url(name) || holds_html(name) {
        let why = "must not contain URLs or HTML".to_owned();
        return refuse(Code::FormParamValueInvalid, why);
    }
    Ok(name.to_owned())
}

fn holds_url(text: &str) -> bool {
    let folded = fold(text);
    folded.contains("://") || folded.contains("www.")
}

fn holds_html(text: &str) -> bool {
    text.split('<').skip(1).any(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
            && rest.contains('>')
    })
}

/// Reads a slug that a caller chose: `[a-z0-9-]`, [`Code::FormParamFormatInvalid`] otherwise.
pub fn parse_slug(text: &str) -> Result<String, Problem> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > MAX_SLUG_CHARS || !text.chars().all(fits) {
        return Err(Problem::param(
            Code::FormParamFormatInvalid,
            "slug",
            format!(
                "slug must have 1 to {MAX_SLUG_CHARS} characters, all of them lower-case letters, digits or dashes."
            ),
        ));
    }
    Ok(text.to_owned())
}

/// A slug made from a name: its ASCII letters and digits, with dashes for the rest.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        if slug.len() == MAX_MADE_SLUG_CHARS {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "organization".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_trimmed_and_holds_neither_url_nor_html() {
        assert_eq!(parse_organization_name(" Acme & Söhne <3 ").unwrap(), "Acme & Söhne <3");
        assert!(parse_organization_name(&"ü".repeat(256)).is_ok());
        for (name, code) in [
            ("", Code::FormParamValueInvalid),
            (" ", Code::FormParamValueInvalid),
            ("A\nB", Code::FormParamValueInvalid),
            ("see HTTPS://a.example", Code::FormParamValueInvalid),
            ("WWW.a.example", Code::FormParamValueInvalid),
            ("<b>A</b>", Code::FormParamValueInvalid),
            (&"ü".repeat(257), Code::FormParamMaxLengthExceeded),
        ] {
            let problem = parse_organization_name(name).expect_err(name);
            assert_eq!((problem.code, &problem.meta["param_name"]), (code, &"name".into()));
        }
    }

    #[test]
    fn a_slug_is_taken_as_given_or_made_from_the_name() {
        assert_eq!(parse_slug("acme-2").unwrap(), "acme-2");
        for slug in ["", "Acme", "a_b", "a b", "ä", &"a".repeat(257)] {
            assert_eq!(parse_slug(slug).expect_err(slug).code, Code::FormParamFormatInvalid);
        }
        for (name, slug) in [
            ("Acme & Co.", "acme-co"),
            ("  --a--  ", "a"),
            ("李", "organization"),
            ("Ünit 7", "nit-7"),
        ] {
            assert_eq!(slug_of(name), slug);
        }
    }

    proptest! {
        #[test]
        fn a_made_slug_is_one_that_could_be_chosen(name in any::<String>()) {
            prop_assert!(parse_slug(&slug_of(&name)).is_ok());
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = parse_organization_name(&text);
            let _ = parse_slug(&text);
        }
    }
}
