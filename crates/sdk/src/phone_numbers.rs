//! Phone numbers of users.

use crate::operations::operations;
use crate::params::params;
use crate::{
    AttemptVerification, DeletedObject, PhoneNumber, PhoneNumberId, PreparedVerification, Secret,
    UserId,
};

operations! {
    /// The operations on phone numbers of users.
    PhoneNumbers as phone_numbers;

    /// Adds a number to a user; `user_id` and `phone_number` must be set.
    create(): POST / "phone_numbers" (CreatePhoneNumber) => PhoneNumber;

    /// Reads one number.
    get(phone_number_id: PhoneNumberId): GET / "phone_numbers" / phone_number_id => PhoneNumber;

    /// Deletes a number; the last one a user can sign in with is refused.
    delete(phone_number_id: PhoneNumberId):
        DELETE / "phone_numbers" / phone_number_id => DeletedObject;

    /// Makes a number verified, unverified, primary or a second factor.
    update(phone_number_id: PhoneNumberId):
        PATCH / "phone_numbers" / phone_number_id (UpdatePhoneNumber) => PhoneNumber;

    /// Sends a code to the number.
    prepare_verification(phone_number_id: PhoneNumberId):
        POST / "phone_numbers" / phone_number_id / "prepare_verification" => PreparedVerification;

    /// Tries a code that was sent to the number.
    attempt_verification(phone_number_id: PhoneNumberId, verification_id: String, code: Secret):
        POST / "phone_numbers" / phone_number_id / "attempt_verification"
        (AttemptVerification { verification_id, code }) => PreparedVerification;

    /// Gives a user this number instead of all others; `phone_number` must be set.
    replace_for_user(user_id: UserId):
        PUT / "users" / user_id / "phone_number" (ReplacePhoneNumber) => PhoneNumber;
}

params! {
    /// What [`create`](PhoneNumbers::create) takes.
    CreatePhoneNumber in json;
    /// Whose it is.
    user_id: UserId,
    /// E.164.
    phone_number: text,
    /// Whether it counts as verified.
    verified: flag,
    /// Whether it becomes the primary one, which makes it verified.
    primary: flag,
    /// Whether it serves as a second factor.
    reserved_for_second_factor: flag,
}

params! {
    /// What [`update`](PhoneNumbers::update) takes.
    UpdatePhoneNumber in json;
    /// Whether it counts as verified.
    verified: flag,
    /// Whether it becomes the primary one.
    primary: flag,
    /// Whether it serves as a second factor.
    reserved_for_second_factor: flag,
}

params! {
    /// What [`replace_for_user`](PhoneNumbers::replace_for_user) takes.
    ReplacePhoneNumber in json;
    /// E.164.
    phone_number: text,
    /// `verified`, `reserved` or `unverified`.
    identification_status: text,
}
