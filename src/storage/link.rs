//! Signed links to media: bearer secrets that say which object and until when.
//!
//! The expiry is the end of the next UTC day, so that a link repeats and caches; the signature is an HMAC-SHA-256
//! (RFC 2104) over id, expiry and what of it is meant, with a key that is a row in the database and so comes along in a
//! backup. Who has the small picture's link has that alone; the original's opens what was made from it, too.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::clock::{Clock, DAY_MS};
use crate::db::{Db, setting};
use crate::ids::MediaId;

const KEY_NAME: &str = "media-key";
const KEY_BYTES: usize = 32;

/// Which of a media's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    Original,
    /// A small JPEG of it.
    Thumb,
    /// A frame that the phone chose.
    Poster,
}

/// Makes links and knows its own. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Links {
    key: Arc<hmac::Key>,
    clock: Clock,
}

/// What a link claims, signature included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) id: MediaId,
    /// Seconds since 1970.
    pub(crate) expires_s: i64,
    signature: String,
}

impl Links {
    /// Takes the key from the database; the first start makes it.
    pub(crate) async fn open(db: &Db, clock: Clock) -> Result<Self> {
        let mut fresh = [0; KEY_BYTES];
        SystemRandom::new()
            .fill(&mut fresh)
            .map_err(|_| anyhow!("the system has no randomness"))?;
        let key: Vec<u8> = db
            .write(move |tx| {
                if let Some(key) = setting::select(tx, KEY_NAME)? {
                    return Ok(key);
                }
                setting::put(tx, KEY_NAME, fresh.as_slice())?;
                Ok(fresh.to_vec())
            })
            .await?;
        Ok(Self { key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &key)), clock })
    }

    /// The path of a link that opens until the end of the next UTC day.
    pub(crate) fn path(&self, id: MediaId, variant: Variant) -> String {
        let expires_s = (self.clock.now().0.div_euclid(DAY_MS) + 2) * (DAY_MS / 1_000);
        let signed = signed(id, expires_s, variant);
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, &signed));
        let end = match variant {
            Variant::Original => "",
            Variant::Thumb => "/thumb",
            Variant::Poster => "/poster",
        };
        format!("/media/{id}{end}?e={expires_s}&s={signature}")
    }

    /// True for a link of ours to this object, or to the original of it, whose time has not come.
    pub(crate) fn opens(&self, link: &Link, variant: Variant) -> bool {
        self.clock.now().0 < link.expires_s.saturating_mul(1_000)
            && (self.is_ours(link, variant) || self.is_ours(link, Variant::Original))
    }

    /// The media whose original a link of ours names, whatever host it stands on and however old it is.
    pub(crate) fn recognise(&self, url: &str) -> Option<MediaId> {
        let uri: Uri = url.trim().parse().ok()?;
        let id = uri.path().strip_prefix("/media/")?.parse().ok()?;
        let link = Link::of(id, &uri)?;
        self.is_ours(&link, Variant::Original).then_some(id)
    }

    fn is_ours(&self, link: &Link, variant: Variant) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(&link.signature) else { return false };
        hmac::verify(&self.key, &signed(link.id, link.expires_s, variant), &signature).is_ok()
    }
}

impl Link {
    /// From the query of a request for this media.
    pub(crate) fn of(id: MediaId, uri: &Uri) -> Option<Self> {
        let query: HashMap<&str, &str> =
            uri.query()?.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let expires_s = query.get("e")?.parse().ok()?;
        Some(Self { id, expires_s, signature: (*query.get("s")?).to_owned() })
    }
}

fn signed(id: MediaId, expires_s: i64, variant: Variant) -> [u8; 25] {
    let mut signed = [0; 25];
    signed[..16].copy_from_slice(id.as_bytes());
    signed[16..24].copy_from_slice(&expires_s.to_be_bytes());
    signed[24] = match variant {
        Variant::Original => b'o',
        Variant::Thumb => b't',
        Variant::Poster => b'p',
    };
    signed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{HOUR_MS, Millis};

    fn links(clock: &Clock, secret: u8) -> Links {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[secret; KEY_BYTES]);
        Links { key: Arc::new(key), clock: clock.clone() }
    }

    fn link(path: &str) -> Link {
        let uri: Uri = path.parse().expect("a path");
        let id = uri.path()["/media/".len()..][..32].parse().expect("an id");
        Link::of(id, &uri).expect("a link")
    }

    #[test]
    fn a_link_repeats_for_a_day_and_opens_until_the_end_of_the_next() {
        let clock = Clock::fake(Millis(1_795_230_245_678));
        let links = links(&clock, 1);
        let id = MediaId::random().expect("an id");
        let path = links.path(id, Variant::Original);

        clock.advance(HOUR_MS);
        assert_eq!(links.path(id, Variant::Original), path);
        clock.advance(DAY_MS);
        assert!(links.opens(&link(&path), Variant::Original));
        assert_ne!(links.path(id, Variant::Original), path);
        clock.advance(DAY_MS);
        assert!(!links.opens(&link(&path), Variant::Original));
    }

    #[test]
    fn a_changed_link_opens_nothing() {
        let clock = Clock::fake(Millis(1_795_230_245_678));
        let links = links(&clock, 1);
        let (id, other) = (MediaId::random().expect("an id"), MediaId::random().expect("an id"));
        let path = links.path(id, Variant::Thumb);
        assert!(links.opens(&link(&path), Variant::Thumb));

        let later = path.replace("?e=1", "?e=2");
        let elsewhere = path.replace(&id.to_string(), &other.to_string());
        let mut cut = path.clone();
        cut.pop();
        for wrong in [later, elsewhere, cut, format!("{path}A")] {
            assert!(!links.opens(&link(&wrong), Variant::Thumb), "{wrong}");
        }
        assert!(!self::links(&clock, 2).opens(&link(&path), Variant::Thumb));
    }

    #[test]
    fn a_link_opens_what_it_was_made_for_and_the_originals_all_that_comes_from_it() {
        let links = links(&Clock::fake(Millis(1_795_230_245_678)), 1);
        let id = MediaId::random().expect("an id");
        let all = [Variant::Original, Variant::Thumb, Variant::Poster];
        for (made, opened) in [(all[0], &all[..]), (all[1], &all[1..2]), (all[2], &all[2..])] {
            let path = links.path(id, made);
            for asked in all {
                let is_open = links.opens(&link(&path), asked);
                assert_eq!(is_open, opened.contains(&asked), "{asked:?} by {path}");
            }
            let bare = path.replace("/thumb", "").replace("/poster", "");
            assert_eq!(links.recognise(&bare).is_some(), made == Variant::Original, "{bare}");
        }
    }

    #[test]
    fn our_own_link_is_known_on_any_host_and_at_any_age() {
        let clock = Clock::fake(Millis(1_795_230_245_678));
        let links = links(&clock, 1);
        let id = MediaId::random().expect("an id");
        let path = links.path(id, Variant::Original);
        clock.advance(400 * DAY_MS);

        for ours in [
            path.clone(),
            format!("http://192.168.0.9:8080{path}"),
            format!("https://home.example{path}&x=1"),
        ] {
            assert_eq!(links.recognise(&ours), Some(id), "{ours}");
        }
        for foreign in [
            "",
            "hi",
            "https://evil.example/cat.jpg",
            "javascript:alert(1)",
            "/media/abc?e=1&s=x",
            "/media//",
        ] {
            assert_eq!(links.recognise(foreign), None, "{foreign}");
        }
        assert_eq!(links.recognise(&path.replace(&id.to_string(), &"0".repeat(32))), None);
    }
}
