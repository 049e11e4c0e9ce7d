//! Email addresses and phone numbers.

use rollbook_sdk::{Clerk, Result};

/// Of one user.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let ada = clerk.users().create().username("ada_contact").send().await?;
    let (addresses, numbers) = (clerk.email_addresses(), clerk.phone_numbers());

    let address =
        addresses.create().user_id(&ada.id).email_address("ada@example.org").send().await?;
    let address = addresses.update(&address.id).verified(true).primary(true).send().await?;
    assert_eq!(addresses.get(&address.id).send().await?, address);

    // A code is sent to the address, and what the user typed is tried.
    let other = addresses.create().user_id(&ada.id).email_address("ada@example.net").send().await?;
    let sent = addresses.prepare_verification(&other.id).send().await?;
    let tried = addresses.attempt_verification(&other.id, &sent.id, "000000").send().await?;
    assert_eq!(tried.attempts, 1);
    addresses.delete(&other.id).send().await?;
    addresses.replace_for_user(&ada.id).email_address("ada@example.edu").send().await?;

    let number = numbers.create().user_id(&ada.id).phone_number("+12015550100").send().await?;
    let number = numbers.update(&number.id).verified(true).primary(true).send().await?;
    assert_eq!(numbers.get(&number.id).send().await?, number);
    let other = numbers.create().user_id(&ada.id).phone_number("+12015550101").send().await?;
    let sent = numbers.prepare_verification(&other.id).send().await?;
    numbers.attempt_verification(&other.id, &sent.id, "000000").send().await?;
    numbers.delete(&other.id).send().await?;
    numbers.replace_for_user(&ada.id).phone_number("+12015550102").send().await?;

    clerk.users().delete(&ada.id).send().await?;
    Ok(())
}
