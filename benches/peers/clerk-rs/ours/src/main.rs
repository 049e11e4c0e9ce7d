//! Ten tasks with rollbook-sdk; a line that begins with `// ---` begins a task.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use rollbook_sdk::{
    Clerk, Code, PublicKeys, Result, SessionVerifier, TokenError, User, UserId, VerifyOptions,
    verify_session_token,
};

// --- 1 a client of a server of one's own
fn client(key: &str, url: &str) -> Result<Clerk> {
    Clerk::builder().bearer_auth(key).server_url(url).build()
}

// --- 2 create a user with an address and metadata
async fn create(clerk: &Clerk, address: &str) -> Result<User> {
    let plan = BTreeMap::from([("plan", "pro")]);
    clerk.users().create().email_address([address]).public_metadata(plan).send().await
}

// --- 3 a page of a search
async fn search(clerk: &Clerk, text: &str) -> Result<Vec<User>> {
    clerk.users().list().query(text).order_by("-created_at").limit(50).send().await
}

// --- 4 every user
async fn everyone(clerk: &Clerk) -> Result<Vec<User>> {
    clerk.users().list().limit(500).stream().try_collect().await
}

// --- 5 set one field, clear another
async fn rename(clerk: &Clerk, id: &UserId, name: &str) -> Result<User> {
    clerk.users().update(id).first_name(name).last_name(None).send().await
}

// --- 6 create, or say that the address is taken
async fn create_if_free(clerk: &Clerk, address: &str) -> Result<Option<User>> {
    match clerk.users().create().email_address([address]).send().await {
        Ok(user) => Ok(Some(user)),
        Err(error) if error.has(Code::FormIdentifierExists) => Ok(None),
        Err(error) => Err(error),
    }
}

// --- 7 is this the password?
async fn is_password(clerk: &Clerk, id: &UserId, password: &str) -> Result<bool> {
    match clerk.users().verify_password(id, password).send().await {
        Ok(answer) => Ok(answer.verified),
        Err(error) if error.has(Code::IncorrectPassword) => Ok(false),
        Err(error) => Err(error),
    }
}

// --- 8 an organization and its first members
async fn found(clerk: &Clerk, name: &str, owner: &UserId, member: &UserId) -> Result<()> {
    let firm = clerk.organizations().create().name(name).created_by(owner).send().await?;
    let join = clerk.organization_memberships().create(&firm.id);
    join.user_id(member).role("org:member").send().await?;
    Ok(())
}

// --- 9 the user of a session token, with keys that are fetched and kept
async fn user_of(verifier: &SessionVerifier, token: &str) -> Option<UserId> {
    verifier.verify(token).await.ok().map(|claims| claims.user_id)
}

// --- 10 the same without a network, for one's own origin only
fn user_of_offline(pem: &str, token: &str) -> Result<UserId, TokenError> {
    let keys = PublicKeys::from_pem(pem).ok_or(TokenError::UnknownKey)?;
    let authorized_parties = vec!["https://app.example.com".to_owned()];
    let options = VerifyOptions { authorized_parties, ..VerifyOptions::default() };
    let now = std::time::SystemTime::now();
    verify_session_token(token, &keys, &options, now).map(|claims| claims.user_id)
}

// --- end
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let clerk = client("sk_test_none", "http://127.0.0.1:4100")?;
    let ada = create(&clerk, "ada@example.com").await?;
    let (found_users, all) = (search(&clerk, "ada").await?.len(), everyone(&clerk).await?.len());
    let renamed = rename(&clerk, &ada.id, "Ada").await?;
    let again = create_if_free(&clerk, "ada@example.com").await?;
    let known = is_password(&clerk, &ada.id, "guessed").await?;
    found(&clerk, "Acme", &ada.id, &ada.id).await?;
    let user = user_of(&SessionVerifier::new(&clerk), "a.b.c").await;
    let offline = user_of_offline("", "a.b.c");
    println!("{found_users} {all} {renamed:?} {again:?} {known} {user:?} {offline:?}");
    Ok(())
}
