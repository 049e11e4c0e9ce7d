//! What the store promises, on both engines and on each.

mod default_plans;
mod directories;
mod emails;
mod index;
mod migrations;
mod postgres;
mod schema;
mod sqlite;
mod transactions;
mod traps;
mod vault;
