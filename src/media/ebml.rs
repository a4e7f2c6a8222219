//! How large and how long a film in WebM or Matroska is (RFC 8794 and RFC 9559).
//!
//! Read by hand, because a file's nesting is not to be trusted: a crate followed 180 KB of elements within elements until
//! the stack ended. Here nothing nests: of an element that holds something of use only the head is passed, everything
//! else is passed whole. Sizes that are not known, as live recorders write them, then do not matter; nor does it
//! confuse, because an element's number says what it is wherever it stands.

use std::io::{self, Read, Seek};
use std::ops::Range;

use super::looks::{Fields, Film, Looks};

/// Numbers of elements, with the bits that say how long they are (RFC 9559, section 5).
const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const CLUSTER: u32 = 0x1f43_b675;

/// A track to be seen, among the types of tracks (RFC 9559, section 5.1.4.1.3).
const TYPE_VIDEO: u64 = 1;
/// How many ns a tick lasts when a film does not say.
const TIMESTAMP_SCALE_DEFAULT: u64 = 1_000_000;
const NS_PER_MS: f64 = 1e6;
/// The longest number of an element and the longest size (RFC 9559, section 4).
const HEAD_MAX_BYTES: u64 = 4 + 8;

/// What is needed of a track.
#[derive(Default)]
struct Track {
    kind: u64,
    width: u32,
    height: u32,
}

impl Track {
    /// Its size, if it is one to be seen.
    fn size(&self) -> Option<(u32, u32)> {
        let is_seen = self.kind == TYPE_VIDEO && self.width > 0 && self.height > 0;
        is_seen.then_some((self.width, self.height))
    }
}

/// Reads a film's measures; none when nothing in it is to be seen. Blocks.
pub(super) fn read<R: Read + Seek>(file: &mut R) -> io::Result<Option<Film>> {
    let (mut looks, mut rest) = Looks::of(file)?;
    if next_element(&mut looks, &mut rest)?.is_none_or(|(id, _)| id != EBML) {
        return Ok(None);
    }
    let (mut has_info, mut has_tracks) = (false, false);
    let (mut ticks, mut timestamp_scale) = (0.0, TIMESTAMP_SCALE_DEFAULT);
    let (mut track, mut size) = (Track::default(), None);
    while let Some((id, body)) = next_element(&mut looks, &mut rest)? {
        match id {
            SEGMENT | INFO | TRACKS | TRACK_ENTRY | VIDEO => rest.start = body.start,
            // A second head begins another film.
            EBML => break,
            CLUSTER if has_info && has_tracks => break,
            _ => {}
        }
        match id {
            INFO => has_info = true,
            TRACKS => has_tracks = true,
            TRACK_ENTRY => track = Track::default(),
            DURATION => ticks = float(looks.look(&body)?, &body),
            TIMESTAMP_SCALE => {
                let scale = number(looks.look(&body)?, &body);
                timestamp_scale = scale.unwrap_or(TIMESTAMP_SCALE_DEFAULT);
            }
            TRACK_TYPE => track.kind = number(looks.look(&body)?, &body).unwrap_or(0),
            PIXEL_WIDTH => track.width = pixels(looks.look(&body)?, &body),
            PIXEL_HEIGHT => track.height = pixels(looks.look(&body)?, &body),
            _ => {}
        }
        size = size.or_else(|| track.size());
    }
    // What is no number, negative or beyond all bounds becomes 0 or the last number.
    let duration_ms = (ticks * timestamp_scale as f64 / NS_PER_MS).round() as u64;
    Ok(size.map(|size| Film::lasting(duration_ms, size)))
}

/// The next element of a place, which shrinks to what follows it (RFC 8794, sections 4 to 6).
fn next_element<R: Read + Seek>(
    looks: &mut Looks<'_, R>,
    place: &mut Range<u64>,
) -> io::Result<Option<(u32, Range<u64>)>> {
    let head = place.start..place.end.min(place.start.saturating_add(HEAD_MAX_BYTES));
    let mut fields = looks.look(&head)?;
    let Some((id, id_bytes)) = variable(&mut fields) else { return Ok(None) };
    let Some((size, size_bytes)) = variable(&mut fields) else { return Ok(None) };
    let Ok(id) = u32::try_from(id) else { return Ok(None) };
    // The bit that says how long the size is; with all bits below it set, the size is not known.
    let marker = 1_u64 << (7 * size_bytes);
    let size = if size == marker | (marker - 1) { u64::MAX } else { size ^ marker };
    let start = place.start.saturating_add(u64::from(id_bytes + size_bytes));
    let end = start.saturating_add(size).min(place.end);
    place.start = end;
    Ok(Some((id, start..end)))
}

/// A number whose first bits say how many bytes it takes, with those bits, and how many they are.
fn variable(fields: &mut Fields) -> Option<(u64, u32)> {
    let [first] = fields.take()?;
    let more = first.leading_zeros();
    let mut number = u64::from(first);
    if more >= u8::BITS {
        return None;
    }
    for _ in 0..more {
        number = number << 8 | u64::from(fields.take::<1>()?[0]);
    }
    Some((number, more + 1))
}

/// A whole number of up to 8 bytes; none stand for what holds when nothing is said (RFC 8794, section 7.2).
fn number(mut fields: Fields, body: &Range<u64>) -> Option<u64> {
    if !(1..=8).contains(&length(body)) {
        return None;
    }
    let mut number = 0;
    while let Some([byte]) = fields.take() {
        number = number << 8 | u64::from(byte);
    }
    Some(number)
}

fn pixels(fields: Fields, body: &Range<u64>) -> u32 {
    number(fields, body).and_then(|pixels| pixels.try_into().ok()).unwrap_or(0)
}

/// A floating-point number (RFC 8794, section 7.3).
fn float(mut fields: Fields, body: &Range<u64>) -> f64 {
    let float = match length(body) {
        4 => fields.take().map(|bytes| f32::from_be_bytes(bytes).into()),
        8 => fields.take().map(f64::from_be_bytes),
        _ => None,
    };
    float.unwrap_or(0.0)
}

fn length(body: &Range<u64>) -> u64 {
    body.end.saturating_sub(body.start)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// An element with its size in 8 bytes.
    fn sized(id: u32, size: u64, body: &[u8]) -> Vec<u8> {
        let id = id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0);
        id.chain((size | 1 << 56).to_be_bytes()).chain(body.iter().copied()).collect()
    }

    fn element(id: u32, parts: &[Vec<u8>]) -> Vec<u8> {
        let body = parts.concat();
        sized(id, body.len() as u64, &body)
    }

    /// An element whose size is not known.
    fn endless(id: u32, parts: &[Vec<u8>]) -> Vec<u8> {
        sized(id, (1 << 56) - 1, &parts.concat())
    }

    fn byte(id: u32, value: u8) -> Vec<u8> {
        element(id, &[vec![value]])
    }

    fn track(kind: u8, width: u16) -> Vec<u8> {
        let width = element(PIXEL_WIDTH, &[width.to_be_bytes().to_vec()]);
        let video = element(VIDEO, &[width, byte(PIXEL_HEIGHT, 180)]);
        element(TRACK_ENTRY, &[byte(0xd7, 1), byte(TRACK_TYPE, kind), video])
    }

    fn info(scale: &[u8], duration: &[u8]) -> Vec<u8> {
        let scale = element(TIMESTAMP_SCALE, &[scale.to_vec()]);
        element(INFO, &[scale, element(DURATION, &[duration.to_vec()])])
    }

    fn film_of(parts: &[Vec<u8>]) -> Vec<u8> {
        [byte(EBML, 1), element(SEGMENT, parts)].concat()
    }

    fn read_bytes(bytes: &[u8]) -> Option<Film> {
        read(&mut Cursor::new(bytes)).expect("nothing fails in memory")
    }

    fn film(duration_ms: u64) -> Option<Film> {
        Some(Film::lasting(duration_ms, (320, 180)))
    }

    #[test]
    fn a_film_says_how_large_and_how_long_it_is() {
        let seen = || element(TRACKS, &[track(2, 9), track(1, 320), track(1, 7)]);
        let lasting = |ticks: f64| info(&[], &ticks.to_be_bytes());
        let heard = element(TRACKS, &[track(2, 320)]);
        let cluster = element(CLUSTER, &[lasting(9.0)]);
        let open = endless(TRACKS, &[endless(TRACK_ENTRY, &[track(1, 320), lasting(7.0)])]);
        let cases = [
            ("plain", film_of(&[lasting(3_208.0), seen()]), film(3_208)),
            (
                "ticks of 2 ms",
                film_of(&[info(&[30, 132, 128], &[0x42, 0, 0, 0]), seen()]),
                film(64),
            ),
            ("no ticks", film_of(&[info(&[0], &[0x42, 0, 0, 0]), seen()]), film(0)),
            ("no number", film_of(&[lasting(f64::NAN), seen()]), film(0)),
            ("for ever", film_of(&[lasting(f64::INFINITY), seen()]), film(0)),
            ("backwards", film_of(&[lasting(-5.0), seen()]), film(0)),
            ("an odd number", film_of(&[info(&[1; 9], &[1; 7]), seen()]), film(0)),
            ("heads at the end", film_of(&[cluster.clone(), seen(), lasting(5.0)]), film(5)),
            ("enough before data", film_of(&[lasting(5.0), seen(), cluster.clone()]), film(5)),
            ("live", [byte(EBML, 1), endless(SEGMENT, &[open, cluster])].concat(), film(7)),
            ("only sound", film_of(&[lasting(5.0), heard]), None),
            ("another after it", [film_of(&[seen()]), film_of(&[lasting(5.0)])].concat(), film(0)),
            ("headless", element(SEGMENT, &[lasting(5.0), seen()]), None),
            ("nothing", Vec::new(), None),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(read_bytes(&bytes), expected, "{name}");
            // However much is missing, it is read without a panic.
            for end in 0..bytes.len() {
                read_bytes(&bytes[..end]);
            }
        }
    }

    #[test]
    fn a_film_that_nests_without_end_or_claims_any_size_is_passed() {
        let head = || byte(EBML, 1);
        for id in [0x67c8, 0xb6, TRACK_ENTRY, TRACKS, SEGMENT, VIDEO, CLUSTER] {
            for size in [0, 1 << 49, (1 << 56) - 2, (1 << 56) - 1] {
                let nested = sized(id, size, &[]).repeat(60_000);
                let bytes = [head(), endless(SEGMENT, &[nested])].concat();
                assert_eq!(read_bytes(&bytes), None, "{id:x} of {size}");
            }
        }
        for junk in [vec![0; 1 << 20], vec![0xff; 1 << 20], [0xec, 0x80].repeat(1 << 19)] {
            assert_eq!(read_bytes(&[head(), junk, track(1, 320)].concat()), None);
        }
    }
}
