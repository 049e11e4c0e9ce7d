//! The name of a stored picture, which cannot be anything but a name.

use std::fmt;

use crate::Format;

/// The longest id; ours are 31 characters.
const MAX_ID: usize = 64;

/// Names one stored picture: `img_29w83….jpg`, its id and its format.
///
/// Ids are ours, made of ASCII letters, digits and underscores. Nothing else is
/// let through, so that no key can leave the folder or bucket prefix it is put
/// under, on any file system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageKey {
    id: String,
    format: Format,
}

/// Not the name of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a stored picture")]
pub struct BadKey;

impl ImageKey {
    /// Names the picture `id`, 1 to 64 characters of `[A-Za-z0-9_]`.
    pub fn new(id: &str, format: Format) -> Result<Self, BadKey> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(known) {
            return Err(BadKey);
        }
        Ok(Self { id: id.to_owned(), format })
    }

    /// Reads what `Display` wrote, such as the last segment of a picture's URL.
    pub fn parse(name: &str) -> Result<Self, BadKey> {
        let (id, extension) = name.split_once('.').ok_or(BadKey)?;
        Self::new(id, Format::from_extension(extension).ok_or(BadKey)?)
    }

    /// The id, without extension.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The format that the picture was stored in.
    pub const fn format(&self) -> Format {
        self.format
    }
}

impl fmt::Display for ImageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.format)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_reads_back_as_its_key() {
        let key = ImageKey::new("img_2aBc9", Format::Webp).expect("a key");
        assert_eq!(key.to_string(), "img_2aBc9.webp");
        assert_eq!(ImageKey::parse("img_2aBc9.webp"), Ok(key));
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for id in ["", ".", "..", "../x", "a/b", "a\\b", "a.b", "a%2e", "a b", "é", "a\0", "-"] {
            assert_eq!(ImageKey::new(id, Format::Png), Err(BadKey), "{id:?}");
        }
        assert_eq!(ImageKey::new(&"a".repeat(65), Format::Png), Err(BadKey));
        for name in ["", "img_1", "img_1.", "img_1.svg", "img_1.png.", "img_1.jpg.png", ".png"] {
            assert_eq!(ImageKey::parse(name), Err(BadKey), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_parsed_is_a_plain_file_name(name in "\\PC{0,12}(\\.png)?") {
            if let Ok(key) = ImageKey::parse(&name) {
                prop_assert_eq!(key.to_string(), name);
                prop_assert!(key.id().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            }
        }
    }
}
