//! A JSON body as named parameters.

use std::ops::{Deref, DerefMut};

use axum::extract::{FromRequest, Request};
use rollbook_domain::{Fields, Problem};
use rollbook_wire::Code;
use serde_json::{Map, Value};

use crate::Refusal;
use crate::body::read_json;

/// The members of a JSON body; see [`Fields`].
#[derive(Debug)]
pub struct Form(Fields);

impl Form {
    /// Reads an object; `null` and nothing at all are an empty one.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        Fields::parse(body).map(Self).map_err(|_| {
            Refusal::new(Code::RequestBodyInvalid, "The request body must be a valid JSON object.")
        })
    }

    /// All members as they came, for a body without fixed parameters.
    pub fn into_members(self) -> Result<Map<String, Value>, Refusal> {
        self.0.into_members().map_err(Refusal::from)
    }

    /// What [`Fields::finish`] says.
    pub fn finish(self) -> Vec<Problem> {
        self.0.finish()
    }
}

impl From<Fields> for Form {
    fn from(fields: Fields) -> Self {
        Self(fields)
    }
}

impl From<Form> for Fields {
    fn from(form: Form) -> Self {
        form.0
    }
}

impl Deref for Form {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl DerefMut for Form {
    fn deref_mut(&mut self) -> &mut Fields {
        &mut self.0
    }
}

impl<S: Sync> FromRequest<S> for Form {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        Self::parse(&read_json(request).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_400_and_not_quoted() {
        let refusal = Form::parse(br#"{"password":hunter2}"#).unwrap_err();
        assert!(!format!("{refusal:?}").contains("hunter2"));
        assert_eq!((refusal.code(), refusal.status().as_u16()), (Code::RequestBodyInvalid, 400));
    }

    #[test]
    fn a_repeated_member_is_refused_where_any_name_is_taken() {
        let form = Form::parse(br#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(form.into_members().unwrap_err().code(), Code::FormParamDuplicate);
    }
}
