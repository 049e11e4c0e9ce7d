//! What messages say, in plain text and in HTML.

use std::fmt;

use serde_json::Value;

/// Longer values are cut: they come from users, and a notice is no carrier for texts.
const LONGEST_VALUE: usize = 320;

/// A message before it is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document; it refers to nothing outside of itself.
    pub html: String,
}

/// The message that `slug` names, filled in from `data`; `None` if there is no
/// such message.
///
/// | slug | `data` |
/// | --- | --- |
/// | `invitation` | `action_url`, `expires_in_days` |
/// | `organization_invitation` | `organization_name`, `inviter_name`, `action_url`, `expires_in_days` |
/// | `passkey_removed` | `passkey_name` |
/// | `primary_email_address_changed` | `new_email_address`, null when none is left |
/// | `verification_code` | `otp_code` |
/// | `waitlist_confirmation` | |
/// | `waitlist_invitation` | `action_url`, `expires_in_days` |
///
/// Each also names the application, `data.app_name`. What is missing is
/// worded around.
pub fn render(slug: &str, data: &Value) -> Option<Content> {
    let of_app = value(data, "app_name").map(|app| format!(" at {app}")).unwrap_or_default();
    let (subject, happened) = match slug {
        "invitation" => (
            "You have been invited",
            format!("You have been invited to create an account{of_app}.{}", lasts(data)),
        ),
        "waitlist_confirmation" => (
            "You are on the waitlist",
            format!("You are on the waitlist{of_app}. You will hear when it is your turn."),
        ),
        "waitlist_invitation" => {
            ("It is your turn", format!("You can create your account{of_app} now.{}", lasts(data)))
        }
        "organization_invitation" => {
            ("You have been invited to an organization", joining(data, &of_app))
        }
        "passkey_removed" => {
            let named = value(data, "passkey_name").map(|name| format!(" “{name}”"));
            let named = named.unwrap_or_default();
            (
                "A passkey was removed from your account",
                format!(
                    "The passkey{named} was removed from your account{of_app}. \
                     It can no longer be used to sign in."
                ),
            )
        }
        "primary_email_address_changed" => (
            "Your primary email address was changed",
            match value(data, "new_email_address") {
                Some(new) => format!(
                    "The primary email address of your account{of_app} is now {new}. \
                     Messages about the account will go there, and no longer to this address."
                ),
                None => format!(
                    "This address is no longer the primary email address of your \
                     account{of_app}, and no other has taken its place."
                ),
            },
        ),
        "verification_code" => {
            let code = value(data, "otp_code")?;
            let happened = format!("Your verification code{of_app} is {code}.");
            return Some(content(data, "Your verification code", &happened, KEEP_CODE));
        }
        _ => return None,
    };
    let advice = match slug {
        "invitation"
        | "organization_invitation"
        | "waitlist_confirmation"
        | "waitlist_invitation" => UNEXPECTED,
        _ => IF_NOT_YOU,
    };
    Some(content(data, subject, &happened, advice))
}

const IF_NOT_YOU: &str = "If this was you, there is nothing to do. If it was not, someone else may have \
    access to your account: change your password, and tell those who run the service.";

const KEEP_CODE: &str = "It is good for ten minutes. If you did not ask for it, somebody may have mistyped \
    their address: tell it to nobody, and do nothing.";

fn content(data: &Value, subject: &str, happened: &str, advice: &str) -> Content {
    let subject = match value(data, "app_name") {
        Some(app) => format!("{app}: {subject}"),
        None => subject.to_owned(),
    };
    let link = data.get("action_url").and_then(Value::as_str);
    let linked = link.map(|link| format!("{link}\n\n")).unwrap_or_default();
    Content {
        text: format!("Hello,\n\n{happened}\n\n{linked}{advice}\n"),
        html: document(&subject, happened, link, advice),
        subject,
    }
}

const UNEXPECTED: &str = "If you did not expect this message, there is nothing to do.";

/// Who invites to what.
fn joining(data: &Value, of_app: &str) -> String {
    let organization = value(data, "organization_name");
    let organization =
        organization.map_or_else(|| "an organization".to_owned(), |name| format!("“{name}”"));
    let lasts = lasts(data);
    match value(data, "inviter_name") {
        Some(inviter) => {
            format!("{inviter} has invited you to join {organization}{of_app}.{lasts}")
        }
        None => format!("You have been invited to join {organization}{of_app}.{lasts}"),
    }
}

/// How long a link is good for.
fn lasts(data: &Value) -> String {
    let days = data.get("expires_in_days").and_then(Value::as_i64);
    match days {
        None => String::new(),
        Some(1) => " The link below is good for one day.".to_owned(),
        Some(days) => format!(" The link below is good for {days} days."),
    }
}

/// A text of `data`, on one line and not too long; an empty one counts as missing.
fn value(data: &Value, name: &str) -> Option<String> {
    let text = data.get(name)?.as_str()?.trim();
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = line.take(LONGEST_VALUE).collect();
    (!line.is_empty()).then_some(line)
}

fn document(title: &str, happened: &str, link: Option<&str>, advice: &str) -> String {
    let link = link.map_or_else(String::new, |link| {
        let link = Escaped(link);
        format!("<p><a href=\"{link}\">{link}</a></p>\n")
    });
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{}</title>\n</head>\n<body style=\"font-family: sans-serif; max-width: 36em\">\n\
         <p>Hello,</p>\n<p>{}</p>\n{link}<p>{}</p>\n</body>\n</html>\n",
        Escaped(title),
        Escaped(happened),
        Escaped(advice)
    )
}

/// Text that is only text wherever it stands in HTML.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_is_whole_and_only_a_link() {
        let url = format!("https://a.example/{}?a=1&b=\"<", "x".repeat(400));
        let data = json!({ "app_name": "Rollbook", "action_url": url, "expires_in_days": 30 });
        let mail = render("invitation", &data).unwrap();
        assert_eq!(mail.subject, "Rollbook: You have been invited");
        assert!(mail.text.contains(&url) && mail.text.contains("good for 30 days"));
        assert!(mail.html.contains("?a=1&amp;b=&quot;&lt;\">https://"));
        assert!(render("waitlist_confirmation", &json!({})).is_some());
        assert!(render("waitlist_invitation", &json!({ "expires_in_days": 1 })).is_some());
    }

    #[test]
    fn the_notice_of_a_new_primary_address_names_it() {
        let data = json!({ "app_name": "Acme", "new_email_address": "new@example.com" });
        let content = render("primary_email_address_changed", &data).unwrap();
        assert_eq!(content.subject, "Acme: Your primary email address was changed");
        assert!(content.text.contains("your account at Acme is now new@example.com."));
        assert!(content.html.contains("your account at Acme is now new@example.com."));
    }

    #[test]
    fn a_code_is_in_the_message_and_needed_for_it() {
        let data = json!({ "otp_code": "123456", "app_name": "Acme" });
        let content = render("verification_code", &data).unwrap();
        assert_eq!(content.subject, "Acme: Your verification code");
        assert!(content.text.contains("Your verification code at Acme is 123456."));
        assert_eq!(render("verification_code", &json!({})), None);
    }

    #[test]
    fn what_is_missing_is_worded_around() {
        let none = json!({ "new_email_address": null });
        let content = render("primary_email_address_changed", &none).unwrap();
        assert!(content.text.contains("no longer the primary email address of your account,"));
        let content = render("passkey_removed", &Value::Null).unwrap();
        assert!(content.text.contains("The passkey was removed from your account."));
        assert_eq!(render("welcome", &none), None);
    }

    #[test]
    fn a_value_is_neither_markup_nor_a_second_line() {
        let data = json!({ "passkey_name": "<b>\"A\" & 'B'</b>\r\nBcc: x", "app_name": "A\nB" });
        let content = render("passkey_removed", &data).unwrap();
        assert_eq!(content.subject, "A B: A passkey was removed from your account");
        assert!(content.text.contains("“<b>\"A\" & 'B'</b>  Bcc: x”"), "{}", content.text);
        let escaped = "“&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;  Bcc: x”";
        assert!(content.html.contains(escaped), "{}", content.html);
    }
}
