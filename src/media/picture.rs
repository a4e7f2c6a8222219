//! A picture made small: from pixels alone, so that nothing of its metadata (where it was taken) is in it.
//!
//! Bounds what is cheap to know; what a decoder takes beside its pixels is for [`super::drawer`] to bound.

use std::fs::File;
use std::io::{BufReader, Cursor};

use anyhow::{Context, Result, ensure};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageEncoder, Limits, RgbImage, Rgba, RgbaImage};

use super::probe::{self, PICTURE_MAX_BYTES};

/// The longer side.
const SIDE_MAX: u32 = 512;
const QUALITY: u8 = 82;
/// The longer side of what the hash is made of; its format takes no more than 100.
const HASH_SIDE_MAX: u32 = 100;
/// Pixels of a decoded picture; a phone's 48 megapixels fit.
const PIXELS_MAX_BYTES: u64 = 160 << 20;
/// A colour profile is passed on up to here; Apple's wide one has about 500 bytes.
const PROFILE_MAX_BYTES: usize = 16 << 10;

/// What was drawn.
pub(super) struct Drawn {
    pub(super) jpeg: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// Draws what lies in this file.
pub(super) fn draw(file: File) -> Result<Drawn> {
    let size = file.metadata()?.len();
    ensure!(size <= PICTURE_MAX_BYTES, "{size} bytes are too many");
    let mut decoder = probe::opened(BufReader::new(file))?;
    let (width, height) = decoder.dimensions();
    let is_fit = decoder.total_bytes() <= PIXELS_MAX_BYTES;
    ensure!(is_fit, "{width}x{height} pixels are too many");
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(PIXELS_MAX_BYTES);
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    let profile = decoder.icc_profile().ok().flatten();
    let mut small = shrunk(DynamicImage::from_decoder(decoder)?)?;
    small.apply_orientation(orientation);
    let small = opaque(small);
    Ok(Drawn { hash: hash(&small), jpeg: encoded(&small, profile)? })
}

/// On white where it was clear.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let on_white = |Rgba([red, green, blue, alpha]): &Rgba<u8>| {
        let mixed = |colour: u8| {
            let (colour, alpha) = (u16::from(colour), u16::from(*alpha));
            ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
        };
        [mixed(*red), mixed(*green), mixed(*blue)]
    };
    let picture = picture.into_rgba8();
    let (width, height) = picture.dimensions();
    let pixels = picture.pixels().flat_map(on_white).collect();
    RgbImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// The longer side at most [`SIDE_MAX`]; never enlarged.
fn shrunk(picture: DynamicImage) -> Result<DynamicImage> {
    let size = (picture.width(), picture.height());
    let small = fitting(size, SIDE_MAX);
    if small == size {
        return Ok(picture);
    }
    let has_alpha = picture.color().has_alpha();
    let (pixels, kind) = match has_alpha {
        true => (picture.into_rgba8().into_raw(), PixelType::U8x4),
        false => (picture.into_rgb8().into_raw(), PixelType::U8x3),
    };
    let from = ImageRef::new(size.0, size.1, &pixels, kind)?;
    let mut to = Image::new(small.0, small.1, kind);
    let sharp = ResizeAlg::Convolution(fast_image_resize::FilterType::Lanczos3);
    Resizer::new().resize(&from, &mut to, &ResizeOptions::new().resize_alg(sharp))?;
    let pixels = to.into_vec();
    let small = match has_alpha {
        true => RgbaImage::from_raw(small.0, small.1, pixels).map(DynamicImage::from),
        false => RgbImage::from_raw(small.0, small.1, pixels).map(DynamicImage::from),
    };
    small.context("its size is right")
}

/// Width and height with the longer one at most `side_max`.
fn fitting((width, height): (u32, u32), side_max: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= side_max {
        return (width, height);
    }
    let scaled = |side: u32| {
        let side = u64::from(side) * u64::from(side_max);
        ((side + u64::from(longer) / 2) / u64::from(longer)).max(1) as u32
    };
    (scaled(width), scaled(height))
}

fn encoded(picture: &RgbImage, profile: Option<Vec<u8>>) -> Result<Vec<u8>> {
    let mut jpeg = Cursor::new(Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    // The profile of a grey or a printer's picture says nothing of the colours that came of it (ICC.1, section 7.2.6).
    let is_fit = |profile: &Vec<u8>| {
        profile.len() <= PROFILE_MAX_BYTES && profile.get(16..20) == Some(b"RGB ")
    };
    if let Some(profile) = profile.filter(is_fit) {
        // A profile that the encoder does not take is left out.
        let _ = encoder.set_icc_profile(profile);
    }
    encoder.encode_image(picture)?;
    Ok(jpeg.into_inner())
}

fn hash(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = fitting(picture.dimensions(), HASH_SIDE_MAX);
    let tiny = DynamicImage::from(image::imageops::thumbnail(picture, width, height)).into_rgba8();
    thumbhash::rgba_to_thumb_hash(width as usize, height as usize, tiny.as_raw())
}
