//! Korean or English, by `Accept-Language` (RFC 9110, section 12.5.4).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::error::Language;

/// The better liked of the two; Korean where the caller does not say, as the mobile app does not.
pub(crate) fn preferred(headers: &HeaderMap) -> Language {
    let header =
        headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (Language::Korean, 0.0);
    for part in header.split(',') {
        let mut fields = part.split(';');
        let tag = fields.next().unwrap_or_default().trim().to_ascii_lowercase();
        let quality = fields
            .find_map(|field| field.trim().strip_prefix("q=")?.parse().ok())
            .unwrap_or(1.0_f32);
        let language = match tag.split('-').next() {
            Some("ko") => Language::Korean,
            Some("en") => Language::English,
            _ => continue,
        };
        if quality > best.1 {
            best = (language, quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_liked_language_is_spoken_and_korean_otherwise() {
        let cases = [
            ("", Language::Korean),
            ("*", Language::Korean),
            ("fr, de;q=0.5", Language::Korean),
            ("en", Language::English),
            ("en-US,en;q=0.9,ko;q=0.8", Language::English),
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Language::Korean),
            ("fr, en;q=0.2, ko;q=0.1", Language::English),
            ("en;q=nonsense", Language::English),
        ];
        for (header, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().expect("a header value"));
            assert_eq!(preferred(&headers), expected, "{header}");
        }
    }
}
