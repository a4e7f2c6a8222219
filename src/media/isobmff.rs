//! How large and how long a film in MP4, M4V or QuickTime is (ISO/IEC 14496-12).
//!
//! Read by hand, because a file's numbers are not to be trusted: a crate made room for the four billion samples that
//! 506 bytes spoke of. Here the code fixes the depth, nothing is kept but a few numbers, and looks into the file are
//! short and counted.

use std::io::{self, Read, Seek};
use std::ops::Range;

use super::looks::{Fields, Film, LOOK_BYTES, Looks};

/// A duration and its unit.
#[derive(Clone, Copy, Default)]
struct Clock {
    timescale: u32,
    duration: u64,
}

impl Clock {
    /// `mvhd` and `mdhd` begin alike (sections 8.2.2 and 8.4.2).
    fn read(mut fields: Fields) -> Option<Self> {
        let version = fields.u32()? >> 24;
        // When it was made and changed.
        fields.time(version)?;
        fields.time(version)?;
        let timescale = fields.u32()?;
        Some(Self { timescale, duration: fields.duration(version)? })
    }

    fn ms(self) -> u64 {
        let thousands = u128::from(self.duration).saturating_mul(1_000);
        let ms = thousands.checked_div(self.timescale.into()).unwrap_or(0);
        u64::try_from(ms).unwrap_or(0)
    }
}

/// What is needed of a track.
struct Track {
    id: u32,
    size: (u32, u32),
    clock: Clock,
}

/// Reads a film's measures; none when nothing in it is to be seen. Blocks.
pub(super) fn read<R: Read + Seek>(file: &mut R) -> io::Result<Option<Film>> {
    let (mut looks, mut rest) = Looks::of(file)?;
    let mut moov = loop {
        match next_box(&mut looks, &mut rest)? {
            Some((kind, body)) if &kind == b"moov" => break body,
            Some(_) => {}
            None => return Ok(None),
        }
    };
    let (mut clock, mut track, mut mvex) = (Clock::default(), None, None);
    while let Some((kind, body)) = next_box(&mut looks, &mut moov)? {
        match &kind {
            b"mvhd" => clock = Clock::read(looks.look(&body)?).unwrap_or_default(),
            b"trak" if track.is_none() => track = read_track(&mut looks, body)?,
            b"mvex" => mvex = Some(body),
            _ => {}
        }
    }
    let Some(track) = track else { return Ok(None) };
    let whole_ms = if clock.ms() > 0 { clock.ms() } else { track.clock.ms() };
    let duration_ms = match mvex {
        Some(mvex) => {
            let fragments_ms = read_fragments(&mut looks, mvex, rest, (clock, &track))?;
            // The head of such a film speaks of what it holds itself, mostly nothing.
            fragments_ms.map_or(0, |ms| ms.max(whole_ms))
        }
        None => whole_ms,
    };
    Ok(Some(Film::lasting(duration_ms, track.size)))
}

/// The next box of a place, which shrinks to what follows it (section 4.2).
fn next_box<R: Read + Seek>(
    looks: &mut Looks<'_, R>,
    place: &mut Range<u64>,
) -> io::Result<Option<([u8; 4], Range<u64>)>> {
    let mut fields = looks.look(&(place.start..place.end.min(place.start.saturating_add(16))))?;
    let (Some(size), Some(kind)) = (fields.u32(), fields.take()) else { return Ok(None) };
    let (head, size) = match size {
        0 => (8, u64::MAX),
        1 => (16, fields.u64().unwrap_or(0)),
        size => (8, size.into()),
    };
    if size < head {
        return Ok(None);
    }
    let end = place.start.saturating_add(size).min(place.end);
    let body = place.start.saturating_add(head)..end;
    place.start = end;
    Ok(Some((kind, body)))
}

/// The track, if it is one to be seen.
fn read_track<R: Read + Seek>(
    looks: &mut Looks<'_, R>,
    mut trak: Range<u64>,
) -> io::Result<Option<Track>> {
    let (mut head, mut mdia) = (None, 0..0);
    while let Some((kind, body)) = next_box(looks, &mut trak)? {
        match &kind {
            b"tkhd" => head = track_head(looks.look(&body)?),
            b"mdia" => mdia = body,
            _ => {}
        }
    }
    let (mut clock, mut handler) = (Clock::default(), None);
    while let Some((kind, body)) = next_box(looks, &mut mdia)? {
        match &kind {
            b"mdhd" => clock = Clock::read(looks.look(&body)?).unwrap_or_default(),
            b"hdlr" => {
                let mut fields = looks.look(&body)?;
                fields.skip(8);
                handler = fields.take();
            }
            _ => {}
        }
    }
    let Some((id, size)) = head.filter(|_| handler == Some(*b"vide")) else { return Ok(None) };
    Ok((size.0 > 0 && size.1 > 0).then_some(Track { id, size, clock }))
}

/// A track's number and size (section 8.3.2).
fn track_head(mut fields: Fields) -> Option<(u32, (u32, u32))> {
    let version = fields.u32()? >> 24;
    fields.time(version)?;
    fields.time(version)?;
    let id = fields.u32()?;
    fields.skip(4);
    fields.time(version)?;
    // Layer, group, volume and what is reserved.
    fields.skip(16);
    let (a, b) = (fields.u32()?, fields.u32()?);
    fields.skip(8);
    let d = fields.u32()?;
    fields.skip(16);
    // Fixed point, 16.16.
    let (width, height) = (fields.u32()? >> 16, fields.u32()? >> 16);
    // A quarter turn is [0 ±1; ∓1 0] (section 6.2.2).
    let is_turned = a == 0 && d == 0 && b != 0;
    Some((id, if is_turned { (height, width) } else { (width, height) }))
}

/// How long a film of fragments lasts, in ms (section 8.8); none when they are too many to say.
fn read_fragments<R: Read + Seek>(
    looks: &mut Looks<'_, R>,
    mut mvex: Range<u64>,
    mut rest: Range<u64>,
    (mut whole, track): (Clock, &Track),
) -> io::Result<Option<u64>> {
    whole.duration = 0;
    let mut sample_duration = 0;
    while let Some((kind, body)) = next_box(looks, &mut mvex)? {
        match &kind {
            b"mehd" => whole.duration = whole_duration(looks.look(&body)?).unwrap_or(0),
            b"trex" => {
                let defaults = track_defaults(looks.look(&body)?);
                let ours = defaults.filter(|(id, _)| *id == track.id);
                sample_duration = ours.map_or(sample_duration, |(_, duration)| duration);
            }
            _ => {}
        }
    }
    if whole.ms() > 0 {
        return Ok(Some(whole.ms()));
    }
    let mut end = 0;
    while let Some((kind, mut body)) = next_box(looks, &mut rest)? {
        while &kind == b"moof"
            && let Some((kind, body)) = next_box(looks, &mut body)?
        {
            if &kind == b"traf" {
                end = read_fragment(looks, body, (track.id, sample_duration), end)?;
            }
        }
    }
    Ok((looks.left > 0).then(|| Clock { duration: end, ..track.clock }.ms()))
}

/// `mehd` (section 8.8.2).
fn whole_duration(mut fields: Fields) -> Option<u64> {
    let version = fields.u32()? >> 24;
    fields.duration(version)
}

/// `trex`: a track's number, and how long its samples last unless they say so (section 8.8.3).
fn track_defaults(mut fields: Fields) -> Option<(u32, u32)> {
    fields.skip(4);
    let id = fields.u32()?;
    fields.skip(4);
    Some((id, fields.u32()?))
}

/// Where a track has ended after a fragment, which begins where it ended before unless it says so (section 8.8.6).
fn read_fragment<R: Read + Seek>(
    looks: &mut Looks<'_, R>,
    mut traf: Range<u64>,
    (track, mut sample_duration): (u32, u32),
    end: u64,
) -> io::Result<u64> {
    let (mut start, mut length) = (end, 0_u64);
    while let Some((kind, body)) = next_box(looks, &mut traf)? {
        match &kind {
            b"tfhd" => match fragment_head(looks.look(&body)?) {
                Some((id, own)) if id == track => sample_duration = own.unwrap_or(sample_duration),
                _ => return Ok(end),
            },
            b"tfdt" => {
                let mut fields = looks.look(&body)?;
                let version = fields.u32().unwrap_or(0) >> 24;
                start = fields.time(version).unwrap_or(start);
            }
            b"trun" => length = length.saturating_add(read_run(looks, body, sample_duration)?),
            _ => {}
        }
    }
    Ok(end.max(start.saturating_add(length)))
}

/// `tfhd`: which track a fragment is of, and how long its samples last, if it says so (section 8.8.7).
fn fragment_head(mut fields: Fields) -> Option<(u32, Option<u32>)> {
    let flags = fields.u32()?;
    let id = fields.u32()?;
    // Where its data is, and how its samples are described.
    fields.skip(if flags & 0x1 == 0 { 0 } else { 8 });
    fields.skip(if flags & 0x2 == 0 { 0 } else { 4 });
    Some((id, if flags & 0x8 == 0 { None } else { fields.u32() }))
}

/// How long a run of samples lasts (section 8.8.8).
fn read_run<R: Read + Seek>(
    looks: &mut Looks<'_, R>,
    body: Range<u64>,
    sample_duration: u32,
) -> io::Result<u64> {
    let mut fields = looks.look(&body)?;
    let (Some(flags), Some(count)) = (fields.u32(), fields.u32()) else { return Ok(0) };
    // Its samples do not say so themselves.
    if flags & 0x100 == 0 {
        return Ok(u64::from(count).saturating_mul(sample_duration.into()));
    }
    // Where its data is, and the flags of its first sample.
    let head = if flags & 0x1 == 0 { 8 } else { 12 } + if flags & 0x4 == 0 { 0 } else { 4 };
    // A sample's duration, size, flags and offset.
    let sample_bytes = 4 * (flags & 0xf00).count_ones();
    let start = body.start.saturating_add(head);
    let table = u64::from(count).saturating_mul(sample_bytes.into());
    let mut samples = start..body.end.min(start.saturating_add(table));
    let mut length = 0_u64;
    while samples.start < samples.end && looks.left > 0 {
        let mut fields = looks.look(&samples)?;
        while let Some(duration) = fields.u32() {
            length = length.saturating_add(duration.into());
            fields.skip(sample_bytes.saturating_sub(4) as usize);
        }
        samples.start = samples.start.saturating_add(LOOK_BYTES as u64);
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::looks::LOOKS_MAX;
    use super::*;

    fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [&u32::try_from(body.len() + 8).unwrap().to_be_bytes(), &kind[..], &body].concat()
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn mvhd(duration: u32) -> Vec<u8> {
        boxed(b"mvhd", &[&words(&[0, 0, 0, 1_000, duration])])
    }

    fn trak(handler: &[u8; 4], [a, b, c, d]: [u32; 4]) -> Vec<u8> {
        let ahead = [0, 0, 0, 7, 0, 0, 0, 0, 0, 0];
        let matrix = [a, b, 0, c, d, 0, 0, 0, 1 << 30];
        let tkhd = [&words(&ahead)[..], &words(&matrix), &words(&[640 << 16, 480 << 16])].concat();
        let mdhd = boxed(b"mdhd", &[&words(&[0, 0, 0, 100, 0])]);
        let hdlr = boxed(b"hdlr", &[&[0; 8], handler, &[0; 13]]);
        boxed(b"trak", &[&boxed(b"tkhd", &[&tkhd]), &boxed(b"mdia", &[&mdhd, &hdlr])])
    }

    /// A fragment of track 7 or another, with the rest of `tfhd` and the whole of `trun`.
    fn moof(head: &[u32], start: u32, run: &[u32]) -> Vec<u8> {
        let tfdt = boxed(b"tfdt", &[&words(&[0, start])]);
        let runs = [boxed(b"tfhd", &[&words(head)]), tfdt, boxed(b"trun", &[&words(run)])].concat();
        boxed(b"moof", &[&boxed(b"traf", &[&runs])])
    }

    fn film(width: u32, height: u32, duration_ms: u64) -> Option<Film> {
        Some(Film::lasting(duration_ms, (width, height)))
    }

    fn read_bytes(bytes: &[u8]) -> Option<Film> {
        read(&mut Cursor::new(bytes)).expect("nothing fails in memory")
    }

    const UPRIGHT: [u32; 4] = [1 << 16, 0, 0, 1 << 16];
    const TURNED: [u32; 4] = [0, 1 << 16, u32::MAX << 16, 0];

    #[test]
    fn a_film_says_how_large_and_how_long_it_is() {
        let moov = |trak: Vec<u8>| boxed(b"moov", &[&mvhd(3_200), &trak]);
        let seen = trak(b"vide", UPRIGHT);
        let long = [&words(&[1])[..], b"mdat", &24_u64.to_be_bytes(), &[9; 8]].concat();
        let endless = [&words(&[0])[..], b"moov", &mvhd(5), &seen].concat();
        let huge = [&words(&[1])[..], b"moov", &u64::MAX.to_be_bytes(), &mvhd(5), &seen].concat();
        let unknown = boxed(b"moov", &[&mvhd(u32::MAX), &seen]);
        let both = [trak(b"soun", UPRIGHT), seen.clone()].concat();
        let cases = [
            ("upright", moov(seen.clone()), film(640, 480, 3_200)),
            ("turned", moov(trak(b"vide", TURNED)), film(480, 640, 3_200)),
            ("with sound", moov(both), film(640, 480, 3_200)),
            ("only sound", moov(trak(b"soun", UPRIGHT)), None),
            ("after data", [boxed(b"wide", &[]), long, moov(seen)].concat(), film(640, 480, 3_200)),
            ("to the end", endless, film(640, 480, 5)),
            ("beyond the end", huge, film(640, 480, 5)),
            ("of unknown length", unknown, film(640, 480, 0)),
            ("a box smaller than its head", words(&[7, 0, 8, 0]), None),
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
    fn a_film_of_fragments_lasts_as_long_as_they_do() {
        let film_of = |mehd: u32, fragments: &[&Vec<u8>]| {
            let mehd = boxed(b"mehd", &[&words(&[0, mehd])]);
            let mvex = boxed(b"mvex", &[&mehd, &boxed(b"trex", &[&words(&[0, 7, 1, 4, 0, 0])])]);
            let moov = boxed(b"moov", &[&mvhd(0), &trak(b"vide", UPRIGHT), &mvex]);
            fragments.iter().fold(moov, |film, fragment| [&film[..], fragment].concat())
        };
        let plain = moof(&[0, 7], 20, &[0, 10]);
        let own_default = moof(&[0xb, 7, 0, 0, 1, 5], 60, &[0, 10]);
        let each = moof(&[0, 7], 110, &[0x305, 2, 0, 0, 6, 99, 8, 99]);
        let others = moof(&[0, 8], 1_000, &[0, 10]);
        let cases = [
            ("defaults of the film", film_of(0, &[&plain]), 600),
            ("of the fragment", film_of(0, &[&plain, &own_default]), 1_100),
            ("of each sample", film_of(0, &[&each, &plain]), 1_240),
            ("another track's", film_of(0, &[&plain, &others]), 600),
            ("said ahead", film_of(77, &[&plain]), 77),
            ("more than can be", film_of(0, &[&moof(&[0, 7], 0, &[0, u32::MAX])]), 0),
            ("fewer than said", film_of(0, &[&moof(&[0, 7], 0, &[0x100, u32::MAX, 3])]), 30),
            ("too many", [film_of(0, &[]), plain.repeat(20_000)].concat(), 0),
        ];
        for (name, bytes, duration_ms) in cases {
            assert_eq!(read_bytes(&bytes), film(640, 480, duration_ms), "{name}");
        }
    }

    #[test]
    fn a_file_of_nothing_but_heads_is_not_read_to_its_end() {
        let inner = boxed(b"free", &[]).repeat(LOOKS_MAX as usize);
        let seen = boxed(b"moov", &[&mvhd(5), &trak(b"vide", UPRIGHT)]);
        assert_eq!(read_bytes(&[inner, seen].concat()), None);
    }
}
