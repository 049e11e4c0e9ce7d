//! One line for each operation: its name, its path, what it takes and what it gives.

/// A noun and its operations, each a method that gives a [`Request`](crate::Request).
///
/// ```text
/// /// What it does.
/// name(id: IdType): METHOD / "segment" / id / "segment" (Params) => Answer;
/// ```
///
/// Arguments are given as `impl Into<…>` and may stand in the path, or in the parameters where
/// these are written `(Params { argument })`; else the parameters begin with their defaults.
macro_rules! operations {
    (
        $(#[$doc:meta])*
        $noun:ident as $label:ident;
        $(
            $(#[$operation_doc:meta])*
            $name:ident($($arg:ident: $of:ty),*): $method:ident $(/ $part:tt)+
                $(($params:ident $({ $($field:ident),+ })?))? => $answer:ty;
        )+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $noun {
            clerk: $crate::Clerk,
        }

        impl $crate::Clerk {
            $(#[$doc])*
            pub fn $label(&self) -> $noun {
                $noun { clerk: self.clone() }
            }
        }

        impl $noun {
            $(
                $(#[$operation_doc])*
                #[doc = ""]
                #[doc = concat!("`", stringify!($method), " ", $($crate::operations::segment!($part),)+ "`")]
                pub fn $name(
                    &self,
                    $($arg: impl Into<$of>),*
                ) -> $crate::Request<$crate::operations::params_type!($($params)?), $answer> {
                    $(let $arg: $of = $arg.into();)*
                    let target = $crate::request::Target {
                        operation: concat!(stringify!($label), ".", stringify!($name)),
                        method: reqwest::Method::$method,
                        path: vec![$($part.to_string()),+],
                    };
                    let params = $crate::operations::params_value!($($params $({ $($field),+ })?)?);
                    $crate::Request::new(&self.clerk, target, params)
                }
            )+
        }
    };
}

/// A part of a path as the documentation shows it.
macro_rules! segment {
    ($text:literal) => {
        concat!("/", $text)
    };
    ($arg:ident) => {
        concat!("/{", stringify!($arg), "}")
    };
}

macro_rules! params_type {
    () => {
        ()
    };
    ($params:ident) => {
        $params
    };
}

macro_rules! params_value {
    () => { () };
    ($params:ident) => { $params::default() };
    ($params:ident { $($field:ident),+ }) => { $params::new($($field),+) };
}

pub(crate) use {operations, params_type, params_value, segment};
