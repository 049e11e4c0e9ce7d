//! Tokens that let tests past a protection against bots; there is none here to pass.

use rollbook_wire::TestingToken;

use crate::Ctx;

/// An hour, in seconds.
const LIFETIME_S: i64 = 3600;

/// A token in Clerk's form. Nothing asks for it, so nothing of it is kept.
pub fn create(ctx: &Ctx) -> TestingToken {
    let now = ctx.clock.now().div_euclid(1000);
    TestingToken {
        object: "testing_token".to_owned(),
        token: format!("{now}-c_{}", hex::encode(ctx.entropy.bytes::<20>())),
        expires_at: now + LIFETIME_S,
    }
}
