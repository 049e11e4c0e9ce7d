//! Checks that creation and update share.

use rollbook_domain::{Problem, parse_name};
use rollbook_wire::Code;

use crate::Tenant;

/// Refuses a parameter of an attribute that the instance has switched off.
pub(crate) fn enabled(given: bool, on: bool, name: &str, problems: &mut Vec<Problem>) -> bool {
    if given && !on {
        problems.push(Problem::param(
            Code::FormParamUnknown,
            name,
            format!("The parameter {name} cannot be used in this request: it is not enabled for the instance."),
        ));
    }
    given && on
}

/// Keeps the value, or notes the problem.
pub(crate) fn keep<T>(parsed: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    parsed.map_err(|problem| problems.push(problem)).ok()
}

/// A given or family name; empty text is none.
pub(super) fn name(
    text: Option<&str>,
    on: bool,
    param: &str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let text = text?;
    if !enabled(true, on, param, problems) {
        return None;
    }
    keep(parse_name(text, param), problems).flatten().map(|name| name.as_str().to_owned())
}

/// Refuses secrets of attributes that the instance has switched off.
pub(super) fn secrets_enabled(
    tenant: &Tenant,
    params: &mut super::SecretParams,
    problems: &mut Vec<Problem>,
) {
    let attributes = &tenant.instance.settings.attributes;
    let password = attributes.password.enabled;
    if !enabled(params.password.is_some(), password, "password", problems) {
        params.password = None;
    }
    if !enabled(params.password_digest.is_some(), password, "password_digest", problems) {
        params.password_digest = None;
        if !password {
            params.password_hasher = None;
        }
    }
    let totp = attributes.authenticator_app.enabled;
    if !enabled(params.totp_secret.is_some(), totp, "totp_secret", problems) {
        params.totp_secret = None;
    }
    let codes = attributes.backup_code.enabled;
    if !enabled(params.backup_codes.is_some(), codes, "backup_codes", problems) {
        params.backup_codes = None;
    }
}

/// A limit on the organizations a user may create; 0 is unlimited.
pub(super) fn organizations_limit(limit: i64, problems: &mut Vec<Problem>) -> Option<i64> {
    let name = "create_organizations_limit";
    if limit < 0 {
        let text = format!("{name} must not be negative.");
        problems.push(Problem::param(Code::FormParamValueInvalid, name, text));
        return None;
    }
    if limit > i64::from(i32::MAX) {
        let text = format!("{name} must not exceed {}.", i32::MAX);
        problems.push(Problem::param(Code::FormParamValueTooLarge, name, text));
        return None;
    }
    Some(limit)
}

/// A text that must be given and not be empty.
pub(crate) fn required(
    text: Option<String>,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let text = text.filter(|text| !text.is_empty());
    let refused = problems.iter().any(|p| p.meta.get("param_name") == Some(&name.into()));
    if text.is_none() && !refused {
        let long = format!("{name} must be given.");
        problems.push(Problem::param(Code::FormParamMissing, name, long));
    }
    text
}
