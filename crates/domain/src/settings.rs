//! What an instance allows and requires (`behaviour`: instance settings).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use rollbook_wire::Code;

use crate::{
    OrganizationSettings, PasskeySettings, PasswordRules, Problem, UsernameRules, metadata,
};

/// All settings of one instance; the names are those of the environment resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which identifiers and credentials users may and must have.
    pub attributes: Attributes,
    /// What a plain password must look like.
    pub password_settings: PasswordRules,
    /// What a username must look like.
    pub username_settings: UsernameRules,
    /// For whom passkeys are made.
    pub passkeys: PasskeySettings,
    /// When too many failed attempts lock a user.
    pub user_lockout: UserLockout,
    /// What new users may do.
    pub actions: Actions,
    /// Sign-up rules that also hold for creation through the API.
    pub sign_up: SignUp,
    /// Organizations.
    pub organizations: OrganizationSettings,
    /// Billing.
    pub billing: Switch,
    /// Whether test addresses and fictional numbers are admitted.
    pub test_mode: bool,
    /// The greatest number of users; null is unlimited.
    pub user_limit: Option<u32>,
    /// How many requests are answered.
    pub rate_limits: RateLimits,
}

/// One switch per identifier and credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attributes {
    /// Email addresses.
    pub email_address: Attribute,
    /// Phone numbers.
    pub phone_number: Attribute,
    /// The username.
    pub username: Attribute,
    /// Wallets.
    pub web3_wallet: Attribute,
    /// The given name.
    pub first_name: Attribute,
    /// The family name.
    pub last_name: Attribute,
    /// The password.
    pub password: Attribute,
    /// TOTP.
    pub authenticator_app: Attribute,
    /// Backup codes.
    pub backup_code: Attribute,
    /// Passkeys.
    pub passkey: Attribute,
}

/// Whether something may and must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attribute {
    /// May be given.
    pub enabled: bool,
    /// Must be given; needs `enabled`.
    pub required: bool,
}

impl Attribute {
    const ON: Self = Self { enabled: true, required: false };
    const OFF: Self = Self { enabled: false, required: false };
    const REQUIRED: Self = Self { enabled: true, required: true };
}

impl Default for Attribute {
    fn default() -> Self {
        Self::ON
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            email_address: Attribute::ON,
            phone_number: Attribute::ON,
            username: Attribute::ON,
            web3_wallet: Attribute::ON,
            first_name: Attribute::ON,
            last_name: Attribute::ON,
            password: Attribute::ON,
            authenticator_app: Attribute::ON,
            backup_code: Attribute::ON,
            passkey: Attribute::ON,
        }
    }
}

/// When too many failed attempts lock a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserLockout {
    /// Whether locks exist at all.
    pub enabled: bool,
    /// Failed attempts until a lock, at least 5.
    pub max_attempts: u32,
    /// Null locks until someone unlocks.
    pub duration_in_minutes: Option<u32>,
}

impl Default for UserLockout {
    fn default() -> Self {
        Self { enabled: true, max_attempts: 10, duration_in_minutes: Some(60) }
    }
}

/// What new users may do unless their creation says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Actions {
    /// Delete themselves.
    pub delete_self: bool,
    /// Create organizations.
    pub create_organization: bool,
}

impl Default for Actions {
    fn default() -> Self {
        Self { delete_self: true, create_organization: true }
    }
}

/// Sign-up rules that also hold for creation through the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUp {
    /// Whether a new user must have accepted the legal terms.
    pub legal_consent_enabled: bool,
}

/// A feature that is on or off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switch {
    /// Whether it is on.
    pub enabled: bool,
}

/// How many requests are answered before 429.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateLimits {
    /// No limit.
    #[default]
    Off,
    /// Clerk's: 1000 per 10 s (production) or 100 (development), and 10 per 10 s and user.
    Clerk,
    /// Own numbers.
    #[serde(untagged)]
    Custom(CustomLimits),
}

/// Requests per 10 s; null is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomLimits {
    /// Of the whole instance.
    pub instance_per_10_s: Option<u32>,
    /// Updates and metadata writes of one user.
    pub user_update_per_10_s: Option<u32>,
}

impl RateLimits {
    /// The numbers in force for an instance of this kind.
    pub fn numbers(self, environment: Environment) -> CustomLimits {
        match (self, environment) {
            (Self::Off, _) => CustomLimits::default(),
            (Self::Clerk, Environment::Development) => {
                CustomLimits { instance_per_10_s: Some(100), user_update_per_10_s: Some(10) }
            }
            (Self::Clerk, Environment::Production) => {
                CustomLimits { instance_per_10_s: Some(1000), user_update_per_10_s: Some(10) }
            }
            (Self::Custom(numbers), _) => numbers,
        }
    }
}

/// Whether an instance serves trials or real people; the key's second word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// `sk_test_…`
    #[default]
    Development,
    /// `sk_live_…`
    Production,
}

impl Environment {
    /// How secret keys of such an instance begin.
    pub const fn key_prefix(self) -> &'static str {
        match self {
            Self::Development => "sk_test_",
            Self::Production => "sk_live_",
        }
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

/// A named starting point for the settings of a new instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Everything on, nothing required: every documented parameter works.
    #[default]
    Permissive,
    /// What a new application at Clerk starts with.
    Clerk,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            attributes: Attributes::default(),
            password_settings: PasswordRules::default(),
            username_settings: UsernameRules::default(),
            passkeys: PasskeySettings::default(),
            user_lockout: UserLockout::default(),
            actions: Actions::default(),
            sign_up: SignUp::default(),
            organizations: OrganizationSettings::default(),
            billing: Switch { enabled: false },
            test_mode: true,
            user_limit: None,
            rate_limits: RateLimits::Off,
        }
    }
}

impl Settings {
    /// The settings a new instance starts with.
    pub fn of(profile: Profile, environment: Environment) -> Self {
        let development = environment == Environment::Development;
        match profile {
            Profile::Permissive => Self { test_mode: development, ..Self::default() },
            Profile::Clerk => Self {
                attributes: Attributes {
                    email_address: Attribute::REQUIRED,
                    phone_number: Attribute::OFF,
                    username: Attribute::OFF,
                    web3_wallet: Attribute::OFF,
                    authenticator_app: Attribute::OFF,
                    backup_code: Attribute::OFF,
                    passkey: Attribute::OFF,
                    ..Attributes::default()
                },
                organizations: OrganizationSettings::of_a_new_application(),
                test_mode: development,
                user_limit: development.then_some(100),
                rate_limits: RateLimits::Clerk,
                ..Self::default()
            },
        }
    }

    /// These settings with a JSON merge patch (RFC 7396) applied; `null` brings a default back,
    /// save for `duration_in_minutes`, where it means without end.
    ///
    /// Unknown names, wrong types and impossible combinations are refused by name.
    pub fn patched(&self, patch: &serde_json::Map<String, Value>) -> Result<Self, Vec<Problem>> {
        let patched = self.merged(patch).map_err(|error| {
            // serde says what is wrong but not where: each member alone tells.
            let alone = |(name, change): (&String, &Value)| {
                let patch = serde_json::Map::from_iter([(name.clone(), change.clone())]);
                self.merged(&patch).err().map(|error| malformed(name, &error))
            };
            let problems: Vec<_> = patch.iter().filter_map(alone).collect();
            if problems.is_empty() { vec![malformed("settings", &error)] } else { problems }
        })?;
        let problems = patched.problems();
        if problems.is_empty() { Ok(patched) } else { Err(problems) }
    }

    fn merged(&self, patch: &serde_json::Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        // serde would take an array for the members of a struct in their order.
        if patch.iter().any(|(name, change)| has_stray_array(value.get(name), change)) {
            return Err(serde::de::Error::custom("invalid type: array"));
        }
        metadata::merge_patch(&mut value, patch);
        keep_nulls(&mut value, patch);
        serde_json::from_value(value)
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |name: &str, why: &str| {
            problems.push(Problem::param(
                Code::FormParamValueInvalid,
                name,
                format!("{name} {why}."),
            ));
        };
        let a = &self.attributes;
        for (name, attribute) in [
            ("email_address", a.email_address),
            ("phone_number", a.phone_number),
            ("username", a.username),
            ("web3_wallet", a.web3_wallet),
            ("first_name", a.first_name),
            ("last_name", a.last_name),
            ("password", a.password),
        ] {
            if attribute.required && !attribute.enabled {
                refuse(name, "cannot be required while it is not enabled");
            }
        }
        for (name, attribute) in [
            ("authenticator_app", a.authenticator_app),
            ("backup_code", a.backup_code),
            ("passkey", a.passkey),
        ] {
            if attribute.required {
                refuse(name, "cannot be required of a new user");
            }
        }
        let p = &self.password_settings;
        if !(1..=1024).contains(&p.min_length) || p.max_length < p.min_length || p.max_length > 1024
        {
            refuse("password_settings", "needs 1 <= min_length <= max_length <= 1024");
        }
        if p.min_zxcvbn_strength > 4 {
            refuse("min_zxcvbn_strength", "must lie between 0 and 4");
        }
        let u = &self.username_settings;
        if u.min_length < 1 || u.max_length < u.min_length || u.max_length > 256 {
            refuse("username_settings", "needs 1 <= min_length <= max_length <= 256");
        }
        for (name, why) in self.passkeys.problems() {
            refuse(name, why);
        }
        let l = &self.user_lockout;
        if !(5..=10_000).contains(&l.max_attempts) {
            refuse("max_attempts", "must lie between 5 and 10000");
        }
        if l.duration_in_minutes.is_some_and(|m| !(1..=525_600).contains(&m)) {
            refuse("duration_in_minutes", "must lie between 1 and 525600, or be null");
        }
        problems.extend(self.organizations.problems());
        problems
    }
}

/// A lock without end is written as null, which a merge patch takes for "remove".
fn keep_nulls(value: &mut Value, patch: &serde_json::Map<String, Value>) {
    const GROUP: &str = "user_lockout";
    const FIELD: &str = "duration_in_minutes";
    let asked = patch.get(GROUP).and_then(|group| group.get(FIELD));
    if let (Some(Value::Null), Some(Value::Object(group))) = (asked, value.get_mut(GROUP)) {
        group.insert(FIELD.to_owned(), Value::Null);
    }
}

/// Whether `change` has an array where the settings have none.
fn has_stray_array(now: Option<&Value>, change: &Value) -> bool {
    match (now, change) {
        (Some(Value::Array(_)), Value::Array(_)) => false,
        (_, Value::Array(_)) => true,
        (Some(Value::Object(now)), Value::Object(change)) => {
            change.iter().any(|(name, change)| has_stray_array(now.get(name), change))
        }
        _ => false,
    }
}

/// What serde has against the member `name`; it quotes the name of an unknown field.
fn malformed(name: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    let (code, name) = match unknown {
        Some(unknown) => (Code::FormParamUnknown, unknown),
        None => (Code::FormParamValueInvalid, name),
    };
    Problem::param(code, name, format!("The settings are not valid: {text}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(value: Value) -> Result<Settings, Vec<Problem>> {
        let Value::Object(map) = value else { panic!("a patch is an object") };
        Settings::default().patched(&map)
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_brings_the_default_back() {
        let changed =
            patch(json!({ "user_lockout": { "max_attempts": 7, "duration_in_minutes": null } }))
                .expect("valid");
        assert_eq!(changed.user_lockout.max_attempts, 7);
        assert_eq!(changed.user_lockout.duration_in_minutes, None);
        assert!(changed.user_lockout.enabled);
        assert_eq!(changed.attributes, Attributes::default());
    }

    #[test]
    fn rate_limits_are_a_word_or_numbers() {
        assert_eq!(
            patch(json!({ "rate_limits": "clerk" })).expect("valid").rate_limits,
            RateLimits::Clerk
        );
        let own = patch(json!({ "rate_limits": { "instance_per_10_s": 5 } })).expect("valid");
        assert_eq!(
            own.rate_limits.numbers(Environment::Production),
            CustomLimits { instance_per_10_s: Some(5), user_update_per_10_s: None }
        );
        assert!(patch(json!({ "rate_limits": "sometimes" })).is_err());
    }

    #[test]
    fn unknown_names_and_impossible_values_are_refused_by_name() {
        let problems = patch(json!({ "colour": 1 })).expect_err("unknown");
        assert_eq!(problems[0].code, Code::FormParamUnknown);
        assert_eq!(problems[0].meta["param_name"], "colour");
        let both = patch(json!({ "attributes": true, "user_limit": "many", "billing": {} }));
        let both = both.expect_err("two wrong types");
        let names: Vec<_> = both.iter().map(|problem| &problem.meta["param_name"]).collect();
        assert_eq!(names, ["attributes", "user_limit"]);
        for (name, array) in [
            ("billing", json!([true])),
            ("user_lockout", json!([true, 9, null])),
            ("rate_limits", json!([5, 5])),
            ("attributes", json!({ "username": [true, false] })),
        ] {
            let problems = patch(json!({ name: array })).expect_err("an array");
            assert_eq!(problems[0].meta["param_name"], name);
        }
        assert!(patch(json!({ "user_lockout": { "max_attempts": 1 } })).is_err());
        assert!(
            patch(json!({ "attributes": { "username": { "enabled": false, "required": true } } }))
                .is_err()
        );
    }
}
