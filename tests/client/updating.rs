//! update, metadata, profile image.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use rollbook_sdk::{Code, Patch, UpdateUser};
use rollbook_testkit::both;
use serde_json::json;

use crate::{ada, clerk, code};

both!(a_field_is_kept_cleared_or_set, async |server| {
    let clerk = clerk(server);
    let ada = ada(&clerk).await;
    let update = || clerk.users().update(&ada.id);
    let named = update().first_name("Ada").last_name("Byron").send().await.expect("named");
    assert_eq!(named.first_name.as_deref(), Some("Ada"));
    let kept = update().last_name("King".to_owned()).send().await.expect("kept");
    assert_eq!(kept.first_name.as_deref(), Some("Ada"));
    let cleared = update().first_name(Patch::Clear).last_name(None).send().await.expect("cleared");
    assert_eq!((cleared.first_name, cleared.last_name), (None, None));
    let params = UpdateUser { locale: Patch::Set("en-GB".to_owned()), ..UpdateUser::default() };
    let changed = update().params(params).send().await.expect("changed");
    assert_eq!(changed.locale.as_deref(), Some("en-GB"));
    assert_eq!(code(clerk.users().update("user_0").send().await), Code::ResourceNotFound);
});

both!(metadata_is_merged, async |server| {
    let clerk = clerk(server);
    let ada = ada(&clerk).await;
    let merge = |change| clerk.users().update_metadata(&ada.id).public_metadata(change).send();
    merge(json!({ "a": { "b": 1, "c": 2 } })).await.expect("merged");
    let merged = merge(json!({ "a": { "b": null, "d": 3 } })).await.expect("merged");
    assert_eq!(json!(merged.public_metadata), json!({ "a": { "c": 2, "d": 3 } }));
});

both!(a_picture_is_set_and_taken_away, async |server| {
    let clerk = clerk(server);
    let ada = ada(&clerk).await;
    let mut png = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(8, 8).write_to(&mut png, ImageFormat::Png).expect("a picture");
    let users = clerk.users();
    assert!(!ada.has_image);
    let shown = users.set_profile_image(&ada.id, png.into_inner()).send().await.expect("set");
    assert!(shown.has_image);
    let plain = users.delete_profile_image(&ada.id).send().await.expect("taken away");
    assert!(!plain.has_image);
    let refused = users.set_profile_image(&ada.id, b"no picture").send().await;
    assert_eq!(code(refused), Code::RequestBodyInvalid);
});
