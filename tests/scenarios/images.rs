//! Profile images: set, shown, replaced, deleted; and the avatar of everyone else.

use image::{GenericImageView, ImageFormat};
use rollbook_testkit::{Reply, Server, both};
use serde_json::json;

use crate::support::{id, path, picture, someone, text};

async fn upload(server: &Server, user: &str, bytes: &[u8]) -> Reply {
    server.client().post(&path(user, "/profile_image")).file("file", bytes).send().await
}

async fn fetch(server: &Server, url: &str) -> Reply {
    let reply = server.client().with_token(None).get(url).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

fn size(reply: &Reply) -> (u32, u32) {
    image::load_from_memory(&reply.body).expect("a picture").dimensions()
}

both!(a_picture_is_set_replaced_and_deleted, async |server| {
    let before = server.create_user(json!({ "username": "adaada", "first_name": "Ada" })).await;
    let user = id(&before);
    assert_eq!(before["has_image"], false);

    let mut urls = vec![text(&before["image_url"]).to_owned()];
    for (format, content_type) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        // A still picture, and smaller so.
        (ImageFormat::Gif, "image/png"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let answer = upload(server, &user, &picture(40, 20, format)).await.ok();
        assert_eq!(answer["has_image"], true);
        assert_eq!(answer["image_url"], answer["profile_image_url"]);
        assert_eq!(server.get_user(&user).await, answer);
        let url = text(&answer["image_url"]).to_owned();
        assert!(url.starts_with(&server.url) && !urls.contains(&url), "{url}");
        let shown = fetch(server, &url).await;
        assert_eq!(shown.header("content-type"), Some(content_type));
        assert_eq!(size(&shown), (40, 20));
        // What it replaces is gone for good.
        if urls.len() > 1 {
            let old = urls.last().expect("a URL");
            let reply = server.client().get(old).send().await;
            reply.refused(404, &[("image_not_found", "")]);
        }
        urls.push(url);
    }

    let client = server.client();
    let deleted = client.delete(&path(&user, "/profile_image")).send().await.ok();
    assert_eq!(deleted["has_image"], false);
    assert_eq!(deleted["image_url"], before["image_url"]);
    let last = urls.last().expect("a URL");
    client.get(last).send().await.refused(404, &[("image_not_found", "")]);
    let updates =
        async || server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates().await, 5);
    // Again: nothing to delete, nothing changed.
    assert_eq!(client.delete(&path(&user, "/profile_image")).send().await.ok(), deleted);
    assert_eq!(updates().await, 5);
});

both!(deleting_a_user_deletes_the_picture, async |server| {
    let user = someone(server, "adaada").await;
    let answer = upload(server, &user, &picture(8, 8, ImageFormat::Png)).await.ok();
    server.client().delete(&path(&user, "")).send().await.ok();
    let reply = server.client().get(text(&answer["image_url"])).send().await;
    reply.refused(404, &[("image_not_found", "")]);
});

both!(a_picture_is_served_at_the_size_asked_for, async |server| {
    let user = someone(server, "adaada").await;
    let answer = upload(server, &user, &picture(400, 200, ImageFormat::Jpeg)).await.ok();
    let url = text(&answer["image_url"]);
    for (query, expected) in [
        ("", (400, 200)),
        ("width=100", (100, 50)),
        ("height=100", (200, 100)),
        ("width=100&height=100", (100, 50)),
        ("width=100&height=100&fit=scale-down", (100, 50)),
        ("width=100&height=100&fit=crop", (100, 100)),
        ("width=4000", (400, 200)),
        ("v=3", (400, 200)),
    ] {
        assert_eq!(size(&fetch(server, &format!("{url}?{query}")).await), expected, "{query}");
    }
    let best = fetch(server, &format!("{url}?quality=100")).await;
    let worst = fetch(server, &format!("{url}?quality=1")).await;
    assert!(worst.body.len() < best.body.len());
    for (query, param) in [
        ("width=0", "width"),
        ("width=5000", "width"),
        ("height=-1", "height"),
        ("quality=101", "quality"),
        ("fit=stretch", "fit"),
        ("width=1&width=2", "width"),
    ] {
        let reply = server.client().get(&format!("{url}?{query}")).send().await;
        reply.refused(422, &[("form_param_value_invalid", param)]);
    }
});

both!(pictures_may_be_cached_for_ever_and_never_run, async |server| {
    let user = someone(server, "adaada").await;
    let avatar = text(&server.get_user(&user).await["image_url"]).to_owned();
    let answer = upload(server, &user, &picture(20, 20, ImageFormat::Png)).await.ok();
    for url in [avatar, text(&answer["image_url"]).to_owned()] {
        let shown = fetch(server, &url).await;
        for (name, value) in [
            ("cache-control", "public, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
            ("content-disposition", "inline"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("access-control-allow-origin", "*"),
        ] {
            assert_eq!(shown.header(name), Some(value), "{url}");
        }
        let etag = shown.header("etag").expect("an etag").to_owned();
        let again = server.client().get(&url).header("if-none-match", &etag).send().await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), Some(&*etag));
        let other = server.client().get(&url).header("if-none-match", "\"other\"").send().await;
        assert_eq!(other.status, 200);
    }
});

both!(what_a_camera_wrote_into_the_file_is_gone, async |server| {
    let user = someone(server, "adaada").await;
    let mut jpeg = picture(20, 20, ImageFormat::Jpeg);
    // An APP1 segment with a note, behind the start-of-image marker.
    let note = b"Exif\0\0taken at 48.2082N 16.3738E";
    let length = u16::try_from(note.len() + 2).expect("short").to_be_bytes();
    let segment = [&[0xff, 0xe1], &length[..], note].concat();
    jpeg.splice(2..2, segment);
    image::load_from_memory(&jpeg).expect("still a picture");

    let answer = upload(server, &user, &jpeg).await.ok();
    let shown = fetch(server, text(&answer["image_url"])).await;
    let holds = |what: &[u8]| shown.body.windows(what.len()).any(|window| window == what);
    assert!(!holds(b"48.2082N") && !holds(b"Exif"));
    assert_eq!(size(&shown), (20, 20));
});

both!(what_is_no_picture_is_refused_and_the_old_one_stays, async |server| {
    let user = someone(server, "adaada").await;
    let before = upload(server, &user, &picture(8, 8, ImageFormat::Png)).await.ok();
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let png = picture(64, 64, ImageFormat::Png);
    for bytes in [&svg[..], b"<?xml version=\"1.0\"?><svg/>", b"", b"GIF", b"%PDF-1.7", &png[..40]]
    {
        let reply = upload(server, &user, bytes).await;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert_eq!(reply.problems()[0].0, "request_body_invalid");
    }
    let huge = [&png[..], &vec![0; 10 << 20]].concat();
    upload(server, &user, &huge).await.refused(413, &[("image_too_large", "")]);

    let client = server.client();
    let call = || client.post(&path(&user, "/profile_image"));
    call().file("picture", &png).send().await.refused(400, &[("form_param_missing", "file")]);
    call().send().await.refused(400, &[("form_param_missing", "file")]);
    call()
        .body("image/png", png.clone())
        .send()
        .await
        .refused(415, &[("unsupported_content_type", "")]);
    let reply = client.post(&path("user_none", "/profile_image")).file("file", &png).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
    assert_eq!(server.get_user(&user).await, before);
});

both!(a_user_may_choose_among_its_own_pictures_and_no_other, async |server| {
    let user = someone(server, "adaada").await;
    let other = someone(server, "bobbob").await;
    let client = server.client();
    let png = picture(8, 8, ImageFormat::Png);
    let answer = upload(server, &user, &png).await.ok();
    let image = text(&answer["image_url"]).rsplit('/').next().expect("an id").to_owned();
    let body = json!({ "profile_image_id": image });
    let reply = client.patch(&path(&other, "")).json(body.clone()).send().await;
    reply.refused(422, &[("form_resource_not_found", "profile_image_id")]);
    assert_eq!(client.patch(&path(&user, "")).json(body.clone()).send().await.ok(), answer);
    let cleared = client.patch(&path(&user, "")).json(json!({ "profile_image_id": null }));
    assert_eq!(cleared.send().await.ok()["has_image"], false);
    // Cleared, not deleted: it may be chosen again.
    let again = client.patch(&path(&user, "")).json(body).send().await.ok();
    assert_eq!(again["image_url"], answer["image_url"]);
    fetch(server, text(&again["image_url"])).await;
});

both!(everyone_else_has_an_avatar_with_initials, async |server| {
    let mut seen = Vec::new();
    for (n, names) in [("Ada", "Lovelace"), ("\u{c9}mile", ""), ("", ""), ("\u{674e}", "\u{5f4c}")]
        .iter()
        .enumerate()
    {
        let body =
            json!({ "username": format!("user_{n}"), "first_name": names.0, "last_name": names.1 });
        let user = server.create_user(body).await;
        let shown = fetch(server, text(&user["image_url"])).await;
        assert_eq!(shown.header("content-type"), Some("image/png"));
        let (width, height) = size(&shown);
        assert_eq!(width, height);
        let again = fetch(server, text(&user["image_url"])).await;
        assert_eq!(again.body, shown.body);
        assert!(!seen.contains(&shown.body), "{names:?} looks like another");
        seen.push(shown.body);
        let small = fetch(server, &format!("{}?width=32", text(&user["image_url"]))).await;
        assert_eq!(size(&small), (32, 32));
    }
    let user = server.create_user(json!({ "username": "renamed", "first_name": "Ada" })).await;
    let call = server.client().patch(&path(&id(&user), "")).json(json!({ "first_name": "Bob" }));
    assert_ne!(call.send().await.ok()["image_url"], user["image_url"], "other initials, other URL");
});

both!(an_unknown_picture_is_not_found, async |server| {
    let reply = server.client().get("/images/img_none").send().await;
    reply.refused(404, &[("image_not_found", "")]);
});
