//! Which part of a file is asked for (RFC 9110, section 14).

use std::ops::Range;

use axum::http::HeaderMap;
use axum::http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};
use http_range_header::{EndPosition, StartPosition, parse_range_header};

use crate::error::{Error, Result};
use crate::http::envelope;

/// The part that the headers ask for, or none for the whole. Several parts at once are never sent: a server may ignore
/// such a wish (section 14.2), and honouring it is how small requests cause large work.
pub(super) fn asked_for(headers: &HeaderMap, etag: &str, size: u64) -> Result<Option<Range<u64>>> {
    let Some(range) = headers.get(RANGE) else { return Ok(None) };
    // Section 13.2.2: who has it already is told so, whatever part is asked for.
    if envelope::matches(headers.get_all(IF_NONE_MATCH), etag) {
        return Ok(None);
    }
    // Section 13.1.5: with a stale validator the whole is sent.
    if headers.get(IF_RANGE).is_some_and(|known| known != etag) {
        return Ok(None);
    }
    let parsed = range.to_str().ok().and_then(|range| parse_range_header(range).ok());
    let ranges = parsed.map(|parsed| parsed.ranges).unwrap_or_default();
    let [range] = ranges[..] else { return Ok(None) };
    let (start, end) = match (range.start, range.end) {
        (StartPosition::Index(start), EndPosition::Index(last)) => {
            (start, last.saturating_add(1).min(size))
        }
        (StartPosition::Index(start), EndPosition::LastByte) => (start, size),
        (StartPosition::FromLast(length), _) => (size.saturating_sub(length), size),
    };
    if start >= end { Err(Error::NoSuchRange { size }) } else { Ok(Some(start..end)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let cases: [(&str, Option<Range<u64>>); 14] = [
            ("bytes=0-", Some(0..100)),
            ("bytes=0-0", Some(0..1)),
            ("bytes=10-19", Some(10..20)),
            ("bytes=90-1000", Some(90..100)),
            ("bytes=-1", Some(99..100)),
            ("bytes=-1000", Some(0..100)),
            ("bytes=0-1,5-6", None),
            ("bytes=0-50,20-70", None),
            ("bytes=", None),
            ("bytes=a-b", None),
            ("pages=1-2", None),
            ("bytes=--1", None),
            ("bytes=1-2-3", None),
            ("bytes=-0", None),
        ];
        for (header, expected) in cases {
            let headers = HeaderMap::from_iter([(RANGE, header.parse().expect("a value"))]);
            assert_eq!(
                asked_for(&headers, "\"x\"", 100).expect("satisfiable"),
                expected,
                "{header}"
            );
        }
        for header in ["bytes=100-", "bytes=99999999999-", "bytes=5-2"] {
            let headers = HeaderMap::from_iter([(RANGE, header.parse().expect("a value"))]);
            assert!(asked_for(&headers, "\"x\"", 100).is_err(), "{header}");
        }
    }

    #[test]
    fn a_range_of_something_that_has_changed_is_the_whole() {
        let of = |known: &str| {
            let pairs = [(RANGE, "bytes=0-9"), (IF_RANGE, known)];
            let headers = pairs.map(|(name, value)| (name, value.parse().expect("a value")));
            asked_for(&HeaderMap::from_iter(headers), "\"x\"", 100).expect("satisfiable")
        };
        assert_eq!(of("\"x\""), Some(0..10));
        assert_eq!(of("\"y\""), None);
        assert_eq!(of("W/\"x\""), None);
    }
}
