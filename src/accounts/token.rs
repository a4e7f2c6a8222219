//! Opaque tokens: a prefix that names the kind, and 256 random bits.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};

use crate::error::{Error, Result};

const SECRET_BYTES: usize = 32;
/// 32 bytes in base64 without padding.
const SECRET_CHARS: usize = 43;

/// What is kept of a token.
pub(crate) type TokenHash = [u8; 32];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Access,
    Refresh,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Access => "bta_",
            Self::Refresh => "btr_",
        }
    }

    /// As the database has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// A new token of this kind.
pub(super) fn fresh(kind: Kind) -> Result<String> {
    Ok(format!("{}{}", kind.prefix(), fresh_secret()?))
}

/// The token that follows `old`: the same each time, so that a lost answer can be asked for again.
pub(super) fn successor(key: &hmac::Key, kind: Kind, old: &str) -> String {
    let tag = hmac::sign(key, format!("{}{old}", kind.prefix()).as_bytes());
    format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// The hash to look a token up by; None for anything that cannot be a token of this kind.
pub(super) fn hash(kind: Kind, token: &str) -> Option<TokenHash> {
    let secret = token.strip_prefix(kind.prefix())?;
    let is_whole = secret.len() == SECRET_CHARS && URL_SAFE_NO_PAD.decode(secret).is_ok();
    is_whole.then(|| secret_hash(token))
}

/// 256 random bits as text.
pub(crate) fn fresh_secret() -> Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::Internal(anyhow::anyhow!("no random numbers")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256; enough for secrets that nobody could guess.
pub(crate) fn secret_hash(secret: &str) -> TokenHash {
    let mut hash = TokenHash::default();
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_token_of_the_right_kind_has_a_hash() {
        let token = fresh(Kind::Access).expect("a token");
        assert!(hash(Kind::Access, &token).is_some());
        assert!(hash(Kind::Refresh, &token).is_none());
        for wrong in [
            "",
            "bta_",
            &token[..token.len() - 1],
            &format!("{token}A"),
            &token[4..],
            &token.replace("bta_", "btr_"),
            "bta_\0",
        ] {
            assert!(hash(Kind::Access, wrong).is_none(), "{wrong:?}");
        }
    }
}
