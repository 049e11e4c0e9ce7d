//! Every error code the server answers with, one line each.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => ($code:literal, $status:literal, $message:literal),)*) => {
        /// An error code of the API, with its usual status and short message.
        ///
        /// Clients branch on the code alone; the messages are for people.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $(
                #[doc = concat!("`", $code, "`, ", stringify!($status), ": ", $message)]
                $(#[$doc])*
                #[serde(rename = $code)]
                $name,
            )*
        }

        impl Code {
            /// The whole catalogue, in the order of this file.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it is spelled on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that an answer led by this code has.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The short message, the same for every occurrence.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

codes! {
    // Authentication and the request as a whole.
    AuthorizationHeaderFormatInvalid => ("authorization_header_format_invalid", 401, "invalid Authorization header format"),
    ClerkKeyInvalid => ("clerk_key_invalid", 401, "the provided secret key is invalid"),
    AuthenticationInvalid => ("authentication_invalid", 401, "invalid authentication"),
    ApiVersionInvalid => ("api_version_invalid", 400, "invalid API version"),
    BadRequest => ("bad_request", 400, "bad request"),
    MalformedRequestParameters => ("malformed_request_parameters", 400, "malformed request parameters"),
    RequestBodyInvalid => ("request_body_invalid", 400, "invalid request body"),
    RequestBodyTooLarge => ("request_body_too_large", 413, "request body too large"),
    RequestInvalidForInstance => ("request_invalid_for_instance", 400, "invalid for this instance"),
    RequestTimeout => ("request_timeout", 408, "request timed out"),
    UnsupportedContentType => ("unsupported_content_type", 415, "unsupported content type"),
    ResourceNotFound => ("resource_not_found", 404, "not found"),
    FeatureNotEnabled => ("feature_not_enabled", 403, "not enabled"),
    TooManyRequests => ("too_many_requests", 429, "too many requests"),
    InternalClerkError => ("internal_clerk_error", 500, "internal error"),
    ServiceUnavailable => ("service_unavailable", 503, "service unavailable"),

    // Parameters of a body or a query.
    FormParamMissing => ("form_param_missing", 422, "is missing"),
    FormParamNil => ("form_param_nil", 422, "cannot be null"),
    FormParamUnknown => ("form_param_unknown", 422, "is unknown"),
    FormParamTypeInvalid => ("form_param_type_invalid", 422, "has the wrong type"),
    FormParamValueInvalid => ("form_param_value_invalid", 422, "is invalid"),
    FormParamFormatInvalid => ("form_param_format_invalid", 422, "is malformed"),
    FormParamDuplicate => ("form_param_duplicate", 422, "is a duplicate"),
    FormParamArraySizeExceeded => ("form_param_array_size_exceeded", 422, "has too many values"),
    FormParamArrayLengthMismatch => ("form_param_array_length_mismatch", 422, "has the wrong number of values"),
    FormParamMaxLengthExceeded => ("form_param_max_length_exceeded", 422, "is too long"),
    FormParamExceedsAllowedSize => ("form_param_exceeds_allowed_size", 422, "is too large"),
    FormParamValueTooLarge => ("form_param_value_too_large", 422, "is too large a number"),
    FormParamInvalidTime => ("form_param_invalid_time", 422, "is not a valid time"),
    FormParamInvalidDate => ("form_param_invalid_date", 422, "is not a valid date"),
    FormDisallowFutureDate => ("form_disallow_future_date", 422, "is in the future"),
    FormParamDeprecated => ("form_param_deprecated", 422, "is deprecated"),
    FormConditionalParamMissing => ("form_conditional_param_missing", 422, "is missing"),
    FormConditionalParamDisallowed => ("form_conditional_param_disallowed", 422, "is not allowed here"),
    FormIdentifierExists => ("form_identifier_exists", 422, "is taken"),
    FormResourceNotFound => ("form_resource_not_found", 422, "not found"),
    FormVerificationNeeded => ("form_verification_needed", 422, "needs verification"),
    FormDataMissing => ("form_data_missing", 422, "missing data"),

    // Roles and permissions of organizations.
    OrganizationInstanceRolesQuotaExceeded => ("organization_instance_roles_quota_exceeded", 403, "too many roles"),
    OrganizationMissingCreatorRolePermissions => ("organization_missing_creator_role_permissions", 422, "missing permissions for the creator role"),
    OrganizationRoleAssignedMembers => ("organization_role_assigned_members", 422, "role is assigned to members"),
    OrganizationRoleExistsInInvitations => ("organization_role_exists_in_invitations", 422, "role exists in invitations"),
    OrganizationRoleDefaultCreatorRole => ("organization_role_default_creator_role", 422, "role is the creator role"),
    OrganizationRoleDomainDefaultRole => ("organization_role_domain_default_role", 422, "role is the default role of domains"),
    OrganizationRolePermissionAssociationExists => ("organization_role_permission_association_exists", 409, "permission already assigned"),
    OrganizationSystemPermissionNotModifiable => ("organization_system_permission_not_modifiable", 403, "system permission cannot be modified"),

    // Invitations to the application, the waitlist.
    DuplicateRecord => ("duplicate_record", 400, "duplicate record"),
    InvitationAlreadyAccepted => ("invitation_already_accepted", 400, "invitation already accepted"),
    InvitationAlreadyRevoked => ("invitation_already_revoked", 400, "invitation already revoked"),
    InvitationsNotSupported => ("invitations_not_supported", 400, "invitations not supported"),

    // Passwords, usernames, second factors.
    FormPasswordLengthTooShort => ("form_password_length_too_short", 422, "is too short"),
    FormPasswordLengthTooLong => ("form_password_length_too_long", 422, "is too long"),
    FormPasswordNoUppercase => ("form_password_no_uppercase", 422, "needs an uppercase letter"),
    FormPasswordNoLowercase => ("form_password_no_lowercase", 422, "needs a lowercase letter"),
    FormPasswordNoNumber => ("form_password_no_number", 422, "needs a number"),
    FormPasswordNoSpecialChar => ("form_password_no_special_char", 422, "needs a special character"),
    FormPasswordNotStrongEnough => ("form_password_not_strong_enough", 422, "is not strong enough"),
    FormPasswordSizeInBytesExceeded => ("form_password_size_in_bytes_exceeded", 422, "has too many bytes"),
    FormPasswordPwned => ("form_password_pwned", 422, "was found in a data breach"),
    FormPasswordMatchesIdentifier => ("form_password_matches_identifier", 422, "equals an identifier"),
    FormPasswordDigestInvalidCode => ("form_password_digest_invalid_code", 422, "is not a valid digest"),
    IncorrectPassword => ("incorrect_password", 422, "incorrect password"),
    NoPasswordSet => ("no_password_set", 400, "no password set"),
    FormUsernameInvalidLength => ("form_username_invalid_length", 422, "has an invalid length"),
    FormUsernameInvalidCharacter => ("form_username_invalid_character", 422, "has an invalid character"),
    FormUsernameNeedsNonNumberChar => ("form_username_needs_non_number_char", 422, "needs a character that is not a number"),
    FormUsernameCannotBePhoneNumber => ("form_username_cannot_be_phone_number", 422, "looks like a phone number"),
    TotpDisabled => ("totp_disabled", 400, "no authenticator app"),
    TotpIncorrectCode => ("totp_incorrect_code", 422, "incorrect code"),
    TotpInvalidLength => ("totp_invalid_length", 422, "has an invalid length"),
    InvalidTotpSecretCode => ("invalid_totp_secret_code", 422, "is not a valid TOTP secret"),

    // Organizations, members, invitations.
    OrganizationNotEnabledInInstance => ("organization_not_enabled_in_instance", 403, "organizations are not enabled"),
    OrganizationMinimumPermissionsNeeded => ("organization_minimum_permissions_needed", 400, "minimum permissions needed"),
    OrganizationMembershipQuotaExceeded => ("organization_membership_quota_exceeded", 403, "membership quota exceeded"),
    OrgCreationLimitExceeded => ("org_creation_limit_exceeded", 403, "organization creation limit exceeded"),
    OrganizationSlugsDisabled => ("organization_slugs_disabled", 403, "organization slugs are disabled"),
    OrganizationInvitationNotUnique => ("organization_invitation_not_unique", 400, "duplicate invitation"),
    OrganizationInvitationNotPending => ("organization_invitation_not_pending", 404, "invitation not pending"),
    OrganizationInvitationAlreadyAccepted => ("organization_invitation_already_accepted", 400, "invitation already accepted"),
    OrganizationInvitationRevoked => ("organization_invitation_revoked_code", 400, "invitation revoked"),
    AlreadyAMemberInOrganization => ("already_a_member_in_organization", 400, "already a member"),
    NotAnAdminInOrganization => ("not_an_admin_in_organization", 403, "not an administrator"),
    AuthorizationInvalid => ("authorization_invalid", 403, "not allowed"),
    // Sessions and what leads to them.
    UserBanned => ("user_banned", 403, "user banned"),
    UserLocked => ("user_locked", 403, "user locked"),
    RequestInvalidForEnvironment => ("request_invalid_for_environment", 400, "invalid for this environment"),
    InvalidSessionToken => ("invalid_session_token", 400, "invalid session token"),
    TicketInvalidCode => ("ticket_invalid_code", 400, "invalid ticket"),
    TicketExpiredCode => ("ticket_expired_code", 400, "expired ticket"),
    SignInTokenRevokedCode => ("sign_in_token_revoked_code", 400, "sign-in token revoked"),
    SignInTokenAlreadyUsedCode => ("sign_in_token_already_used_code", 400, "sign-in token already used"),
    SignInTokenCannotBeRevokedCode => ("sign_in_token_cannot_be_revoked_code", 400, "cannot revoke"),
    ActorTokenRevokedCode => ("actor_token_revoked_code", 400, "actor token revoked"),
    ActorTokenAlreadyUsedCode => ("actor_token_already_used_code", 400, "actor token already used"),
    ActorTokenCannotBeRevokedCode => ("actor_token_cannot_be_revoked_code", 400, "cannot revoke"),
    JwtTemplateReservedClaim => ("jwt_template_reserved_claim", 400, "reserved claim"),
    SessionTokenJwtTemplate => ("session_token_jwt_template", 403, "template of the session token"),

    // Users, identifications, images.
    QuotaExceeded => ("quota_exceeded", 403, "quota exceeded"),
    PasskeyNotRegistered => ("passkey_not_registered", 404, "passkey not registered"),
    UserQuotaExceeded => ("user_quota_exceeded", 403, "user quota exceeded"),
    BulkSizeExceeded => ("bulk_size_exceeded", 400, "too many items"),
    IdentificationDeletionFailed => ("identification_deletion_failed", 400, "deletion failed"),
    LastRequiredIdentificationDeletionFailed => ("last_required_identification_deletion_failed", 400, "deletion failed"),
    DeleteLinkedIdentificationDisallowed => ("delete_linked_identification_disallowed", 400, "linked to a connected account"),
    IdentificationUpdateFailed => ("identification_update_failed", 400, "update failed"),
    IdentificationUpdateSecondFactorUnverified => ("identification_update_second_factor_unverified", 400, "not verified"),
    IdentificationCreateSecondFactorUnverified => ("identification_create_second_factor_unverified", 400, "not verified"),
    IdentificationClaimed => ("identification_claimed", 400, "belongs to another user"),
    VerificationAlreadyVerified => ("verification_already_verified", 400, "verified already"),
    NotAllowedAccess => ("not_allowed_access", 403, "access not allowed"),
    UnsupportedCountryCode => ("unsupported_country_code", 403, "country not supported"),
    ImageTooLarge => ("image_too_large", 413, "image too large"),
    ImageNotFound => ("image_not_found", 404, "image not found"),
    ExternalAccountNotFound => ("external_account_not_found", 404, "external account not found"),

    // Tokens of connected accounts.
    OauthAccessDenied => ("oauth_access_denied", 400, "OAuth access denied"),
    OauthUnsupportedProvider => ("oauth_unsupported_provider", 400, "unsupported OAuth provider"),
    OauthTokenProviderNotEnabled => ("oauth_token_provider_not_enabled", 404, "OAuth provider not enabled"),
    OauthMissingAccessToken => ("oauth_missing_access_token", 422, "missing OAuth access token"),
    OauthMissingRefreshToken => ("oauth_missing_refresh_token", 422, "missing OAuth refresh token"),
    OauthTokenRetrievalError => ("oauth_token_retrieval_error", 400, "OAuth token retrieval failed"),
    /// Clerk's status is 504; a slow provider is no failure of this server.
    GatewayTimeout => ("gateway_timeout", 400, "the OAuth provider timed out"),

    // Billing.
    BillingNotEnabled => ("billing_not_enabled", 403, "billing is not enabled"),
    PlanNotFound => ("plan_not_found", 404, "plan not found"),
    PriceNotFound => ("price_not_found", 404, "price not found"),
    SubscriptionNotFound => ("subscription_not_found", 404, "subscription not found"),
    SubscriptionItemNotFound => ("subscription_item_not_found", 404, "subscription item not found"),
    PaymentGatewayError => ("payment_gateway_error", 400, "the payment gateway was of no help"),
    Conflict => ("conflict", 409, "conflict"),
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Code;

    #[test]
    fn codes_are_spelled_once() {
        let spelled: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(spelled.len(), Code::ALL.len());
    }
}
