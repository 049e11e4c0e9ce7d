//! The operations on users, named as in the reference.

mod act;
mod change;
mod create;
mod find;
mod read;

use reqwest::Method;

pub use act::{BulkUsers, VerifyPassword, VerifyTotp};
pub use change::{UpdateUser, UserImage, UserMetadata};
pub use create::CreateUser;
pub use find::{CountUsers, ListUsers};
pub use read::{
    GetInstanceOrganizationMemberships, GetOAuthAccessToken, GetOrganizationInvitations,
    GetOrganizationMemberships,
};

use crate::params::Params;
use crate::request::Target;
use crate::{
    Clerk, DeletedObject, ExternalAccountId, OAuthAccessToken, OrganizationInvitation,
    OrganizationMembership, Paginated, PasskeyId, Request, Secret, TotalCount, User, UserId,
    UserReference, VerifiedPassword, VerifiedTotp, Web3WalletId,
};

/// The operations on users; made by [`Clerk::users`].
#[derive(Debug, Clone)]
pub struct Users {
    clerk: Clerk,
}

impl Users {
    pub(crate) fn of(clerk: &Clerk) -> Self {
        Self { clerk: clerk.clone() }
    }

    fn request<P: Params, A>(
        &self,
        operation: &'static str,
        method: Method,
        path: &[&str],
        params: P,
    ) -> Request<P, A> {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Request::new(&self.clerk, Target { operation, method, path }, params)
    }

    /// Lists users, newest first unless `order_by` says otherwise; `GET /users`.
    pub fn list(&self) -> Request<ListUsers, Vec<User>> {
        self.request("list", Method::GET, &["users"], ListUsers::default())
    }

    /// Creates a user; `POST /users`. Addresses and numbers given count as verified.
    pub fn create(&self) -> Request<CreateUser, User> {
        self.request("create", Method::POST, &["users"], CreateUser::default())
    }

    /// Counts users; `GET /users/count`.
    pub fn count(&self) -> Request<CountUsers, TotalCount> {
        self.request("count", Method::GET, &["users", "count"], CountUsers::default())
    }

    /// Reads one user; `GET /users/{user_id}`.
    pub fn get(&self, user_id: impl Into<UserId>) -> Request<(), User> {
        self.one("get", Method::GET, user_id, &[])
    }

    /// Changes a user; `PATCH /users/{user_id}`. What is not set stays as it is.
    pub fn update(&self, user_id: impl Into<UserId>) -> Request<UpdateUser, User> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str()];
        self.request("update", Method::PATCH, &path, UpdateUser::default())
    }

    /// Deletes a user with all that hangs on it; `DELETE /users/{user_id}`.
    pub fn delete(&self, user_id: impl Into<UserId>) -> Request<(), DeletedObject> {
        self.one("delete", Method::DELETE, user_id, &[])
    }

    /// Ends a user's sessions and refuses new ones; `POST /users/{user_id}/ban`.
    pub fn ban(&self, user_id: impl Into<UserId>) -> Request<(), User> {
        self.one("ban", Method::POST, user_id, &["ban"])
    }

    /// Lifts a ban; `POST /users/{user_id}/unban`.
    pub fn unban(&self, user_id: impl Into<UserId>) -> Request<(), User> {
        self.one("unban", Method::POST, user_id, &["unban"])
    }

    /// Bans up to 50 users, all or none; `POST /users/ban`.
    pub fn bulk_ban<I: Into<UserId>>(
        &self,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Request<BulkUsers, Vec<User>> {
        self.request("bulk_ban", Method::POST, &["users", "ban"], BulkUsers::of(user_ids))
    }

    /// Lifts the ban of up to 50 users, all or none; `POST /users/unban`.
    pub fn bulk_unban<I: Into<UserId>>(
        &self,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Request<BulkUsers, Vec<User>> {
        self.request("bulk_unban", Method::POST, &["users", "unban"], BulkUsers::of(user_ids))
    }

    /// Refuses sign-in until the lock runs out; sessions go on. `POST /users/{user_id}/lock`.
    pub fn lock(&self, user_id: impl Into<UserId>) -> Request<(), User> {
        self.one("lock", Method::POST, user_id, &["lock"])
    }

    /// Lifts a lock; `POST /users/{user_id}/unlock`.
    pub fn unlock(&self, user_id: impl Into<UserId>) -> Request<(), User> {
        self.one("unlock", Method::POST, user_id, &["unlock"])
    }

    /// Sets the profile image: the bytes of a PNG, JPEG, GIF or WebP file of at most 10 MB;
    /// `POST /users/{user_id}/profile_image`.
    pub fn set_profile_image(
        &self,
        user_id: impl Into<UserId>,
        file: impl Into<Vec<u8>>,
    ) -> Request<UserImage, User> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str(), "profile_image"];
        self.request("set_profile_image", Method::POST, &path, UserImage::of(file))
    }

    /// Goes back to the generated avatar; `DELETE /users/{user_id}/profile_image`.
    pub fn delete_profile_image(&self, user_id: impl Into<UserId>) -> Request<(), User> {
        self.one("delete_profile_image", Method::DELETE, user_id, &["profile_image"])
    }

    /// Merges metadata, deeply; a member set to null goes. `PATCH /users/{user_id}/metadata`.
    pub fn update_metadata(&self, user_id: impl Into<UserId>) -> Request<UserMetadata, User> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str(), "metadata"];
        self.request("update_metadata", Method::PATCH, &path, UserMetadata::default())
    }

    /// The tokens of a user's accounts at a provider such as `oauth_google`;
    /// `GET /users/{user_id}/oauth_access_tokens/{provider}`.
    pub fn get_oauth_access_token(
        &self,
        user_id: impl Into<UserId>,
        provider: impl AsRef<str>,
    ) -> Request<GetOAuthAccessToken, Vec<OAuthAccessToken>> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str(), "oauth_access_tokens", provider.as_ref()];
        let params = GetOAuthAccessToken::default();
        self.request("get_oauth_access_token", Method::GET, &path, params)
    }

    /// The organizations that a user belongs to, newest first;
    /// `GET /users/{user_id}/organization_memberships`.
    pub fn get_organization_memberships(
        &self,
        user_id: impl Into<UserId>,
    ) -> Request<GetOrganizationMemberships, Paginated<OrganizationMembership>> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str(), "organization_memberships"];
        let params = GetOrganizationMemberships::default();
        self.request("get_organization_memberships", Method::GET, &path, params)
    }

    /// The invitations to a user's verified addresses, newest first;
    /// `GET /users/{user_id}/organization_invitations`.
    pub fn get_organization_invitations(
        &self,
        user_id: impl Into<UserId>,
    ) -> Request<GetOrganizationInvitations, Paginated<OrganizationInvitation>> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str(), "organization_invitations"];
        let params = GetOrganizationInvitations::default();
        self.request("get_organization_invitations", Method::GET, &path, params)
    }

    /// All memberships of the instance; `GET /organization_memberships`.
    pub fn get_instance_organization_memberships(
        &self,
    ) -> Request<GetInstanceOrganizationMemberships, Paginated<OrganizationMembership>> {
        let params = GetInstanceOrganizationMemberships::default();
        let operation = "get_instance_organization_memberships";
        self.request(operation, Method::GET, &["organization_memberships"], params)
    }

    /// Verifies a password; a wrong one is refused with 422 `incorrect_password`.
    /// `POST /users/{user_id}/verify_password`.
    pub fn verify_password(
        &self,
        user_id: impl Into<UserId>,
        password: impl Into<Secret>,
    ) -> Request<VerifyPassword, VerifiedPassword> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str(), "verify_password"];
        let params = VerifyPassword { password: password.into() };
        self.request("verify_password", Method::POST, &path, params)
    }

    /// Verifies a TOTP or a backup code, which is spent; a wrong one is refused with 422
    /// `totp_incorrect_code`. `POST /users/{user_id}/verify_totp`.
    pub fn verify_totp(
        &self,
        user_id: impl Into<UserId>,
        code: impl Into<Secret>,
    ) -> Request<VerifyTotp, VerifiedTotp> {
        let user_id = user_id.into();
        let path = ["users", user_id.as_str(), "verify_totp"];
        self.request("verify_totp", Method::POST, &path, VerifyTotp { code: code.into() })
    }

    /// Switches off every second factor; `DELETE /users/{user_id}/mfa`.
    pub fn disable_mfa(&self, user_id: impl Into<UserId>) -> Request<(), UserReference> {
        self.one("disable_mfa", Method::DELETE, user_id, &["mfa"])
    }

    /// Deletes the backup codes; `DELETE /users/{user_id}/backup_code`.
    pub fn delete_backup_codes(&self, user_id: impl Into<UserId>) -> Request<(), UserReference> {
        self.one("delete_backup_codes", Method::DELETE, user_id, &["backup_code"])
    }

    /// Deletes the authenticator app; `DELETE /users/{user_id}/totp`.
    pub fn delete_totp(&self, user_id: impl Into<UserId>) -> Request<(), UserReference> {
        self.one("delete_totp", Method::DELETE, user_id, &["totp"])
    }

    /// Deletes a passkey; `DELETE /users/{user_id}/passkeys/{passkey_identification_id}`.
    pub fn delete_passkey(
        &self,
        user_id: impl Into<UserId>,
        passkey_identification_id: impl Into<PasskeyId>,
    ) -> Request<(), DeletedObject> {
        let id = passkey_identification_id.into();
        self.one("delete_passkey", Method::DELETE, user_id, &["passkeys", id.as_str()])
    }

    /// Deletes a wallet; `DELETE /users/{user_id}/web3_wallets/{web3_wallet_identification_id}`.
    pub fn delete_web3_wallet(
        &self,
        user_id: impl Into<UserId>,
        web3_wallet_identification_id: impl Into<Web3WalletId>,
    ) -> Request<(), DeletedObject> {
        let id = web3_wallet_identification_id.into();
        self.one("delete_web3_wallet", Method::DELETE, user_id, &["web3_wallets", id.as_str()])
    }

    /// Disconnects an account; `DELETE /users/{user_id}/external_accounts/{external_account_id}`.
    pub fn delete_external_account(
        &self,
        user_id: impl Into<UserId>,
        external_account_id: impl Into<ExternalAccountId>,
    ) -> Request<(), DeletedObject> {
        let id = external_account_id.into();
        let below = ["external_accounts", id.as_str()];
        self.one("delete_external_account", Method::DELETE, user_id, &below)
    }

    fn one<A>(
        &self,
        operation: &'static str,
        method: Method,
        user_id: impl Into<UserId>,
        below: &[&str],
    ) -> Request<(), A> {
        let user_id = user_id.into();
        let mut path = vec!["users", user_id.as_str()];
        path.extend(below);
        self.request(operation, method, &path, ())
    }
}
