//! What may be uploaded: the content decides, not the name or the header.

use crate::error::{Error, Result};
use crate::http::turns_direction;

/// Enough of a file to tell what it is.
pub(super) const SNIFF_BYTES: usize = 8 << 10;
/// Code points of a file's label that are kept.
const NAME_MAX_CHARS: usize = 200;

/// What a media is for those who look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Image,
    Video,
    /// A document, an archive or a sound.
    File,
}

impl Kind {
    /// As the wire and the database have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::File => "FILE",
        }
    }

    /// From the wire or the database.
    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Image, Self::Video, Self::File].into_iter().find(|kind| kind.name() == name)
    }
}

/// A type that is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) kind: Kind,
    pub(super) mime: &'static str,
}

impl Type {
    /// Whether a thumbnail can be made of it here. For HEIC and AVIF no decoder has a fitting licence and size: the
    /// phone that has one may send a poster.
    pub(super) fn is_drawable(self) -> bool {
        self.kind == Kind::Image && !matches!(self.mime, "image/heic" | "image/avif")
    }
}

const IMAGES: [&str; 6] =
    ["image/jpeg", "image/png", "image/gif", "image/webp", "image/heif", "image/avif"];
const VIDEOS: [&str; 5] =
    ["video/mp4", "video/x-m4v", "video/quicktime", "video/webm", "video/x-matroska"];
const SOUNDS: [&str; 6] =
    ["audio/mpeg", "audio/m4a", "audio/ogg", "audio/x-flac", "audio/x-wav", "audio/aac"];
const DOCUMENTS: [&str; 13] = [
    "application/pdf",
    "application/zip",
    "application/epub+zip",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/x-ole-storage",
];

const BRANDS_MAX_BYTES: u32 = 256;
/// Pictures coded as HEVC films are (ISO/IEC 23008-12, annex B).
const HEIF_BRANDS: [&[u8]; 2] = [b"hei", b"hev"];
const FILM_BRANDS: [&[u8]; 7] = [b"iso", b"mp4", b"avc", b"hvc", b"3gp", b"3g2", b"M4V"];

/// Tells the type from the first [`SNIFF_BYTES`]. What can run in a browser (HTML, SVG, scripts, XML) is never taken.
pub(super) fn sniff(head: &[u8]) -> Result<Type> {
    let known = infer::get(head).map(|known| known.mime_type());
    let mime = known.or_else(|| by_brand(head)).ok_or(Error::WrongType)?;
    let listed = |list: &[&'static str]| list.iter().copied().find(|listed| *listed == mime);
    let kinds: [(Kind, &[&'static str]); 4] = [
        (Kind::Image, &IMAGES),
        (Kind::Video, &VIDEOS),
        (Kind::File, &SOUNDS),
        (Kind::File, &DOCUMENTS),
    ];
    let found = kinds.iter().find_map(|(kind, list)| Some((*kind, listed(list)?)));
    let (kind, mime) = found.ok_or(Error::WrongType)?;
    Ok(Type { kind, mime: spelled(mime) })
}

/// Pictures and films of brands that the library does not list (ISO/IEC 14496-12, section 4.3): one of those they are
/// compatible with says what they are. A picture may be a film, too; a film is no picture.
fn by_brand(head: &[u8]) -> Option<&'static str> {
    let length: [u8; 4] = head.get(..4)?.try_into().ok()?;
    let boxed = head.get(4..u32::from_be_bytes(length).min(BRANDS_MAX_BYTES) as usize)?;
    let brands = boxed.strip_prefix(b"ftyp")?;
    let has_any = |known: &[&[u8]]| {
        brands.chunks_exact(4).any(|brand| known.iter().any(|known| brand.starts_with(known)))
    };
    match (has_any(&HEIF_BRANDS), has_any(&FILM_BRANDS)) {
        (true, _) => Some("image/heif"),
        (false, true) => Some("video/mp4"),
        (false, false) => None,
    }
}

/// As browsers spell it.
fn spelled(mime: &'static str) -> &'static str {
    match mime {
        "image/heif" => "image/heic",
        "video/x-m4v" => "video/mp4",
        "audio/m4a" => "audio/mp4",
        "audio/x-flac" => "audio/flac",
        "audio/x-wav" => "audio/wav",
        mime => mime,
    }
}

/// True for what a browser may show in its place; anything else is downloaded.
pub(super) fn is_shown(mime: &str) -> bool {
    ["image/", "video/", "audio/"].iter().any(|family| mime.starts_with(family))
}

/// The label that people see: no path, no control characters, no marks that turn the reading direction.
pub(super) fn label(name: &str, kind: Kind) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_shown = |c: &char| !c.is_control() && !turns_direction(*c);
    let label: String = base.chars().filter(is_shown).take(NAME_MAX_CHARS).collect();
    match label.trim() {
        "" | "." | ".." => kind.name().to_lowercase(),
        label => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_could_run_is_not_taken_whatever_it_is_called() {
        let cases: [&[u8]; 7] = [
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>",
            b"#!/bin/sh\nrm -rf /",
            b"MZ\x90\0",
            b"plain text",
            b"",
        ];
        for head in cases {
            assert!(matches!(sniff(head), Err(Error::WrongType)), "{head:?}");
        }
    }

    #[test]
    fn the_content_decides() {
        let cases: [(&[u8], Kind, &str); 12] = [
            (b"\0\0\0\x14ftypiso8\0\0\0\0iso8", Kind::Video, "video/mp4"),
            (b"\0\0\0\x14ftyp3gp4\0\0\0\x013gp4", Kind::Video, "video/mp4"),
            (b"\0\0\0\x14ftyp3g2a\0\0\0\x003g2a", Kind::Video, "video/mp4"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heix", Kind::Image, "image/heic"),
            (b"\0\0\0\x1cftypmsf1\0\0\0\0msf1hevciso8", Kind::Image, "image/heic"),
            (b"\0\0\0\x14ftyphevc\0\0\0\0msf1", Kind::Image, "image/heic"),
            (b"\0\0\0\x10ftypheim\0\0\0\0", Kind::Image, "image/heic"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Kind::Image, "image/avif"),
            (b"GIF89a/*", Kind::Image, "image/gif"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Kind::Image, "image/jpeg"),
            (b"%PDF-1.7", Kind::File, "application/pdf"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", Kind::Video, "video/mp4"),
        ];
        for (head, kind, mime) in cases {
            assert_eq!(sniff(head).expect("taken"), Type { kind, mime });
        }
    }

    #[test]
    fn a_label_is_a_name_and_nothing_else() {
        let cases = [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("..", "image"),
            ("", "image"),
            ("우리 아기 👶.jpg", "우리 아기 👶.jpg"),
        ];
        for (name, expected) in cases {
            assert_eq!(label(name, Kind::Image), expected);
        }
        assert_eq!(label(&"가".repeat(5_000), Kind::Image).chars().count(), NAME_MAX_CHARS);
    }
}
