//! What a finished file says of itself: its size as it is looked at, and for how long.
//!
//! Files come from outside: a file that cannot be read says nothing, and that is fine.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits};

use super::content::{Kind, Type};
use super::looks::Film;
use super::webp::Webp;
use super::{ebml, isobmff};

/// No picture or film is larger; what claims to be is taken to say nothing.
const SIDE_MAX: u32 = 100_000;
/// No picture's file is larger; what is, is neither measured to its end nor drawn.
pub(super) const PICTURE_MAX_BYTES: u64 = 64 << 20;
/// Read of a picture to measure it: its measures stand at the front. What stands behind is not known.
const HEAD_MAX_BYTES: u64 = 2 << 20;
/// What a picture's head may unfold into; a row of pixels fits.
const UNFOLDED_MAX_BYTES: u64 = 8 << 20;

/// A picture's or film's measures, turned the way it is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measures {
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) duration_ms: Option<u64>,
}

impl Measures {
    fn of(width: u32, height: u32, duration_ms: Option<u64>) -> Self {
        if !(1..=SIDE_MAX).contains(&width) || !(1..=SIDE_MAX).contains(&height) {
            return Self { duration_ms, ..Self::default() };
        }
        Self { width: Some(width), height: Some(height), duration_ms }
    }

    fn turned(self, is_turned: bool) -> Self {
        if is_turned { Self { width: self.height, height: self.width, ..self } } else { self }
    }
}

/// Reads the measures. Blocks.
pub(super) fn measure(mut file: File, kind: Type) -> Measures {
    let found = catch_unwind(AssertUnwindSafe(|| match (kind.kind, kind.mime) {
        (Kind::Image, "image/heic" | "image/avif") => measure_heif(&head(file).ok()?),
        (Kind::Image, "image/webp") => measure_webp(file),
        (Kind::Image, _) => measure_image(Cursor::new(head(file).ok()?)),
        (Kind::Video, "video/webm" | "video/x-matroska") => measure_film(ebml::read(&mut file)),
        (Kind::Video, _) => measure_film(isobmff::read(&mut file)),
        (Kind::File, _) => None,
    }));
    found.ok().flatten().unwrap_or_default()
}

fn head(file: File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.take(HEAD_MAX_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

/// A picture to decode. What its head may unfold into is bounded before anything is read: a small file can hold a colour
/// profile of any size.
pub(super) fn opened<'a, R: BufRead + Seek + 'a>(
    reader: R,
) -> ImageResult<Box<dyn ImageDecoder + 'a>> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(UNFOLDED_MAX_BYTES);
    let mut reader = ImageReader::new(reader).with_guessed_format()?;
    if reader.format() == Some(ImageFormat::WebP) {
        return Ok(Box::new(Webp::new(reader.into_inner())?));
    }
    reader.limits(limits);
    Ok(Box::new(reader.into_decoder()?))
}

/// A WebP says how it is turned behind its pixels, which are leapt over.
fn measure_webp(file: File) -> Option<Measures> {
    let is_fit = file.metadata().ok()?.len() <= PICTURE_MAX_BYTES;
    if is_fit { measure_image(BufReader::new(file)) } else { None }
}

fn measure_image(reader: impl BufRead + Seek) -> Option<Measures> {
    let mut decoder = opened(reader).ok()?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Some(Measures::of(width, height, None).turned(is_turned(orientation)))
}

/// True where width and height change places.
fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn measure_heif(head: &[u8]) -> Option<Measures> {
    let size = imagesize::blob_size(head).ok()?;
    Some(Measures::of(size.width.try_into().ok()?, size.height.try_into().ok()?, None))
}

/// A film's measures are turned already.
fn measure_film(film: std::io::Result<Option<Film>>) -> Option<Measures> {
    let film = film.ok().flatten()?;
    Some(Measures::of(film.width, film.height, film.duration_ms))
}
