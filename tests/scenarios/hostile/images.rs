//! Files that claim to be pictures, and pictures that claim to be small.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};
use image::ImageFormat;
use rollbook_testkit::both;

use super::{Target, refused, still_serves};
use crate::support::{path, picture};

/// A PNG of this size, whose data is whatever it is.
fn png(width: u32, height: u32, data: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, chunk) in [(b"IHDR", header.as_slice()), (b"IDAT", data), (b"IEND", &[])] {
        bytes.extend_from_slice(&u32::try_from(chunk.len()).expect("short").to_be_bytes());
        let named = [name.as_slice(), chunk].concat();
        let mut crc = Crc::new();
        crc.update(&named);
        bytes.extend_from_slice(&named);
        bytes.extend_from_slice(&crc.sum().to_be_bytes());
    }
    bytes
}

fn zeros(n_megabytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..n_megabytes {
        encoder.write_all(&vec![0; 1 << 20]).expect("compressed");
    }
    encoder.finish().expect("compressed")
}

fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    for side in [width, height] {
        bytes.extend_from_slice(&side.to_le_bytes());
    }
    bytes.extend_from_slice(b"\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0");
    for side in [width, height] {
        bytes.extend_from_slice(&side.to_le_bytes());
    }
    bytes.extend_from_slice(b"\0\x02\x02\x44\x01\0;");
    bytes
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// The same picture with another size in its header.
fn resized(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    png
}

both!(bombs_and_files_that_are_no_pictures_are_refused, async |server| {
    let target = Target::make(server).await;
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let small = picture(8, 8, ImageFormat::Png);
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("a script in SVG", svg.to_vec()),
        ("SVG with a declaration", [b"<?xml version=\"1.0\"?>", &svg[..]].concat()),
        ("HTML", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("SVG behind the magic bytes of a PNG", [b"\x89PNG\r\n\x1a\n", &svg[..]].concat()),
        ("HTML behind the magic bytes of a GIF", b"GIF89a<script>alert(1)</script>".to_vec()),
        ("a zip file", b"PK\x03\x04\x14\0\0\0\0\0".to_vec()),
        ("a PDF", b"%PDF-1.7\n".to_vec()),
        ("a BMP", picture(8, 8, ImageFormat::Png).iter().map(|byte| !byte).collect()),
        ("huge dimensions", png(50_000, 50_000, &zeros(1))),
        ("the greatest dimensions", png(u32::MAX, u32::MAX, &zeros(1))),
        ("one row too wide", png(1 << 30, 1, &zeros(1))),
        ("no dimensions", png(0, 0, &zeros(1))),
        ("many pixels in few bytes", png(16_000, 16_000, &zeros(977))),
        ("a small picture that says it is huge", resized(small.clone(), 60_000, 60_000)),
        ("a small picture that says it is large", resized(small.clone(), 4000, 4000)),
        ("half a PNG", cut(picture(64, 64, ImageFormat::Png))),
        ("half a JPEG's header", picture(64, 64, ImageFormat::Jpeg)[..20].to_vec()),
        ("half a WebP", cut(picture(64, 64, ImageFormat::WebP))),
        ("a GIF that says it is huge", gif(65_535, 65_535)),
        ("a GIF without a frame", b"GIF89a\x10\0\x10\0\0\0\0;".to_vec()),
        ("a JPEG that says it is huge", b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9".to_vec()),
        ("a WebP that says it is huge", b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\x2f\xff\xff\xff\x0f\0\0\0\0\0\0\0\0\0".to_vec()),
    ] {
        let call = server.client().post(&path(&target.user, "/profile_image"));
        let reply = call.unchecked().file("file", &bytes).send().await;
        refused(what, &reply);
        assert!([400, 413, 422].contains(&reply.status), "{what}: {}", reply.status);
    }
    target.unchanged(server).await;
    still_serves(server).await;
});

both!(what_inflates_beyond_its_size_is_a_picture_of_its_size, async |server| {
    let target = Target::make(server).await;
    let bomb = png(16, 16, &zeros(512));
    assert!(bomb.len() < 1 << 20, "512 MB in {} bytes", bomb.len());
    let call = server.client().post(&path(&target.user, "/profile_image"));
    let user = call.file("file", &bomb).send().await.ok();
    let url = user["image_url"].as_str().expect("a URL").to_owned();
    let served = server.client().with_token(None).get(&url).send().await;
    assert!(served.body.len() < 1000, "{} bytes are served", served.body.len());
});

both!(an_upload_over_ten_megabytes_is_refused, async |server| {
    let target = Target::make(server).await;
    let mut bytes = picture(8, 8, ImageFormat::Png);
    bytes.resize((10 << 20) + 1, 0);
    let call = server.client().post(&path(&target.user, "/profile_image"));
    let reply = call.unchecked().file("file", &bytes).send().await;
    refused("ten megabytes and one byte", &reply);
    assert_eq!(reply.status, 413);
    target.unchanged(server).await;
});

both!(a_form_that_is_not_one_is_refused, async |server| {
    let target = Target::make(server).await;
    let small = picture(8, 8, ImageFormat::Png);
    let part = |name: &str, bytes: &[u8]| {
        let head = format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        [head.as_bytes(), bytes, b"\r\n"].concat()
    };
    let end = b"--b--\r\n".to_vec();
    let form = "multipart/form-data; boundary=b";
    for (what, content_type, body) in [
        ("no boundary", "multipart/form-data", part("file", &small)),
        ("an empty boundary", "multipart/form-data; boundary=", part("file", &small)),
        ("another boundary", "multipart/form-data; boundary=c", part("file", &small)),
        ("another part", form, [part("avatar", &small), end.clone()].concat()),
        ("no parts", form, end.clone()),
        ("no end", form, part("file", &small)),
        ("a cut part", form, part("file", &small)[..60].to_vec()),
        ("ten thousand parts", form, [part("x", b"y").repeat(10_000), end.clone()].concat()),
        ("no body", form, Vec::new()),
        ("a raw picture", "image/png", small.clone()),
        ("JSON", "application/json", b"{}".to_vec()),
        ("a head without end", form, [b"--b\r\n", "x".repeat(100_000).as_bytes()].concat()),
    ] {
        let call = server.client().post(&path(&target.user, "/profile_image"));
        refused(what, &call.unchecked().body(content_type, body).send().await);
    }
    target.unchanged(server).await;
});

both!(what_is_served_is_never_what_was_sent, async |server| {
    let target = Target::make(server).await;
    let script = b"<script>alert(1)</script>";
    let sent = [picture(8, 8, ImageFormat::Png), script.to_vec()].concat();
    let call = server.client().post(&path(&target.user, "/profile_image"));
    let user = call.file("file", &sent).send().await.ok();
    let url = user["image_url"].as_str().expect("a URL").to_owned();
    let served = server.client().with_token(None).get(&url).send().await;
    assert_eq!(served.status, 200);
    assert_eq!(served.header("content-type"), Some("image/png"));
    assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
    assert!(!served.body.windows(script.len()).any(|window| window == script));
});
