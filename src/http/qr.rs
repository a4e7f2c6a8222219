//! QR codes: what one phone shows and another reads.

use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;

use crate::error::{Error, Result};

/// A code for this text as SVG.
pub(crate) fn qr_svg(text: &str) -> Result<String> {
    let qr = QRBuilder::new(text)
        .build()
        .map_err(|error| Error::Internal(anyhow::anyhow!("no QR code: {error:?}")))?;
    Ok(SvgBuilder::default().to_str(&qr))
}
