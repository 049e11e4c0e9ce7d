//! What an operation takes: plain structs, and a setter for each field.

use rollbook_wire::Patch;
use serde::Serialize;
use serde_json::Value;

use crate::{Error, Metadata, Result, Secret};

/// What an operation takes besides the ids in its path.
pub trait Params: Send + Sync {
    /// How it travels.
    #[doc(hidden)]
    fn encode(&self) -> Result<Encoded>;
}

/// Parameters on their way.
#[doc(hidden)]
#[derive(Debug)]
pub enum Encoded {
    Nothing,
    Query(Vec<(String, String)>),
    Json(Vec<u8>),
    Upload { file: Vec<u8>, fields: Vec<(&'static str, String)> },
}

impl Params for () {
    fn encode(&self) -> Result<Encoded> {
        Ok(Encoded::Nothing)
    }
}

impl Encoded {
    /// Repeated keys for arrays; what is not set is not sent.
    pub(crate) fn query(params: &impl Serialize) -> Result<Self> {
        let mut pairs = Vec::new();
        if let Value::Object(map) =
            serde_json::to_value(params).map_err(|error| unencodable(&error))?
        {
            for (name, value) in map {
                match value {
                    Value::Null => {}
                    Value::Array(values) => {
                        pairs.extend(values.iter().map(|value| (name.clone(), plain(value))));
                    }
                    value => pairs.push((name, plain(&value))),
                }
            }
        }
        Ok(Self::Query(pairs))
    }

    pub(crate) fn json(params: &impl Serialize) -> Result<Self> {
        serde_json::to_vec(params).map(Self::Json).map_err(|error| unencodable(&error))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn unencodable(error: &serde_json::Error) -> Error {
    Error::config(format!("a parameter cannot be written as JSON: {error}"))
}

/// The JSON object that `value` is written as.
pub(crate) fn object(value: impl Serialize, name: &str) -> Result<Metadata> {
    match serde_json::to_value(value).map_err(|error| unencodable(&error))? {
        Value::Object(map) => Ok(map),
        _ => Err(Error::config(format!("{name} must be written as a JSON object"))),
    }
}

/// Whether a parameter is not to be sent.
pub(crate) trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Absent for Patch<T> {
    fn is_absent(&self) -> bool {
        self.is_keep()
    }
}

/// What may be said of a nullable field: a value, [`Patch`], or an [`Option`] whose `None` clears.
pub trait IntoPatch<T> {
    /// As the three states.
    fn into_patch(self) -> Patch<T>;
}

impl<T> IntoPatch<T> for Patch<T> {
    fn into_patch(self) -> Patch<T> {
        self
    }
}

impl<T> IntoPatch<T> for Option<T> {
    fn into_patch(self) -> Patch<T> {
        self.map_or(Patch::Clear, Patch::Set)
    }
}

macro_rules! values_into_patch {
    ($($from:ty => $to:ty),+) => {
        $(impl IntoPatch<$to> for $from {
            fn into_patch(self) -> Patch<$to> {
                Patch::Set(self.into())
            }
        })+
    };
}

values_into_patch!(&str => String, String => String, bool => bool, i64 => i64, &str => Secret, String => Secret,
    Secret => Secret);

/// The type of a field of each kind.
macro_rules! field_type {
    (text) => { Option<String> };
    (texts) => { Vec<String> };
    (list) => { Option<Vec<String>> };
    (flag) => { Option<bool> };
    (number) => { Option<i64> };
    (secret) => { Option<$crate::Secret> };
    (secrets) => { Vec<$crate::Secret> };
    (object) => { Option<$crate::Metadata> };
    (patch_text) => { rollbook_wire::Patch<String> };
    (patch_flag) => { rollbook_wire::Patch<bool> };
    (patch_number) => { rollbook_wire::Patch<i64> };
    (patch_secret) => { rollbook_wire::Patch<$crate::Secret> };
    ($typed:ident) => { Option<$crate::$typed> };
}

/// The setter of a field of each kind.
macro_rules! field_setter {
    ($(#[$doc:meta])* $name:ident text) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl Into<String>) -> Self {
            self.params.$name = Some($name.into());
            self
        }
    };
    ($(#[$doc:meta])* $name:ident texts) => {
        $(#[$doc])*
        pub fn $name<T: Into<String>>(mut self, $name: impl IntoIterator<Item = T>) -> Self {
            self.params.$name = $name.into_iter().map(Into::into).collect();
            self
        }
    };
    ($(#[$doc:meta])* $name:ident list) => {
        $(#[$doc])*
        pub fn $name<T: Into<String>>(mut self, $name: impl IntoIterator<Item = T>) -> Self {
            self.params.$name = Some($name.into_iter().map(Into::into).collect());
            self
        }
    };
    ($(#[$doc:meta])* $name:ident secrets) => {
        $(#[$doc])*
        pub fn $name<T: Into<$crate::Secret>>(mut self, $name: impl IntoIterator<Item = T>) -> Self {
            self.params.$name = $name.into_iter().map(Into::into).collect();
            self
        }
    };
    ($(#[$doc:meta])* $name:ident flag) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: bool) -> Self {
            self.params.$name = Some($name);
            self
        }
    };
    ($(#[$doc:meta])* $name:ident number) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: i64) -> Self {
            self.params.$name = Some($name);
            self
        }
    };
    ($(#[$doc:meta])* $name:ident secret) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl Into<$crate::Secret>) -> Self {
            self.params.$name = Some($name.into());
            self
        }
    };
    ($(#[$doc:meta])* $name:ident object) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl serde::Serialize) -> Self {
            match $crate::params::object($name, stringify!($name)) {
                Ok(map) => self.params.$name = Some(map),
                Err(error) => self.problem = self.problem.or(Some(error)),
            }
            self
        }
    };
    ($(#[$doc:meta])* $name:ident patch_text) => { $crate::params::field_setter!(patch $(#[$doc])* $name String); };
    ($(#[$doc:meta])* $name:ident patch_flag) => { $crate::params::field_setter!(patch $(#[$doc])* $name bool); };
    ($(#[$doc:meta])* $name:ident patch_number) => { $crate::params::field_setter!(patch $(#[$doc])* $name i64); };
    ($(#[$doc:meta])* $name:ident patch_secret) => { $crate::params::field_setter!(patch $(#[$doc])* $name $crate::Secret); };
    ($(#[$doc:meta])* $name:ident $typed:ident) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl Into<$crate::$typed>) -> Self {
            self.params.$name = Some($name.into());
            self
        }
    };
    (patch $(#[$doc:meta])* $name:ident $value:ty) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl $crate::params::IntoPatch<$value>) -> Self {
            self.params.$name = $name.into_patch();
            self
        }
    };
}

/// A struct of parameters, sent in the query or as a JSON body, with a setter for each field on
/// the request. A `paged` one has `limit` and `offset` besides, and can be streamed.
macro_rules! params {
    (
        $(#[$doc:meta])*
        $name:ident in query paged;
        $($field:tt)*
    ) => {
        $crate::params::params! {
            $(#[$doc])*
            $name in query;
            /// How many at the most, 1 to 500; 10 unless set.
            limit: number,
            /// How many to pass over.
            offset: number,
            $($field)*
        }

        impl<T> $crate::page::Paged<T> for $name {
            fn page(&mut self) -> (&mut Option<i64>, &mut Option<i64>) {
                (&mut self.limit, &mut self.offset)
            }
        }
    };
    (
        $(#[$doc:meta])*
        $name:ident in $place:ident;
        $($(#[$field_doc:meta])* $field:ident: $kind:ident,)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, serde::Serialize)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(skip_serializing_if = "crate::params::Absent::is_absent")]
                pub $field: $crate::params::field_type!($kind),
            )+
        }

        impl $crate::params::Params for $name {
            fn encode(&self) -> $crate::Result<$crate::params::Encoded> {
                $crate::params::Encoded::$place(self)
            }
        }

        impl<A> $crate::Request<$name, A> {
            $($crate::params::field_setter!($(#[$field_doc])* $field $kind);)+
        }
    };
}

/// A JSON body that has nothing but what must be in it.
macro_rules! body {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, serde::Serialize)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                pub $field: $of,
            )+
        }

        impl $name {
            /// With what must be in it.
            pub fn new($($field: $of),+) -> Self {
                Self { $($field),+ }
            }
        }

        impl $crate::params::Params for $name {
            fn encode(&self) -> $crate::Result<$crate::params::Encoded> {
                $crate::params::Encoded::json(self)
            }
        }
    };
}

/// A body that is a list.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Bulk<T> {
    /// What is in it, in the order of the answer.
    pub entries: Vec<T>,
}

impl<T> Bulk<T> {
    /// A body of these.
    pub fn new(entries: Vec<T>) -> Self {
        Self { entries }
    }
}

impl<T: Serialize + Send + Sync> Params for Bulk<T> {
    fn encode(&self) -> Result<Encoded> {
        Encoded::json(self)
    }
}

params! {
    /// Which page of a list.
    Paging in query paged;
}

pub(crate) use {body, field_setter, field_type, params};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arrays_become_repeated_keys_and_absent_values_nothing() {
        let params =
            json!({ "limit": 5, "banned": false, "email_address": ["a", "b"], "query": null });
        let Encoded::Query(pairs) = Encoded::query(&params).unwrap() else { panic!("a query") };
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(pairs, ["limit=5", "banned=false", "email_address=a", "email_address=b"]);
    }

    #[test]
    fn metadata_must_be_an_object() {
        assert!(object(json!({ "a": 1 }), "public_metadata").is_ok());
        assert!(matches!(object(7, "public_metadata"), Err(Error::Config { .. })));
    }
}
