//! Reading an answer, and saying where it could not be read.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use crate::{Error, Result};

/// An empty body (204) reads as null.
pub(crate) fn read<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T> {
    let body = if body.is_empty() { b"null" } else { body };
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| Error::Decode {
        status,
        path: error.path().to_string(),
        source: error.into_inner(),
    })
}

/// Null is as good as absent.
pub(crate) fn or_default<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(from).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::User;

    #[test]
    fn the_place_of_what_cannot_be_read_is_told() {
        let body = json!([{ "id": "user_1", "email_addresses": [{ "id": 7 }] }]).to_string();
        let error = read::<Vec<User>>(200, body.as_bytes()).unwrap_err();
        let Error::Decode { status, path, .. } = &error else { panic!("{error}") };
        assert_eq!((*status, path.as_str()), (200, "[0].email_addresses[0].id"));
        assert_eq!(error.status(), Some(200));
    }
}
