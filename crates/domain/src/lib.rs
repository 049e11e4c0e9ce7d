//! Entities and their rules: pure functions over plain values.
//!
//! Knows nothing about async, I/O, SQL or HTTP; time and randomness are arguments.

mod index;
mod instance;
mod listing;
mod problem;
mod render;
mod settings;
mod user;

pub use index::{Identifier, UserColumns, UserIndex};
pub use instance::Instance;
pub use listing::{Order, OrderKey, Page, Range, Signed, UserFilter};
pub use problem::Problem;
pub use render::{Rendering, render_user};
pub use settings::{
    Actions, Attribute, Attributes, CustomLimits, Environment, Profile, RateLimits, Settings,
    SignUp, Switch, UserLockout,
};
pub use user::{ExternalAccount, Identified, Lock, Proof, User};
