//! WebP pictures, read with a bound on what is said beside their pixels: a chunk of it may be as large as the file.

use std::io::{BufRead, Seek};

use image::error::DecodingError;
use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageResult};
use image_webp::WebPDecoder;

/// A colour profile or an EXIF chunk that is larger is passed over.
const SAID_MAX_BYTES: usize = 64 << 10;

pub(super) struct Webp<R>(WebPDecoder<R>);

impl<R: BufRead + Seek> Webp<R> {
    pub(super) fn new(reader: R) -> ImageResult<Self> {
        let mut decoder = WebPDecoder::new(reader).map_err(wrong)?;
        decoder.set_memory_limit(SAID_MAX_BYTES);
        Ok(Self(decoder))
    }
}

impl<R: BufRead + Seek> ImageDecoder for Webp<R> {
    fn dimensions(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    fn color_type(&self) -> ColorType {
        if self.0.has_alpha() { ColorType::Rgba8 } else { ColorType::Rgb8 }
    }

    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.0.icc_profile().unwrap_or_default())
    }

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.0.exif_metadata().unwrap_or_default())
    }

    fn read_image(mut self, pixels: &mut [u8]) -> ImageResult<()> {
        self.0.read_image(pixels).map_err(wrong)
    }

    fn read_image_boxed(self: Box<Self>, pixels: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(pixels)
    }
}

fn wrong(error: image_webp::DecodingError) -> ImageError {
    ImageError::Decoding(DecodingError::new(ImageFormat::WebP.into(), error))
}
