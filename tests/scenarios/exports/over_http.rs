//! `GET /admin/v1/instances/{id}/export`.

use rollbook_testkit::both;
use serde_json::json;

use super::{exported, imported};
use crate::support::{PASSWORD, id};

both!(an_operator_gets_the_export_as_it_is_written, async |server| {
    let user = server.create_user(json!({ "username": "adaada", "password": PASSWORD })).await;
    let at = format!("/admin/v1/instances/{}/export", server.instance_id);
    let reply = server.operator().get(&at).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let name = format!("attachment; filename=\"{}.jsonl\"", server.instance_id);
    assert_eq!(reply.header("content-disposition"), Some(name.as_str()));
    assert_eq!(reply.body, exported(server).await);

    let elsewhere = server.elsewhere(server.engine()).await.expect("the engine is here");
    imported(&elsewhere, &reply.body).await.expect("an import");
    assert_eq!(elsewhere.get_user(&id(&user)).await, user);
    elsewhere.end().await;
});

both!(only_an_operator_gets_it_and_only_of_an_instance_that_is_there, async |server| {
    let at = format!("/admin/v1/instances/{}/export", server.instance_id);
    assert_eq!(server.client().get(&at).send().await.status, 401);
    let unknown = server.operator().get("/admin/v1/instances/ins_nobody/export").send().await;
    unknown.refused(404, &[("resource_not_found", "")]);
});
