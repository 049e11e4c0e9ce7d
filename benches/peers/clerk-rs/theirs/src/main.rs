//! Ten tasks with clerk-rs; a line that begins with `// ---` begins a task.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::Arc;

use clerk_rs::Clerk;
use clerk_rs::apis::configuration::Configuration;
use clerk_rs::apis::users_api::CreateUserError;
use clerk_rs::apis::{Error, organization_memberships_api, organizations_api, users_api};
use clerk_rs::models::{
    CreateOrganizationMembershipRequest, CreateOrganizationRequest, CreateUserRequest,
    UpdateUserRequest, User, VerifyPasswordRequest,
};
use clerk_rs::validators::authorizer::{validate_jwt, validate_jwt_with_key};
use clerk_rs::validators::jwks::{JwksKey, MemoryCacheJwksProvider};

type Result<T> = std::result::Result<T, Box<dyn StdError>>;

// --- 1 a client of a server of one's own
fn client(key: &str, url: &str) -> Clerk {
    Clerk::new(Configuration::new(key).with_base_path(format!("{url}/v1")))
}

// --- 2 create a user with an address and metadata
async fn create(clerk: &Clerk, address: &str) -> Result<User> {
    let request = CreateUserRequest {
        email_address: Some(vec![address.to_owned()]),
        public_metadata: Some(HashMap::from([("plan".to_owned(), "pro".into())])),
        ..CreateUserRequest::default()
    };
    Ok(users_api::create_user(&clerk.config, request).await?)
}

// --- 3 a page of a search
async fn search(clerk: &Clerk, text: &str) -> Result<Vec<User>> {
    let users = users_api::get_user_list(
        &clerk.config,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        Some(text),
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        Some(50),
        None,
        None,
        Some("-created_at"),
    );
    Ok(users.await?)
}

// --- 4 every user
async fn everyone(clerk: &Clerk) -> Result<Vec<User>> {
    let mut all: Vec<User> = Vec::new();
    loop {
        let after = all.last().map(|user| user.id.clone());
        let page = users_api::get_user_list(
            &clerk.config,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(500),
            None,
            after.as_deref(),
            None,
        )
        .await?;
        let at_end = page.len() < 500;
        all.extend(page);
        if at_end {
            return Ok(all);
        }
    }
}

// --- 5 set one field, clear another
async fn rename(clerk: &Clerk, id: &str, name: &str) -> Result<User> {
    let request = UpdateUserRequest {
        first_name: Some(Some(name.to_owned())),
        last_name: Some(None),
        ..UpdateUserRequest::default()
    };
    Ok(users_api::update_user(&clerk.config, id, request).await?)
}

// --- 6 create, or say that the address is taken
async fn create_if_free(clerk: &Clerk, address: &str) -> Result<Option<User>> {
    let request = CreateUserRequest {
        email_address: Some(vec![address.to_owned()]),
        ..CreateUserRequest::default()
    };
    match users_api::create_user(&clerk.config, request).await {
        Ok(user) => Ok(Some(user)),
        Err(Error::ResponseError(response)) => match &response.entity {
            Some(
                CreateUserError::Status400(body)
                | CreateUserError::Status401(body)
                | CreateUserError::Status402(body)
                | CreateUserError::Status403(body)
                | CreateUserError::Status422(body),
            ) if body.errors.iter().any(|error| error.code == "form_identifier_exists") => Ok(None),
            _ => Err(Error::ResponseError(response).into()),
        },
        Err(error) => Err(error.into()),
    }
}

// --- 7 is this the password?
async fn is_password(clerk: &Clerk, id: &str, password: &str) -> Result<bool> {
    let request = VerifyPasswordRequest::new(password.to_owned());
    match users_api::verify_password(&clerk.config, id, Some(request)).await {
        Ok(answer) => Ok(answer.verified == Some(true)),
        Err(Error::ResponseError(response)) => {
            // Its type for this 422 has no body, so the text must do.
            if response.content.contains("\"incorrect_password\"") {
                return Ok(false);
            }
            Err(Error::ResponseError(response).into())
        }
        Err(error) => Err(error.into()),
    }
}

// --- 8 an organization and its first members
async fn found(clerk: &Clerk, name: &str, owner: &str, member: &str) -> Result<()> {
    let request = CreateOrganizationRequest {
        name: name.to_owned(),
        created_by: Some(Some(owner.to_owned())),
        ..CreateOrganizationRequest::default()
    };
    let firm = organizations_api::create_organization(&clerk.config, Some(request)).await?;
    let join = CreateOrganizationMembershipRequest {
        user_id: member.to_owned(),
        role: "org:member".to_owned(),
        ..CreateOrganizationMembershipRequest::default()
    };
    organization_memberships_api::create_organization_membership(&clerk.config, &firm.id, join)
        .await?;
    Ok(())
}

// --- 9 the user of a session token, with keys that are fetched and kept
async fn user_of(provider: &Arc<MemoryCacheJwksProvider>, token: &str) -> Option<String> {
    validate_jwt(token, Arc::clone(provider)).await.ok().map(|claims| claims.sub)
}

// --- 10 the same without a network, for one's own origin only
fn user_of_offline(key: &JwksKey, token: &str) -> Option<String> {
    let claims = validate_jwt_with_key(token, key).ok()?;
    (claims.azp.as_deref() == Some("https://app.example.com")).then_some(claims.sub)
}

// --- end
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let clerk = client("sk_test_none", "http://127.0.0.1:4100");
    let ada = create(&clerk, "ada@example.com").await?;
    let (found_users, all) = (search(&clerk, "ada").await?.len(), everyone(&clerk).await?.len());
    let renamed = rename(&clerk, &ada.id, "Ada").await?;
    let again = create_if_free(&clerk, "ada@example.com").await?;
    let known = is_password(&clerk, &ada.id, "guessed").await?;
    found(&clerk, "Acme", &ada.id, &ada.id).await?;
    let provider = Arc::new(MemoryCacheJwksProvider::new(clerk));
    let user = user_of(&provider, "a.b.c").await;
    let offline =
        serde_json::from_str(&std::env::var("JWK")?).map(|key| user_of_offline(&key, "a.b.c"));
    println!("{found_users} {all} {renamed:?} {again:?} {known} {user:?} {offline:?}");
    Ok(())
}
