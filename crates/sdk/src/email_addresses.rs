//! Email addresses of users.

use crate::operations::operations;
use crate::params::{body, params};
use crate::{DeletedObject, EmailAddress, EmailAddressId, PreparedVerification, Secret, UserId};

operations! {
    /// The operations on email addresses of users.
    EmailAddresses as email_addresses;

    /// Adds an address to a user; `user_id` and `email_address` must be set.
    create(): POST / "email_addresses" (CreateEmailAddress) => EmailAddress;

    /// Reads one address.
    get(email_address_id: EmailAddressId):
        GET / "email_addresses" / email_address_id => EmailAddress;

    /// Deletes an address; the last one a user can sign in with is refused.
    delete(email_address_id: EmailAddressId):
        DELETE / "email_addresses" / email_address_id => DeletedObject;

    /// Makes an address verified, unverified or primary.
    update(email_address_id: EmailAddressId):
        PATCH / "email_addresses" / email_address_id (UpdateEmailAddress) => EmailAddress;

    /// Sends a code to the address.
    prepare_verification(email_address_id: EmailAddressId):
        POST / "email_addresses" / email_address_id / "prepare_verification"
        => PreparedVerification;

    /// Tries a code that was sent to the address.
    attempt_verification(email_address_id: EmailAddressId, verification_id: String, code: Secret):
        POST / "email_addresses" / email_address_id / "attempt_verification"
        (AttemptVerification { verification_id, code }) => PreparedVerification;

    /// Gives a user this address instead of all others; `email_address` must be set.
    replace_for_user(user_id: UserId):
        PUT / "users" / user_id / "email_address" (ReplaceEmailAddress) => EmailAddress;
}

params! {
    /// What [`create`](EmailAddresses::create) takes.
    CreateEmailAddress in json;
    /// Whose it is.
    user_id: UserId,
    /// The address.
    email_address: text,
    /// Whether it counts as verified.
    verified: flag,
    /// Whether it becomes the primary one, which makes it verified.
    primary: flag,
    /// Whether the user is told at the old primary address.
    notify_primary_email_address_changed: flag,
}

params! {
    /// What [`update`](EmailAddresses::update) takes.
    UpdateEmailAddress in json;
    /// Whether it counts as verified.
    verified: flag,
    /// Whether it becomes the primary one.
    primary: flag,
    /// Whether the user is told at the old primary address.
    notify_primary_email_address_changed: flag,
}

params! {
    /// What [`replace_for_user`](EmailAddresses::replace_for_user) takes.
    ReplaceEmailAddress in json;
    /// The address.
    email_address: text,
    /// `verified`, `reserved` or `unverified`.
    identification_status: text,
    /// Whether the user is told at the old primary address.
    notify_primary_email_address_changed: flag,
}

body! {
    /// A code that was sent to an address or a number.
    AttemptVerification {
        /// `ver_…`
        verification_id: String,
        /// As it was sent.
        code: Secret,
    }
}
