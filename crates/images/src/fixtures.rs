//! Pictures for tests, good and bad, all of them made here.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ExtendedColorType, Frame, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};
use moxcms::ColorProfile;

use crate::Format;

/// What must not be found in a sanitized picture.
pub(crate) const METADATA_TRACES: [&[u8]; 2] = [b"GPS 48.8584 N 2.2945 E", COMMENT];

pub(crate) const COMMENT: &[u8] = b"a private comment";

/// Beginnings that lead into each decoder.
pub(crate) const SIGNATURES: &[&[u8]] = &[
    b"",
    b"\xFF\xD8\xFF",
    b"\xFF\xD8\xFF\xC0\x00\x0B\x08\x00\x10\x00\x10\x01\x01\x11\x00\xFF",
    b"\x89PNG\r\n\x1A\n",
    b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR",
    b"GIF89a",
    b"GIF89a\x10\0\x10\0\x80\0\0\0\0\0\xFF\xFF\xFF",
    b"RIFF\xFF\0\0\0WEBP",
    b"RIFF\xFF\0\0\0WEBPVP8L\xF0\0\0\0\x2F\x0F\xC0\x03",
    b"RIFF\xFF\0\0\0WEBPVP8 \xF0\0\0\0\x10\0\0\x9D\x01\x2A\x10\0\x10\0",
    b"RIFF\xFF\0\0\0WEBPVP8X\x0A\0\0\0\x12\0\0\0\x0F\0\0\x0F\0\0",
];

/// 16 × 16 pixels in VP8, which no encoder here can write.
pub(crate) const LOSSY_WEBP: &[u8] =
    b"\x52\x49\x46\x46\x36\x00\x00\x00\x57\x45\x42\x50\x56\x50\x38\x20\x2A\x00\x00\x00\x90\x01\
    \x00\x9D\x01\x2A\x10\x00\x10\x00\x02\xC0\x4C\x25\xA0\x02\x74\xBA\x00\x03\x98\x00\xFE\xDE\
    \x12\x7F\x73\x63\x9C\x5A\xDE\x3F\xF2\x53\xF9\x2E\xE9\x5B\x66\x00\x00\x00";

/// A picture whose left half is red and whose right half is blue, with a texture.
pub(crate) fn encoded(format: Format, width: u32, height: u32) -> Vec<u8> {
    let pixels = two_halves(width, height);
    let mut bytes = Vec::new();
    match format {
        Format::Jpeg => write(&pixels, JpegEncoder::new_with_quality(&mut bytes, 95)),
        Format::Png => write(&pixels, PngEncoder::new(&mut bytes)),
        Format::Gif => {
            let pixels = DynamicImage::ImageRgb8(pixels).into_rgba8();
            GifEncoder::new(&mut bytes).encode_frame(Frame::new(pixels)).expect("encodes");
        }
        Format::Webp => write(&pixels, WebPEncoder::new_lossless(&mut bytes)),
    }
    bytes
}

/// The same with an EXIF block (orientation 6, a place), an sRGB profile and
/// comments, as far as the format can hold them.
pub(crate) fn with_metadata(format: Format, width: u32, height: u32) -> Vec<u8> {
    let pixels = two_halves(width, height);
    let mut bytes = Vec::new();
    match format {
        Format::Jpeg => {
            write(&pixels, described(JpegEncoder::new_with_quality(&mut bytes, 95)));
            let comment = jpeg_segment(0xFE, COMMENT);
            bytes.splice(2..2, comment);
        }
        Format::Png => {
            write(&pixels, described(PngEncoder::new(&mut bytes)));
            let comment = png_chunk(*b"tEXt", &[b"Comment\0", COMMENT].concat());
            bytes.splice(AFTER_IHDR..AFTER_IHDR, comment);
        }
        Format::Gif => return gif_with_comment(width, height),
        Format::Webp => write(&pixels, described(WebPEncoder::new_lossless(&mut bytes))),
    }
    bytes
}

pub(crate) fn translucent(format: Format, width: u32, height: u32) -> Vec<u8> {
    let pixels = RgbaImage::from_pixel(width, height, Rgba([10, 200, 30, 77]));
    let mut bytes = Vec::new();
    let pixels = DynamicImage::ImageRgba8(pixels);
    match format {
        Format::Webp => pixels.write_with_encoder(WebPEncoder::new_lossless(&mut bytes)),
        Format::Png | Format::Jpeg | Format::Gif => {
            pixels.write_with_encoder(PngEncoder::new(&mut bytes))
        }
    }
    .expect("encodes");
    bytes
}

/// A red frame, then a blue one.
pub(crate) fn animated_gif(width: u32, height: u32) -> Vec<u8> {
    let frame = |colour| Frame::new(RgbaImage::from_pixel(width, height, Rgba(colour)));
    let mut bytes = Vec::new();
    let frames = [frame([255, 0, 0, 255]), frame([0, 0, 255, 255])];
    GifEncoder::new(&mut bytes).encode_frames(frames).expect("encodes");
    bytes
}

pub(crate) fn gif_with_comment(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(Format::Gif, width, height);
    let length = u8::try_from(COMMENT.len()).expect("short");
    let comment = [b"\x21\xFE", [length].as_slice(), COMMENT, b"\0"].concat();
    let trailer = bytes.len() - 1;
    bytes.splice(trailer..trailer, comment);
    bytes
}

/// One small frame on a screen of this size.
pub(crate) fn gif_header(width: u16, height: u16) -> Vec<u8> {
    gif_of(width, height, 1, 1)
}

pub(crate) fn gif_frame_larger_than_screen() -> Vec<u8> {
    gif_of(10, 10, u16::MAX, u16::MAX)
}

fn gif_of(width: u16, height: u16, frame_width: u16, frame_height: u16) -> Vec<u8> {
    [
        b"GIF89a".as_slice(),
        &width.to_le_bytes(),
        &height.to_le_bytes(),
        b"\x80\0\0\0\0\0\xFF\xFF\xFF\x2C\0\0\0\0",
        &frame_width.to_le_bytes(),
        &frame_height.to_le_bytes(),
        b"\0\x02\x02\x44\x01\0;",
    ]
    .concat()
}

pub(crate) fn png_header(width: u32, height: u32) -> Vec<u8> {
    png_with_data(width, height, &zeros_deflated(64))
}

pub(crate) fn png_with_data(width: u32, height: u32, deflated: &[u8]) -> Vec<u8> {
    let header = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1A\n".to_vec();
    bytes.extend(png_chunk(*b"IHDR", &header));
    bytes.extend(png_chunk(*b"IDAT", deflated));
    bytes.extend(png_chunk(*b"IEND", b""));
    bytes
}

pub(crate) fn png_with_profile(png: &[u8], deflated: &[u8]) -> Vec<u8> {
    let mut bytes = png.to_vec();
    let profile = png_chunk(*b"iCCP", &[b"bomb\0\0", deflated].concat());
    bytes.splice(AFTER_IHDR..AFTER_IHDR, profile);
    bytes
}

pub(crate) fn zeros_deflated(length: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    let mut left = length;
    while left > 0 {
        let part = left.min(zeros.len());
        encoder.write_all(&zeros[..part]).expect("deflates");
        left -= part;
    }
    encoder.finish().expect("deflates")
}

/// A small JPEG that claims to be of this size.
pub(crate) fn jpeg_header(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = encoded(Format::Jpeg, 16, 16);
    let frame = position(&bytes, b"\xFF\xC0").expect("a baseline frame");
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// The same with its one scan repeated.
pub(crate) fn jpeg_of_many_scans(width: u16, height: u16, scans: usize) -> Vec<u8> {
    let bytes = jpeg_header(width, height);
    let start = position(&bytes, b"\xFF\xDA").expect("a scan");
    let end = bytes.len() - 2;
    [&bytes[..start], &bytes[start..end].repeat(scans), &bytes[end..]].concat()
}

/// The JPEG with `payload` in an APP1 segment before everything else.
pub(crate) fn with_app1(jpeg: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    bytes.splice(2..2, jpeg_segment(0xE1, payload));
    bytes
}

pub(crate) fn webp_header(width: u32, height: u32) -> Vec<u8> {
    let packed = (width - 1) | (height - 1) << 14;
    let bitstream = [&[0x2F], packed.to_le_bytes().as_slice(), &[0; 3]].concat();
    webp_file(&webp_chunk(*b"VP8L", &bitstream))
}

/// An extended file whose container and lossy bitstream claim different sizes.
pub(crate) fn webp_extended(
    container_width: u32,
    container_height: u32,
    width: u16,
    height: u16,
) -> Vec<u8> {
    let three = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let header = [vec![0; 4], three(container_width), three(container_height)].concat();
    let frame =
        [b"\x10\0\0\x9D\x01\x2A".as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), &[0; 32]]
            .concat();
    webp_file(&[webp_chunk(*b"VP8X", &header), webp_chunk(*b"VP8 ", &frame)].concat())
}

fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let texture = u8::try_from((x * 7) ^ (y * 13) & 0x1F).unwrap_or(0x1F) & 0x1F;
        if x < width.div_ceil(2) { Rgb([255, texture, 0]) } else { Rgb([0, texture, 255]) }
    })
}

fn write(pixels: &RgbImage, encoder: impl ImageEncoder) {
    let (width, height) = pixels.dimensions();
    encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8).expect("encodes");
}

fn described<E: ImageEncoder>(mut encoder: E) -> E {
    let profile = ColorProfile::new_srgb().encode().expect("a profile");
    encoder.set_exif_metadata(exif()).expect("holds EXIF");
    encoder.set_icc_profile(profile).expect("holds a profile");
    encoder
}

/// A TIFF block with one entry, orientation 6, and text behind it.
fn exif() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    tiff.extend(METADATA_TRACES.concat());
    tiff
}

/// The signature, and a header chunk of thirteen bytes.
const AFTER_IHDR: usize = 8 + 12 + 13;

fn png_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a chunk");
    let named = [kind.as_slice(), data].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&named);
    [length.to_be_bytes().as_slice(), &named, &crc.sum().to_be_bytes()].concat()
}

fn jpeg_segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).expect("a segment");
    [&[0xFF, marker], length.to_be_bytes().as_slice(), payload].concat()
}

fn webp_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a chunk");
    let padding = &[0][..data.len() % 2];
    [kind.as_slice(), &length.to_le_bytes(), data, padding].concat()
}

fn webp_file(chunks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(chunks.len() + 4).expect("a file");
    [b"RIFF".as_slice(), &length.to_le_bytes(), b"WEBP", chunks].concat()
}

fn position(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}
