//! Redirect URLs and domains.

use rollbook_testkit::{Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, ids, instance, text};

const AT: &str = "/v1/redirect_urls";

async fn add(server: &Server, url: &str) -> Value {
    server.client().post(AT).json(json!({ "url": url })).send().await.ok()
}

both!(an_address_is_added_read_listed_and_deleted, async |server| {
    let made = add(server, "my-app://callback").await;
    assert_eq!(
        (&made["object"], &made["url"]),
        (&json!("redirect_url"), &json!("my-app://callback"))
    );
    let at = format!("{AT}/{}", id(&made));
    assert_eq!(server.client().get(&at).send().await.ok(), made);
    server.clock.advance(1);
    let newer = add(server, "https://a.example/").await;
    let client = server.client();
    assert_eq!(ids(&client.get(AT).send().await.ok()), [id(&newer), id(&made)]);
    let page = client.get(&format!("{AT}?limit=1&offset=1&paginated=true")).send().await.ok();
    assert_eq!(page, json!({ "data": [made], "total_count": 2 }));
    let deleted = client.delete(&at).send().await.ok();
    assert_eq!(deleted, json!({ "object": "redirect_url", "id": id(&made), "deleted": true }));
    for call in [client.get(&at), client.delete(&at)] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
    add(server, "my-app://callback").await;
});

both!(what_cannot_be_an_address_is_refused, async |server| {
    for (body, code) in [
        (json!({}), "form_param_missing"),
        (json!({ "url": null }), "form_param_nil"),
        (json!({ "url": "/a" }), "form_param_format_invalid"),
        (json!({ "url": "javascript://a" }), "form_param_format_invalid"),
        (
            json!({ "url": format!("https://{}", "a".repeat(2048)) }),
            "form_param_max_length_exceeded",
        ),
    ] {
        let reply = server.client().post(AT).json(body).unchecked().send().await;
        reply.refused(422, &[(code, "url")]);
    }
    add(server, "http://localhost:3000").await;
    let again = server.client().post(AT).json(json!({ "url": "http://localhost:3000" }));
    again.send().await.refused(400, &[("duplicate_record", "url")]);
    let (production, client) = instance(server, json!({ "environment_type": "production" })).await;
    let insecure = client.post(AT).json(json!({ "url": "http://a.example" })).send().await;
    insecure.refused(422, &[("form_param_value_invalid", "url")]);
    assert_eq!(client.get(AT).send().await.ok(), json!([]));
    delete_instance(server, &production).await;
});

both!(the_domain_is_that_of_the_server, async |server| {
    let domains = server.client().get("/v1/domains").send().await.ok();
    assert_eq!(domains["total_count"], 1);
    let domain = &domains["data"][0];
    assert_eq!(format!("http://{}", text(&domain["name"])), server.url);
    assert_eq!(
        (&domain["is_satellite"], &domain["frontend_api_url"]),
        (&json!(false), &json!(server.url))
    );
    assert_eq!(server.client().get("/v1/domains").send().await.ok(), domains);
});
