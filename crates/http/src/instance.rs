//! `/v1/instance`: the settings of the instance whose key is presented.

use axum::Router;
use axum::extract::State;
use axum::routing;
use hyper::StatusCode;
use rollbook_domain::{PhoneNumber, Settings};
use rollbook_ops::instances::{self as ops, UpdateInstance};
use rollbook_ops::{Tenant, roles};
use rollbook_wire::{Code, Patch};
use serde_json::{Map, Value, json};

use crate::{Api, Caller, Form, Json, Refusal};

type Answer = Result<Json, Refusal>;

/// More origins, scopes or countries than anybody has.
const MAX_VALUES: usize = 250;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/instance", routing::get(get).patch(update))
        .route("/instance/restrictions", routing::patch(update_restrictions))
        .route(
            "/instance/organization_settings",
            routing::get(get_organization_settings).patch(update_organization_settings),
        )
        .route("/instance/protect", routing::get(get_protect).patch(update_protect))
        .route(
            "/instance/communication",
            routing::get(get_communication).patch(update_communication),
        )
        .route(
            "/instance/oauth_application_settings",
            routing::get(get_oauth_applications).patch(update_oauth_applications),
        )
        .route("/beta_features/instance_settings", routing::patch(update_auth_config))
}

/// A change of settings as it is read from a body: what is absent or null stays.
struct Change {
    form: Form,
    patch: Map<String, Value>,
}

impl Change {
    fn new(form: Form) -> Self {
        Self { form, patch: Map::new() }
    }

    fn set(&mut self, group: &str, name: &str, value: impl Into<Value>) {
        let group = self.patch.entry(group).or_insert_with(|| json!({}));
        if let Value::Object(group) = group {
            group.insert(name.to_owned(), value.into());
        }
    }

    fn booleans(&mut self, group: &str, names: &[&str]) {
        for name in names {
            if let Some(on) = self.form.boolean(name).set() {
                self.set(group, name, on);
            }
        }
    }

    fn strings(&mut self, group: &str, name: &str) {
        let values = self.form.strings(name, MAX_VALUES);
        if let Some(values) = values.set() {
            self.set(group, name, values);
        }
    }

    /// An empty text is none.
    fn text(&mut self, group: &str, name: &str) {
        if let Some(text) = self.form.string(name).set() {
            let value = if text.is_empty() { Value::Null } else { text.into() };
            self.set(group, name, value);
        }
    }

    async fn run(self, api: &Api, tenant: &Tenant) -> Result<Settings, Refusal> {
        Refusal::unless_empty(self.form.finish())?;
        save(api, tenant, self.patch).await
    }
}

async fn save(api: &Api, tenant: &Tenant, patch: Map<String, Value>) -> Result<Settings, Refusal> {
    let params = UpdateInstance { name: None, settings: Some(patch) };
    let changed = ops::update(&api.ctx, &tenant.instance.id, params).await?;
    Ok(changed.instance.settings.clone())
}

async fn get(Caller(tenant): Caller) -> Answer {
    let instance = &tenant.instance;
    Json::of(&json!({
        "object": "instance",
        "id": instance.id,
        "environment_type": instance.environment.as_str(),
        "allowed_origins": instance.settings.frontend.allowed_origins,
        "workspace_id": null,
    }))
}

async fn update(
    State(api): State<Api>,
    Caller(tenant): Caller,
    form: Form,
) -> Result<StatusCode, Refusal> {
    let mut change = Change::new(form);
    if let Some(on) = change.form.boolean("test_mode").set() {
        change.patch.insert("test_mode".to_owned(), on.into());
    }
    if let Some(on) = change.form.boolean("hibp").set() {
        change.set("password_settings", "disable_hibp", !on);
    }
    for name in ["support_email", "clerk_js_version", "development_origin"] {
        change.text("frontend", name);
    }
    change.strings("frontend", "allowed_origins");
    let old_name = change.form.boolean("cookieless_dev").set();
    if let Some(on) = change.form.boolean("url_based_session_syncing").set().or(old_name) {
        change.set("frontend", "url_based_session_syncing", on);
    }
    let strategy = "preferred_sign_in_strategy_when_password_required";
    if let Patch::Set(text) = change.form.string(strategy) {
        if !["", "otp", "password"].contains(&text.as_str()) {
            let text = format!("{strategy} must be password, otp or empty.");
            change.form.deny(strategy, Code::FormParamValueInvalid, text);
        }
        change.set("frontend", strategy, if text.is_empty() { Value::Null } else { text.into() });
    }
    // Clerk drops what it does not know here, and here alone.
    let Change { form, patch } = change;
    let mut problems = form.finish();
    problems.retain(|problem| problem.code != Code::FormParamUnknown);
    Refusal::unless_empty(problems)?;
    save(&api, &tenant, patch).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn update_restrictions(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    let mut change = Change::new(form);
    change.booleans(
        "restrictions",
        &[
            "allowlist",
            "blocklist",
            "allowlist_blocklist_disabled_on_sign_in",
            "block_email_subaddresses",
            "block_disposable_email_domains",
            "ignore_dots_for_gmail_addresses",
        ],
    );
    let settings = change.run(&api, &tenant).await?;
    body("instance_restrictions", &settings.restrictions)
}

async fn get_organization_settings(Caller(tenant): Caller) -> Answer {
    organization_settings(&tenant.instance.settings)
}

async fn update_organization_settings(
    State(api): State<Api>,
    Caller(tenant): Caller,
    form: Form,
) -> Answer {
    const GROUP: &str = "organizations";
    let mut change = Change::new(form);
    change
        .booleans(GROUP, &["enabled", "admin_delete_enabled", "domains_enabled", "slug_disabled"]);
    if let Some(max) = change.form.integer("max_allowed_memberships").set() {
        if u32::try_from(max).is_err() {
            let text = "max_allowed_memberships must be 0 or a number of members.";
            change.form.deny("max_allowed_memberships", Code::FormParamValueInvalid, text);
        }
        change.set(GROUP, "max_allowed_memberships", max);
    }
    let modes = "domains_enrollment_modes";
    if let Some(values) = change.form.strings(modes, MAX_VALUES).set() {
        let known = ["manual_invitation", "automatic_invitation", "automatic_suggestion"];
        if values.iter().any(|value| !known.contains(&value.as_str())) {
            let text = format!("{modes} must hold only {}.", known.join(", "));
            change.form.deny(modes, Code::FormParamValueInvalid, text);
        }
        change.set(GROUP, modes, values);
    }
    for (param, name) in
        [("creator_role_id", "creator_role"), ("domains_default_role_id", "domains_default_role")]
    {
        let Some(text) = change.form.string(param).set() else { continue };
        if let Some(key) = role_key(&api, &tenant, &text).await? {
            change.set(GROUP, name, key);
        } else {
            let text = format!("{param} is not the id of a role.");
            change.form.deny(param, Code::FormResourceNotFound, text);
        }
    }
    organization_settings(&change.run(&api, &tenant).await?)
}

/// A role is named by its id or its key.
async fn role_key(api: &Api, tenant: &Tenant, text: &str) -> Result<Option<String>, Refusal> {
    let instance = tenant.instance.id.clone();
    let all = api.ctx.db.read(move |conn| roles::all(conn, &instance)).await?;
    let found = all.into_iter().find(|role| role.id.as_str() == text || role.key == text);
    Ok(found.map(|role| role.key))
}

fn organization_settings(settings: &Settings) -> Answer {
    let organizations = &settings.organizations;
    Json::of(&json!({
        "object": "organization_settings",
        "enabled": organizations.enabled,
        "max_allowed_memberships": organizations.max_allowed_memberships,
        "max_allowed_roles": organizations.max_allowed_roles,
        "max_role_sets_allowed": 1,
        "max_allowed_domains": organizations.max_allowed_domains,
        "max_allowed_permissions": 0,
        "creator_role": organizations.creator_role,
        "admin_delete_enabled": organizations.admin_delete_enabled,
        "domains_enabled": organizations.domains_enabled,
        "slug_disabled": organizations.slug_disabled,
        "domains_enrollment_modes": organizations.domains_enrollment_modes,
        "domains_default_role": organizations.domains_default_role,
        "initial_role_set_key": null,
    }))
}

async fn get_protect(Caller(tenant): Caller) -> Answer {
    protect(&tenant.instance.settings)
}

async fn update_protect(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    let mut change = Change::new(form);
    change.booleans("protect", &["rules_enabled", "specter_enabled"]);
    protect(&change.run(&api, &tenant).await?)
}

fn protect(settings: &Settings) -> Answer {
    Json::of(&json!({
        "object": "instance_protect",
        "rules_enabled": settings.protect.rules_enabled,
        "specter_enabled": settings.protect.specter_enabled,
        "checks_bypassed": false,
    }))
}

async fn get_communication(Caller(tenant): Caller) -> Answer {
    body("instance_communication", &tenant.instance.settings.communication)
}

async fn update_communication(
    State(api): State<Api>,
    Caller(tenant): Caller,
    form: Form,
) -> Answer {
    let name = "blocked_country_codes";
    let mut change = Change::new(form);
    if let Some(mut codes) = change.form.strings(name, MAX_VALUES).set() {
        let is_code =
            |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if !codes.iter().all(is_code) {
            let text = format!("{name} must hold only country codes such as DE.");
            change.form.deny(name, Code::FormParamValueInvalid, text);
        }
        let n_codes = codes.len();
        codes.sort();
        codes.dedup();
        if codes.len() < n_codes {
            let text = format!("{name} must not hold a country twice.");
            change.form.deny(name, Code::FormParamDuplicate, text);
        }
        // Those without phone numbers are dropped, as at Clerk.
        codes.retain(|code| PhoneNumber::is_country(code));
        change.set("communication", name, codes);
    }
    body("instance_communication", &change.run(&api, &tenant).await?.communication)
}

async fn get_oauth_applications(Caller(tenant): Caller) -> Answer {
    body("oauth_application_settings", &tenant.instance.settings.oauth_applications)
}

async fn update_oauth_applications(
    State(api): State<Api>,
    Caller(tenant): Caller,
    form: Form,
) -> Answer {
    const GROUP: &str = "oauth_applications";
    let mut change = Change::new(form);
    change.booleans(
        GROUP,
        &[
            "dynamic_oauth_client_registration",
            "oauth_jwt_access_tokens",
            "client_id_metadata_documents_advertised",
            "client_id_metadata_documents_only_allow_pre_registered_clients",
            "client_id_metadata_documents_block_implicitly_allowed_clients",
        ],
    );
    match change.form.strings("default_scopes", MAX_VALUES) {
        Patch::Keep => {}
        Patch::Clear => change.set(GROUP, "default_scopes", Value::Null),
        Patch::Set(scopes) => change.set(GROUP, "default_scopes", scopes),
    }
    body("oauth_application_settings", &change.run(&api, &tenant).await?.oauth_applications)
}

async fn update_auth_config(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    let mut change = Change::new(form);
    if let Some(on) = change.form.boolean("restricted_to_allowlist").set() {
        change.set("restrictions", "allowlist", on);
    }
    if let Some(on) = change.form.boolean("test_mode").set() {
        change.patch.insert("test_mode".to_owned(), on.into());
    }
    change.booleans("frontend", &["progressive_sign_up"]);
    if let Some(text) = change.form.string("from_email_address").set() {
        if text.is_empty() || text.len() > 64 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let text = "from_email_address must be 1 to 64 letters and digits.";
            change.form.deny("from_email_address", Code::FormParamValueInvalid, text);
        }
        change.patch.insert("from_email_address".to_owned(), text.into());
    }
    let settings = change.run(&api, &tenant).await?;
    Json::of(&json!({
        "object": "instance_settings",
        "id": tenant.instance.id,
        "restricted_to_allowlist": settings.restrictions.allowlist,
        "from_email_address": settings.from_email_address,
        "progressive_sign_up": settings.frontend.progressive_sign_up,
        "enhanced_email_deliverability": false,
    }))
}

/// A group of settings with its `object`.
fn body(object: &str, group: &impl serde::Serialize) -> Answer {
    let value = serde_json::to_value(group);
    let mut value = value.map_err(|error| Refusal::internal("render settings", &error))?;
    if let Value::Object(members) = &mut value {
        members.insert("object".to_owned(), object.into());
    }
    Json::of(&value)
}
