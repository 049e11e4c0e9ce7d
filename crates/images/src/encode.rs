//! Pixels to bytes, and nothing but pixels: no encoder here is given metadata.

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageResult, RgbaImage};

use crate::Format;
use crate::scale::is_opaque;

/// The picture in `format`; a GIF becomes a PNG. `quality` (1 to 100) is for
/// JPEG only, the others lose nothing.
pub(crate) fn encode(
    pixels: RgbaImage,
    format: Format,
    quality: u8,
) -> ImageResult<(Bytes, Format)> {
    let opaque = is_opaque(&pixels);
    let mut pixels = DynamicImage::ImageRgba8(pixels);
    if opaque || format == Format::Jpeg {
        pixels = DynamicImage::ImageRgb8(pixels.into_rgb8());
    }
    let mut bytes = Vec::new();
    let format = match format {
        Format::Jpeg => {
            pixels.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))?;
            Format::Jpeg
        }
        Format::Png | Format::Gif => {
            pixels.write_with_encoder(PngEncoder::new_with_quality(
                &mut bytes,
                CompressionType::Default,
                FilterType::Adaptive,
            ))?;
            Format::Png
        }
        Format::Webp => {
            pixels.write_with_encoder(WebPEncoder::new_lossless(&mut bytes))?;
            Format::Webp
        }
    };
    Ok((bytes.into(), format))
}
