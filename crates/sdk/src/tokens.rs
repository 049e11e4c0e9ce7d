//! Tokens that are good once, templates of tokens, and the keys that sign them.

use crate::operations::operations;
use crate::params::params;
use crate::{
    ActorToken, ActorTokenId, DeletedObject, JwkSet, JwtTemplate, JwtTemplateId, Paging,
    SignInToken, SignInTokenId, TestingToken,
};

operations! {
    /// The operations on tokens with which a user signs in without a password.
    SignInTokens as sign_in_tokens;

    /// Creates a token; `user_id` must be set. It is told now and never again.
    create(): POST / "sign_in_tokens" (CreateSignInToken) => SignInToken;

    /// Takes a token back.
    revoke(sign_in_token_id: SignInTokenId):
        POST / "sign_in_tokens" / sign_in_token_id / "revoke" => SignInToken;
}

operations! {
    /// The operations on tokens with which somebody acts as a user.
    ActorTokens as actor_tokens;

    /// Creates a token; `user_id` and `actor`, whose `sub` names who acts, must be set. It is told
    /// now and never again.
    create(): POST / "actor_tokens" (CreateActorToken) => ActorToken;

    /// Takes a token back.
    revoke(actor_token_id: ActorTokenId):
        POST / "actor_tokens" / actor_token_id / "revoke" => ActorToken;
}

operations! {
    /// The operation on tokens that let tests past the detection of bots.
    TestingTokens as testing_tokens;

    /// Creates a token.
    create(): POST / "testing_tokens" => TestingToken;
}

operations! {
    /// The operations on templates of tokens.
    JwtTemplates as jwt_templates;

    /// Lists templates, newest first.
    list(): GET / "jwt_templates" (Paging) => Vec<JwtTemplate>;

    /// Creates a template; `name` and `claims` must be set.
    create(): POST / "jwt_templates" (JwtTemplateParams) => JwtTemplate;

    /// Reads one template.
    get(id: JwtTemplateId): GET / "jwt_templates" / id => JwtTemplate;

    /// Changes a template. What is not set stays as it is.
    update(id: JwtTemplateId): PATCH / "jwt_templates" / id (JwtTemplateParams) => JwtTemplate;

    /// Deletes a template.
    delete(id: JwtTemplateId): DELETE / "jwt_templates" / id => DeletedObject;
}

operations! {
    /// The operation on the keys that session tokens are verified with.
    Jwks as jwks;

    /// All keys that are good.
    get_jwks(): GET / "jwks" => JwkSet;
}

params! {
    /// What [`create`](SignInTokens::create) takes.
    CreateSignInToken in json;
    /// Who signs in.
    user_id: UserId,
    /// The organization that is active then.
    org_id: OrganizationId,
    /// 30 days unless set.
    expires_in_seconds: number,
}

params! {
    /// What [`create`](ActorTokens::create) takes.
    CreateActorToken in json;
    /// Whom it acts as.
    user_id: UserId,
    /// Who acts: an object with `sub`.
    actor: object,
    /// An hour unless set.
    expires_in_seconds: number,
    /// How long the session may be; 30 minutes unless set.
    session_max_duration_in_seconds: number,
}

params! {
    /// What [`create`](JwtTemplates::create) and [`update`](JwtTemplates::update) take.
    JwtTemplateParams in json;
    /// What sessions ask for it by.
    name: text,
    /// The claims, with shortcodes such as `{{user.id}}` in texts: an object.
    claims: object,
    /// Of a token, in seconds: 30 to 315,360,000.
    lifetime: number,
    /// In seconds: 0 to 300.
    allowed_clock_skew: number,
    /// Whether tokens are signed with `signing_key`.
    custom_signing_key: flag,
    /// Such as `RS256` or `HS256`.
    signing_algorithm: text,
    /// A private key in PEM, or the secret of HMAC.
    signing_key: secret,
}
