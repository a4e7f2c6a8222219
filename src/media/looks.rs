//! A look into a film from outside: what is found, and how far a reader of it may go.
//!
//! Looks are short and counted, so that a file of any shape costs a bounded time and no memory.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

/// Looks into one file; enough for an hour recorded in fragments of a second.
pub(super) const LOOKS_MAX: u32 = 100_000;
/// What one look sees: the longest head, and whole samples of a run, which take 4, 8, 12 or 16 bytes.
pub(super) const LOOK_BYTES: usize = 96;
/// Boxes lie far apart: what is read ahead is mostly thrown away.
const BUFFER_BYTES: usize = 2 << 10;
/// No film is longer (49 days); what claims to be is taken to say nothing.
const DURATION_MAX_MS: u64 = u32::MAX as u64;

/// A film's measures, turned the way it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Film {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) duration_ms: Option<u64>,
}

impl Film {
    /// A film of this size; what lasts 0 ms does not say how long it is.
    pub(super) fn lasting(duration_ms: u64, (width, height): (u32, u32)) -> Self {
        let is_known = (1..=DURATION_MAX_MS).contains(&duration_ms);
        Self { width, height, duration_ms: is_known.then_some(duration_ms) }
    }
}

/// A file seen through short looks, which come to an end.
pub(super) struct Looks<'a, R> {
    file: BufReader<&'a mut R>,
    at: u64,
    pub(super) left: u32,
}

impl<'a, R: Read + Seek> Looks<'a, R> {
    /// The file, and the whole of it as a place to look at.
    pub(super) fn of(file: &'a mut R) -> io::Result<(Self, Range<u64>)> {
        let end = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        Ok((Self { file, at: 0, left: LOOKS_MAX }, 0..end))
    }

    /// The first bytes of a place inside the file; nothing when no looks are left.
    pub(super) fn look(&mut self, place: &Range<u64>) -> io::Result<Fields> {
        let mut fields = Fields { bytes: [0; LOOK_BYTES], at: 0, end: 0 };
        let length = place.end.saturating_sub(place.start).min(LOOK_BYTES as u64);
        let ahead = place.start.checked_signed_diff(self.at);
        let (Some(left), Some(ahead), 1..) = (self.left.checked_sub(1), ahead, length) else {
            return Ok(fields);
        };
        self.left = left;
        self.file.seek_relative(ahead)?;
        fields.end = usize::try_from(length).unwrap_or(0);
        self.file.read_exact(fields.bytes.get_mut(..fields.end).unwrap_or_default())?;
        self.at = place.start.saturating_add(length);
        Ok(fields)
    }
}

/// What one look has seen, field by field.
pub(super) struct Fields {
    bytes: [u8; LOOK_BYTES],
    at: usize,
    end: usize,
}

impl Fields {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = *self.bytes.get(self.at..self.end)?.first_chunk()?;
        self.skip(N);
        Some(taken)
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// A time, which has 64 bits in version 1 of a box.
    pub(super) fn time(&mut self, version: u32) -> Option<u64> {
        if version == 1 { self.u64() } else { self.u32().map(u64::from) }
    }

    /// A time that is not known when all its bits are set; 64 of them are beyond any film anyway.
    pub(super) fn duration(&mut self, version: u32) -> Option<u64> {
        self.time(version).map(|time| if time == u64::from(u32::MAX) { 0 } else { time })
    }
}
