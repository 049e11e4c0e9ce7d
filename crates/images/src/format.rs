//! The four picture formats that are let in.

use std::fmt;

/// A picture's encoding; none of them can carry a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG, the usual photograph.
    Jpeg,
    /// PNG.
    Png,
    /// GIF: accepted, but stored as PNG, see [`crate::sanitize`].
    Gif,
    /// WebP, lossy or lossless.
    Webp,
}

impl Format {
    /// All of them, in no particular order.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::Webp];

    /// The file name extension in storage keys, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Webp => "webp",
        }
    }

    /// The format whose [`extension`](Self::extension) is exactly this text.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }

    /// The value of the `Content-Type` header that it is served with.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_lead_back_to_their_format_and_nothing_else_does() {
        for format in Format::ALL {
            assert_eq!(Format::from_extension(format.extension()), Some(format));
        }
        for wrong in ["", "svg", "JPG", "jpeg", "png "] {
            assert_eq!(Format::from_extension(wrong), None, "{wrong:?}");
        }
    }
}
