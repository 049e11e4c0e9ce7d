//! Pages of a user with ten thousand memberships and invitations, near and far.

#![expect(clippy::print_stdout, reason = "the times are for whoever reads the run")]

use std::time::Instant;

use rollbook_domain::{
    InvitationStatus, Membership, Metadata, Organization, OrganizationInvitation, Ticket,
};
use rollbook_store::{memberships, organization_invitations, organizations};
use rollbook_testkit::{Engine, Server, both};
use rollbook_wire::{Id, Prefix};
use serde_json::{Value, json};

use crate::support::id;

const N: i64 = 10_000;
const ADDRESS: &str = "ada@example.com";

/// Writes them as the operations do, all at once.
async fn populate(server: &Server, user: &str) {
    let (instance, entropy) = (server.instance_id.clone(), server.ctx.entropy.clone());
    let (user, start): (Id, i64) = (user.parse().expect("an id"), server.clock.now());
    let is_postgres = server.engine() == Engine::Postgres;
    server
        .write(move |tx| {
            for n in 0..N {
                let at = start + n;
                let organization = Organization {
                    id: entropy.id(Prefix::Organization, at),
                    name: format!("Organization {n}"),
                    slug: format!("organization-{n}"),
                    image_id: None,
                    max_allowed_memberships: 0,
                    admin_delete_enabled: true,
                    public_metadata: Metadata::default(),
                    private_metadata: Metadata::default(),
                    created_at: at,
                    updated_at: at,
                };
                organizations::insert(tx, &instance, &organization, None)?;
                let membership = Membership {
                    id: entropy.id(Prefix::OrganizationMembership, at),
                    organization_id: organization.id.clone(),
                    user_id: user.clone(),
                    role: "org:member".to_owned(),
                    public_metadata: Metadata::default(),
                    private_metadata: Metadata::default(),
                    created_at: at,
                    updated_at: at,
                };
                memberships::insert(tx, &instance, &membership)?;
                let invitation = OrganizationInvitation {
                    id: entropy.id(Prefix::OrganizationInvitation, at),
                    organization_id: organization.id,
                    email_address: ADDRESS.to_owned(),
                    role: "org:member".to_owned(),
                    status: InvitationStatus::Pending,
                    inviter_id: None,
                    redirect_url: None,
                    ticket: Ticket("t".to_owned()),
                    public_metadata: Metadata::default(),
                    private_metadata: Metadata::default(),
                    expires_at: i64::MAX,
                    created_at: at,
                    updated_at: at,
                };
                organization_invitations::insert(tx, &instance, &invitation)?;
            }
            if is_postgres {
                // As autovacuum would a minute later. With statistics from before, the planner takes
                // an instance for almost empty, and reads all of it for each row that it joins.
                tx.execute_batch("ANALYZE organizations")?;
                tx.execute_batch("ANALYZE organization_memberships")?;
                tx.execute_batch("ANALYZE organization_invitations")?;
            }
            Ok(())
        })
        .await;
}

both!(a_page_far_into_ten_thousand_costs_what_the_first_one_costs, async |server| {
    let user = id(&server.create_user(json!({ "email_address": [ADDRESS] })).await);
    populate(server, &user).await;
    let client = server.client();
    for list in ["organization_memberships", "organization_invitations"] {
        let mut best = [f64::INFINITY; 2];
        for (slot, offset) in [(0, 0), (1, N - 10)] {
            let mut page = Value::Null;
            for _ in 0..10 {
                let call = client.get(&format!("/v1/users/{user}/{list}"));
                let call = call.query("limit", 10).query("offset", offset);
                let begun = Instant::now();
                page = call.send().await.ok();
                best[slot] = best[slot].min(begun.elapsed().as_secs_f64() * 1000.0);
            }
            assert_eq!(page["total_count"], N);
            let data = page["data"].as_array().expect("a page");
            let places: Vec<_> = data.iter().map(|one| one["created_at"].as_i64()).collect();
            let newest = server.clock.now() + N - 1 - offset;
            let expected: Vec<_> = (0..10).map(|n| Some(newest - n)).collect();
            assert_eq!(places, expected, "{list} at {offset}");
        }
        println!(
            "{:?} {list}: {:.1} ms at offset 0, {:.1} ms at offset {}: {:.2} times",
            server.engine(),
            best[0],
            best[1],
            N - 10,
            best[1] / best[0]
        );
        // Generous, for machines that are busy: reading 9 990 rows whole would cost far more.
        assert!(best[1] < best[0] * 5.0 + 50.0, "{list}: {best:?} ms");
    }
});
