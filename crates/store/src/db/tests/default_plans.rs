//! Stores from before an index kept the default plan alone.

use rollbook_domain::billing::{PayerType, Plan};
use rollbook_wire::Id;

use crate::billing::plans;
use crate::migrate::{MIGRATIONS, Migration};
use crate::scratch::Scratch;
use crate::{Db, Result, params};

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn plan(name: &str, payer_type: PayerType, is_default: bool, created_at: i64) -> Plan {
    Plan {
        id: id(&format!("cplan_{name}")),
        name: name.to_owned(),
        slug: name.to_owned(),
        description: Some(r#"not "is_default":true"#.to_owned()),
        avatar_url: None,
        payer_type,
        is_default,
        publicly_visible: true,
        feature_ids: Vec::new(),
        free_trial_days: None,
        created_at,
        updated_at: created_at,
    }
}

/// Writes a plan as the release before did.
async fn insert_before(db: &Db, plan: Plan) {
    let statement = "INSERT INTO plans (instance_id, plan_id, slug, payer_type, record, created_at)
        VALUES ('ins_1', $1, $2, $3, $4, $5)";
    db.write(move |tx| -> Result<_> {
        let record = serde_json::to_string(&plan).unwrap();
        let (slug, payer) = (plan.slug.as_str(), plan.payer_type.as_str());
        tx.query_text(statement, &params![plan.id.as_str(), slug, payer, record, plan.created_at])
    })
    .await
    .unwrap();
}

async fn of_several_default_plans_the_newest_stays_so(scratch: &Scratch) {
    let (user, organization) = (PayerType::User, PayerType::Org);
    for plan in [
        plan("older", user, true, 1),
        plan("newer", user, true, 2),
        plan("paid", user, false, 3),
        plan("team", organization, true, 1),
    ] {
        insert_before(&scratch.db, plan).await;
    }
    let db = Db::open_with(&scratch.settings, MIGRATIONS).await.unwrap();
    db.write(move |tx| -> Result<()> {
        let instance = id("ins_1");
        let defaults: Vec<String> = plans::all(tx, &instance)?
            .into_iter()
            .filter(|plan| plan.is_default)
            .map(|plan| plan.name)
            .collect();
        assert_eq!(defaults, ["newer", "team"]);
        let paid = plans::by_id(tx, &instance, &id("cplan_paid"))?.unwrap();
        assert_eq!(paid, plan("paid", user, false, 3));
        assert!(!plans::insert(tx, &instance, &plan("another", user, true, 4))?);
        assert!(plans::insert(tx, &instance, &plan("another", user, false, 4))?);
        Ok(())
    })
    .await
    .unwrap();
    db.close().await;
}

/// The schema before the index.
fn before() -> &'static [Migration] {
    let step = MIGRATIONS.iter().position(|step| step.text.contains("plans_default"));
    &MIGRATIONS[..step.unwrap()]
}

#[tokio::test]
async fn of_several_default_plans_the_newest_stays_so_on_sqlite() {
    let scratch = Scratch::sqlite_with(before()).await;
    of_several_default_plans_the_newest_stays_so(&scratch).await;
    scratch.end().await;
}

#[tokio::test]
async fn of_several_default_plans_the_newest_stays_so_on_postgres() {
    let Some(scratch) = Scratch::postgres_with(before()).await else { return };
    of_several_default_plans_the_newest_stays_so(&scratch).await;
    scratch.end().await;
}
