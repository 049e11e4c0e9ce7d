//! The operations on users, named as in the reference.

mod act;
mod change;
mod create;
mod find;

use reqwest::Method;

pub use act::{
    BulkUsers, GetOrganizationInvitations, ListInstanceMemberships, VerifyPassword, VerifyTotp,
};
pub use change::{ReplaceUserMetadata, UpdateUser, UserImage, UserMetadata};
pub use create::CreateUser;
pub use find::{CountUsers, ListUsers};

use crate::operations::operations;
use crate::request::Target;
use crate::{
    AdjustCredits, CreditBalance, CreditLedgerEntry, DeletedObject, ExternalAccountId,
    OAuthAccessToken, OrganizationInvitation, OrganizationMembership, Paginated, Paging, PasskeyId,
    Request, Secret, Subscription, TotalCount, User, UserId, UserReference, VerifiedPassword,
    VerifiedTotp, Web3WalletId,
};

operations! {
    /// The operations on users, and those that the reference files under them.
    Users as users;

    /// Lists users, newest first unless `order_by` says otherwise.
    list(): GET / "users" (ListUsers) => Vec<User>;

    /// Creates a user. Addresses and numbers given count as verified.
    create(): POST / "users" (CreateUser) => User;

    /// Counts users.
    count(): GET / "users" / "count" (CountUsers) => TotalCount;

    /// Reads one user.
    get(user_id: UserId): GET / "users" / user_id => User;

    /// Changes a user. What is not set stays as it is.
    update(user_id: UserId): PATCH / "users" / user_id (UpdateUser) => User;

    /// Deletes a user with all that hangs on it.
    delete(user_id: UserId): DELETE / "users" / user_id => DeletedObject;

    /// Ends a user's sessions and refuses new ones.
    ban(user_id: UserId): POST / "users" / user_id / "ban" => User;

    /// Lifts a ban.
    unban(user_id: UserId): POST / "users" / user_id / "unban" => User;

    /// Refuses sign-in until the lock runs out; sessions go on.
    lock(user_id: UserId): POST / "users" / user_id / "lock" => User;

    /// Lifts a lock.
    unlock(user_id: UserId): POST / "users" / user_id / "unlock" => User;

    /// Sets the profile image: the bytes of a PNG, JPEG, GIF or WebP file of at most 10 MB.
    set_profile_image(user_id: UserId, file: Vec<u8>):
        POST / "users" / user_id / "profile_image" (UserImage { file }) => User;

    /// Goes back to the generated avatar.
    delete_profile_image(user_id: UserId): DELETE / "users" / user_id / "profile_image" => User;

    /// Merges metadata, deeply; a member set to null goes.
    update_metadata(user_id: UserId):
        PATCH / "users" / user_id / "metadata" (UserMetadata) => User;

    /// Replaces metadata; what is not set stays as it is.
    replace_metadata(user_id: UserId):
        PUT / "users" / user_id / "metadata" (ReplaceUserMetadata) => User;

    /// What a user subscribes to; where billing is on, everyone has the default plan at least.
    get_billing_subscription(user_id: UserId):
        GET / "users" / user_id / "billing" / "subscription" => Subscription;

    /// What a user has to its credit.
    get_billing_credit_balance(user_id: UserId):
        GET / "users" / user_id / "billing" / "credits" => CreditBalance;

    /// Gives credit to a user, or takes it.
    adjust_billing_credit_balance(user_id: UserId):
        POST / "users" / user_id / "billing" / "credits" (AdjustCredits) => CreditLedgerEntry;

    /// The tokens of a user's accounts at a provider such as `oauth_google`, renewed if need be.
    get_oauth_access_token(user_id: UserId, provider: String):
        GET / "users" / user_id / "oauth_access_tokens" / provider (Paging) => Vec<OAuthAccessToken>;

    /// The organizations that a user belongs to, newest first.
    get_organization_memberships(user_id: UserId):
        GET / "users" / user_id / "organization_memberships" (Paging)
        => Paginated<OrganizationMembership>;

    /// The invitations to a user's verified addresses, newest first.
    get_organization_invitations(user_id: UserId):
        GET / "users" / user_id / "organization_invitations" (GetOrganizationInvitations)
        => Paginated<OrganizationInvitation>;

    /// All memberships of the instance.
    get_instance_organization_memberships():
        GET / "organization_memberships" (ListInstanceMemberships)
        => Paginated<OrganizationMembership>;

    /// Verifies a password; a wrong one is refused with 422 `incorrect_password`.
    verify_password(user_id: UserId, password: Secret):
        POST / "users" / user_id / "verify_password" (VerifyPassword { password })
        => VerifiedPassword;

    /// Verifies a TOTP or a backup code, which is spent; a wrong one is refused with 422
    /// `totp_incorrect_code`.
    verify_totp(user_id: UserId, code: Secret):
        POST / "users" / user_id / "verify_totp" (VerifyTotp { code }) => VerifiedTotp;

    /// Switches off every second factor.
    disable_mfa(user_id: UserId): DELETE / "users" / user_id / "mfa" => UserReference;

    /// Deletes the backup codes.
    delete_backup_codes(user_id: UserId):
        DELETE / "users" / user_id / "backup_code" => UserReference;

    /// Deletes the authenticator app.
    delete_totp(user_id: UserId): DELETE / "users" / user_id / "totp" => UserReference;

    /// Deletes a passkey.
    delete_passkey(user_id: UserId, passkey_identification_id: PasskeyId):
        DELETE / "users" / user_id / "passkeys" / passkey_identification_id => DeletedObject;

    /// Deletes a wallet.
    delete_web3_wallet(user_id: UserId, web3_wallet_identification_id: Web3WalletId):
        DELETE / "users" / user_id / "web3_wallets" / web3_wallet_identification_id
        => DeletedObject;

    /// Disconnects an account; both of its ids are taken.
    delete_external_account(user_id: UserId, external_account_id: ExternalAccountId):
        DELETE / "users" / user_id / "external_accounts" / external_account_id => DeletedObject;
}

impl Users {
    /// Bans up to 50 users, all or none.
    ///
    /// `POST /users/ban`
    pub fn bulk_ban<I: Into<UserId>>(
        &self,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Request<BulkUsers, Vec<User>> {
        self.bulk("users.bulk_ban", "ban", BulkUsers::of(user_ids))
    }

    /// Lifts the ban of up to 50 users, all or none.
    ///
    /// `POST /users/unban`
    pub fn bulk_unban<I: Into<UserId>>(
        &self,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Request<BulkUsers, Vec<User>> {
        self.bulk("users.bulk_unban", "unban", BulkUsers::of(user_ids))
    }

    fn bulk(
        &self,
        operation: &'static str,
        verb: &str,
        users: BulkUsers,
    ) -> Request<BulkUsers, Vec<User>> {
        let path = vec!["users".to_owned(), verb.to_owned()];
        Request::new(&self.clerk, Target { operation, method: Method::POST, path }, users)
    }
}
