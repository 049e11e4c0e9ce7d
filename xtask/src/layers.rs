//! Which crate may know which: the table, and the check that manifests obey it.

use std::fmt;

use crate::Outcome;
use crate::error::Result;
use crate::metadata::Metadata;

/// What one crate of the workspace may and must not depend on.
struct Layer {
    name: &'static str,
    /// Our crates that it may use.
    may_use: May,
    /// Other people's crates that it never imports.
    never: &'static [&'static [&'static str]],
}

enum May {
    Anything,
    Only(&'static [&'static str]),
}

use May::{Anything, Only};

const ASYNC: &[&str] = &["tokio", "tokio-util", "futures-util"];
const SQL: &[&str] = &["rusqlite", "tokio-postgres", "deadpool-postgres", "postgres"];
const HTTP: &[&str] = &["axum", "hyper", "hyper-util", "http", "http-body-util", "tower"];
const CLIENTS: &[&str] = &["reqwest"];

/// Who may use which of our crates behind a feature alone.
const BEHIND_FEATURES: &[(&str, &str)] = &[("rollbook-sdk", "rollbook-embed")];

/// The layers, innermost first. Only the dependencies of the crates themselves
/// count, not those of their tests.
const LAYERS: &[Layer] = &[
    Layer { name: "rollbook-wire", may_use: Only(&[]), never: &[ASYNC, SQL, HTTP, CLIENTS] },
    Layer {
        name: "rollbook-domain",
        may_use: Only(&["rollbook-wire"]),
        never: &[ASYNC, SQL, HTTP, CLIENTS],
    },
    Layer {
        name: "rollbook-directory",
        may_use: Only(&["rollbook-domain"]),
        never: &[ASYNC, SQL, HTTP, CLIENTS],
    },
    Layer { name: "rollbook-password", may_use: Only(&[]), never: &[SQL, HTTP, CLIENTS] },
    Layer { name: "rollbook-breaches", may_use: Only(&[]), never: &[SQL, HTTP] },
    Layer { name: "rollbook-images", may_use: Only(&[]), never: &[SQL, HTTP] },
    Layer { name: "rollbook-oauth", may_use: Only(&[]), never: &[SQL, HTTP] },
    Layer { name: "rollbook-passkeys", may_use: Only(&[]), never: &[ASYNC, SQL, HTTP, CLIENTS] },
    Layer { name: "rollbook-stripe", may_use: Only(&[]), never: &[SQL, HTTP] },
    Layer { name: "rollbook-tokens", may_use: Only(&[]), never: &[ASYNC, SQL, HTTP, CLIENTS] },
    Layer { name: "rollbook-mail", may_use: Only(&[]), never: &[SQL, HTTP, CLIENTS] },
    Layer { name: "rollbook-webhooks", may_use: Only(&[]), never: &[SQL] },
    Layer {
        name: "rollbook-store",
        may_use: Only(&["rollbook-directory", "rollbook-domain", "rollbook-wire"]),
        never: &[HTTP, CLIENTS],
    },
    Layer {
        name: "rollbook-import",
        may_use: Only(&["rollbook-domain", "rollbook-wire"]),
        never: &[ASYNC, SQL, HTTP, CLIENTS],
    },
    Layer {
        name: "rollbook-ops",
        may_use: Only(&[
            "rollbook-domain",
            "rollbook-store",
            "rollbook-password",
            "rollbook-breaches",
            "rollbook-images",
            "rollbook-import",
            "rollbook-oauth",
            "rollbook-passkeys",
            "rollbook-stripe",
            "rollbook-tokens",
            "rollbook-mail",
            "rollbook-webhooks",
            "rollbook-wire",
        ]),
        never: &[SQL, HTTP],
    },
    Layer {
        name: "rollbook-http",
        may_use: Only(&[
            "rollbook-ops",
            "rollbook-store",
            "rollbook-import",
            "rollbook-domain",
            "rollbook-wire",
        ]),
        never: &[SQL],
    },
    Layer {
        name: "rollbook-worker",
        may_use: Only(&[
            "rollbook-ops",
            "rollbook-store",
            "rollbook-domain",
            "rollbook-mail",
            "rollbook-webhooks",
            "rollbook-wire",
        ]),
        never: &[SQL, &["axum"]],
    },
    Layer {
        name: "rollbook-embed",
        may_use: Only(&[
            "rollbook-http",
            "rollbook-ops",
            "rollbook-store",
            "rollbook-wire",
            "rollbook-password",
            "rollbook-breaches",
            "rollbook-images",
            "rollbook-mail",
            "rollbook-webhooks",
            "rollbook-worker",
        ]),
        never: &[SQL],
    },
    Layer {
        name: "rollbook",
        may_use: Only(&[
            "rollbook-http",
            "rollbook-ops",
            "rollbook-store",
            "rollbook-domain",
            "rollbook-wire",
            "rollbook-password",
            "rollbook-breaches",
            "rollbook-images",
            "rollbook-import",
            "rollbook-mail",
            "rollbook-sdk",
            "rollbook-webhooks",
            "rollbook-worker",
        ]),
        never: &[SQL],
    },
    Layer {
        name: "rollbook-sdk",
        may_use: Only(&["rollbook-wire"]),
        never: &[SQL, &["axum", "hyper", "hyper-util", "tower"]],
    },
    Layer { name: "rollbook-testkit", may_use: Anything, never: &[] },
    Layer { name: "rollbook-tests", may_use: Anything, never: &[] },
    Layer { name: "rollbook-benches", may_use: Anything, never: &[] },
    Layer { name: "xtask", may_use: Anything, never: &[] },
];

/// A crate of the workspace and what it needs outside its tests.
#[derive(Debug)]
struct Crate<'a> {
    name: &'a str,
    uses: Vec<Use<'a>>,
}

#[derive(Debug)]
struct Use<'a> {
    name: &'a str,
    ours: bool,
    /// Whether a feature asks for it.
    optional: bool,
}

/// One line of a manifest that the table does not allow.
#[derive(Debug, PartialEq, Eq)]
enum Violation<'a> {
    /// The table has no row for this crate.
    Unknown { user: &'a str },
    /// An inner layer uses an outer one.
    Layer { user: &'a str, used: &'a str },
    /// A layer imports what it must not know.
    Never { user: &'a str, used: &'a str },
}

/// Prints every violation.
pub(crate) fn run() -> Result<Outcome> {
    let metadata = Metadata::load()?;
    let members: Vec<&str> = metadata.members().map(|member| member.name.as_str()).collect();
    let crates: Vec<Crate<'_>> = metadata
        .members()
        .map(|member| Crate {
            name: &member.name,
            uses: member
                .dependencies
                .iter()
                .filter(|dependency| dependency.is_normal())
                .map(|dependency| Use {
                    name: &dependency.name,
                    ours: members.contains(&dependency.name.as_str()),
                    optional: dependency.optional,
                })
                .collect(),
        })
        .collect();
    let found = violations(&crates);
    for violation in &found {
        println!("layers: {violation}");
    }
    if found.is_empty() {
        println!("layers: {} crates obey the table", crates.len());
    }
    Ok(Outcome::of(found.is_empty()))
}

fn violations<'a>(crates: &[Crate<'a>]) -> Vec<Violation<'a>> {
    let mut found = Vec::new();
    for Crate { name: user, uses } in crates {
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == *user) else {
            found.push(Violation::Unknown { user });
            continue;
        };
        for Use { name: used, ours, optional } in uses {
            let behind_feature = *optional && BEHIND_FEATURES.contains(&(*user, *used));
            let allowed = match layer.may_use {
                Anything => true,
                Only(names) => !ours || names.contains(used) || behind_feature,
            };
            if !allowed {
                found.push(Violation::Layer { user, used });
            }
            if layer.never.iter().any(|group| group.contains(used)) {
                found.push(Violation::Never { user, used });
            }
        }
    }
    found
}

impl fmt::Display for Violation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { user } => {
                write!(formatter, "{user} has no row in xtask/src/layers.rs")
            }
            Self::Layer { user, used } => {
                write!(formatter, "{user} may not use {used}, a layer further out")
            }
            Self::Never { user, used } => write!(formatter, "{user} must never import {used}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(name: &str) -> Use<'_> {
        Use { name, ours: true, optional: false }
    }

    fn theirs(name: &str) -> Use<'_> {
        Use { name, ours: false, optional: false }
    }

    fn found<'a>(name: &'a str, uses: Vec<Use<'a>>) -> Vec<Violation<'a>> {
        violations(&[Crate { name, uses }])
    }

    #[test]
    fn an_inner_layer_may_not_use_an_outer_one() {
        assert_eq!(
            found("rollbook-domain", vec![ours("rollbook-wire"), ours("rollbook-store")]),
            [Violation::Layer { user: "rollbook-domain", used: "rollbook-store" }]
        );
    }

    #[test]
    fn a_layer_may_not_import_what_it_must_not_know() {
        for (user, used) in [
            ("rollbook-wire", "tokio"),
            ("rollbook-store", "axum"),
            ("rollbook-ops", "rusqlite"),
            ("rollbook-http", "tokio-postgres"),
        ] {
            let expected = [Violation::Never { user, used }];
            assert_eq!(found(user, vec![theirs("serde"), theirs(used)]), expected);
        }
    }

    #[test]
    fn what_is_allowed_behind_a_feature_is_allowed_there_alone() {
        let server = |optional| vec![Use { optional, ..ours("rollbook-embed") }];
        assert_eq!(found("rollbook-sdk", server(true)), []);
        let expected = [Violation::Layer { user: "rollbook-sdk", used: "rollbook-embed" }];
        assert_eq!(found("rollbook-sdk", server(false)), expected);
    }

    #[test]
    fn a_crate_without_a_row_is_a_violation() {
        let expected = [Violation::Unknown { user: "rollbook-extras" }];
        assert_eq!(found("rollbook-extras", Vec::new()), expected);
    }

    #[test]
    fn tests_and_tools_may_use_anything() {
        let uses = vec![ours("rollbook-http"), theirs("tokio-postgres")];
        assert_eq!(found("rollbook-testkit", uses), []);
    }

    #[test]
    fn every_name_in_the_table_is_a_row_of_it() {
        for layer in LAYERS {
            let Only(names) = layer.may_use else { continue };
            for name in names {
                assert!(LAYERS.iter().any(|row| row.name == *name), "{name}");
            }
        }
    }
}
