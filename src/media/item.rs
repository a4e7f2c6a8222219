//! A media: what is known of it, and who may name it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::content::{Kind, Type};
use super::probe::Measures;
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{MediaId, UserId};
use crate::storage::{Digest, Links, Variant};

/// A media as it hangs on whatever names it. Links are relative, made when it is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attachment {
    pub(crate) media_id: MediaId,
    #[schema(examples("/media/9312fe21b783d7c32a907d151402f874?e=1795392000&s=yd7Iv45W"))]
    pub(crate) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        examples("/media/9312fe21b783d7c32a907d151402f874/thumb?e=1795392000&s=yd7Iv45W")
    )]
    pub(crate) thumbnail_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples(4000))]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples(3000))]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    duration_ms: Option<u64>,
    #[schema(examples(699441))]
    size: u64,
    #[schema(examples("image/jpeg"))]
    mime: String,
    /// Base64, as the format's own libraries have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples("2fcZFIB3iId/h3iJh4aIYJ2V8g=="))]
    thumbhash: Option<String>,
    #[serde(skip)]
    has_preview: bool,
}

/// An attachment where there may be none: none of its fields, then.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Attached(pub(crate) Option<Attachment>);

impl Attached {
    /// With links that open from now on.
    pub(crate) fn with_links(self, links: &Links) -> Self {
        Self(self.0.map(|attachment| attachment.with_links(links)))
    }
}

impl PartialSchema for Attached {
    fn schema() -> RefOr<Schema> {
        let mut schema = Attachment::schema();
        if let RefOr::T(Schema::Object(fields)) = &mut schema {
            fields.required.clear();
        }
        schema
    }
}

impl ToSchema for Attached {}

/// What [`attachment`] reads, from a `media` that may be joined to nothing.
pub(crate) const COLUMNS: &str = "
    media.id, media.size, media.mime, media.width, media.height, media.duration_ms, media.thumbhash,
    media.kind = 'IMAGE' or media.poster_sha256 is not null";

/// The attachment in the columns from `first` on; [`Attachment::with_links`] makes it one that can be opened.
pub(crate) fn attachment(row: &Row<'_>, first: usize) -> rusqlite::Result<Attached> {
    let Some(media_id) = row.get(first)? else { return Ok(Attached(None)) };
    let thumbhash: Option<Vec<u8>> = row.get(first + 6)?;
    Ok(Attached(Some(Attachment {
        media_id,
        url: String::new(),
        thumbnail_url: None,
        size: row.get(first + 1)?,
        mime: row.get(first + 2)?,
        width: row.get(first + 3)?,
        height: row.get(first + 4)?,
        duration_ms: row.get(first + 5)?,
        thumbhash: thumbhash.map(|hash| STANDARD.encode(hash)),
        has_preview: row.get(first + 7)?,
    })))
}

impl Attachment {
    /// With links that open from now on.
    pub(crate) fn with_links(self, links: &Links) -> Self {
        let url = links.path(self.media_id, Variant::Original);
        let thumbnail_url = self.has_preview.then(|| links.path(self.media_id, Variant::Thumb));
        Self { url, thumbnail_url, ..self }
    }
}

/// A file that is on disk and is about to be known.
pub(super) struct NewItem {
    pub(super) id: MediaId,
    pub(super) kind: Type,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: Digest,
    pub(super) measures: Measures,
}

/// What is needed to hand it out.
pub(super) struct Stored {
    pub(super) owner: UserId,
    pub(super) kind: Kind,
    pub(super) mime: String,
    pub(super) name: String,
    pub(super) sha256: Digest,
    pub(super) thumb: Thumb,
    pub(super) poster_sha256: Option<Digest>,
}

/// How far the thumbnail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thumb {
    Waiting,
    Ready,
    /// There will be none.
    Never,
}

pub(super) fn insert(tx: &Tx<'_>, owner: UserId, new: &NewItem) -> Result<()> {
    let sql = "
        insert into media (id, user_id, kind, mime, name, size, sha256, width, height, duration_ms, thumb, created_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    tx.prepare_cached(sql)?.execute((
        new.id,
        owner,
        new.kind.kind.name(),
        new.kind.mime,
        &new.name,
        new.size,
        new.sha256,
        new.measures.width,
        new.measures.height,
        new.measures.duration_ms,
        if new.kind.is_drawable() { "waiting" } else { "none" },
        tx.now,
    ))?;
    Ok(())
}

/// Checks that this person may name this media as this kind (anything can be sent as a file), and takes it out of the
/// trash; answers its label. One's own upload, or one that was shown to them in a room; any other does not exist.
pub(crate) fn name_it(tx: &Tx<'_>, user: UserId, id: MediaId, kind: Kind) -> Result<String> {
    let sql = "
        select kind, name, trashed_at is not null from media
        where id = ?1 and (user_id = ?2 or exists (
            select 1 from message join room_member on room_member.room_id = message.room_id
            where message.media_id = ?1 and room_member.user_id = ?2
                and room_member.left_at is null and message.id > room_member.joined_id))";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: Option<(String, String, bool)> =
        tx.prepare_cached(sql)?.query_row((id, user), read).optional()?;
    let (found, name, is_trashed) = found.ok_or(Error::NoSuchMedia)?;
    if kind != Kind::File && found != kind.name() {
        return Err(Error::Invalid);
    }
    if is_trashed {
        tx.prepare_cached("update media set trashed_at = null where id = ?1")?.execute([id])?;
    }
    Ok(name)
}

/// The same for a picture of oneself, which has to be one's own upload: what somebody else may take back nobody else can
/// hold on to.
pub(crate) fn name_own_image(tx: &Tx<'_>, user: UserId, id: MediaId) -> Result<()> {
    let sql = "select exists (select 1 from media where id = ?1 and user_id = ?2)";
    let is_own: bool = tx.prepare_cached(sql)?.query_row((id, user), |row| row.get(0))?;
    if !is_own {
        return Err(Error::NoSuchMedia);
    }
    name_it(tx, user, id, Kind::Image)?;
    Ok(())
}

/// What one person uploaded is another's from now on.
pub(crate) fn update_owner(tx: &Tx<'_>, from: UserId, to: UserId) -> Result<()> {
    tx.prepare_cached("update media set user_id = ?2 where user_id = ?1")?.execute((from, to))?;
    Ok(())
}

/// The attachment by itself.
pub(crate) fn select_attachment(db: &Connection, id: MediaId) -> Result<Attachment> {
    let sql = format!("select {COLUMNS} from media where id = ?1");
    let found = db.prepare_cached(&sql)?.query_row([id], |row| attachment(row, 0)).optional()?;
    found.and_then(|found| found.0).ok_or(Error::NoSuchMedia)
}

/// What is needed to hand it out; what is in the trash is not there.
pub(super) fn select_stored(db: &Connection, id: MediaId) -> Result<Stored> {
    let sql = "
        select user_id, kind, mime, name, sha256, thumb, poster_sha256 from media
        where id = ?1 and trashed_at is null";
    let found = db.prepare_cached(sql)?.query_row([id], |row| {
        let (kind, thumb): (String, String) = (row.get(1)?, row.get(5)?);
        Ok(Stored {
            owner: row.get(0)?,
            kind: Kind::of(&kind).unwrap_or(Kind::File),
            mime: row.get(2)?,
            name: row.get(3)?,
            sha256: row.get(4)?,
            thumb: match thumb.as_str() {
                "ready" => Thumb::Ready,
                "waiting" => Thumb::Waiting,
                _ => Thumb::Never,
            },
            poster_sha256: row.get(6)?,
        })
    });
    found.optional()?.ok_or(Error::NoSuchMedia)
}

/// Notes the poster that is on disk, and that the thumbnail is to be made from it; false where there is one already.
pub(super) fn update_poster(tx: &Tx<'_>, id: MediaId, sha256: Digest, size: u64) -> Result<bool> {
    let sql = "
        update media set poster_sha256 = ?2, poster_size = ?3, thumb = 'waiting', thumb_tries = 0
        where id = ?1 and poster_sha256 is null";
    Ok(tx.prepare_cached(sql)?.execute((id, sha256, size))? == 1)
}

/// What is next to get a thumbnail, and whether it is made from the poster.
pub(super) fn select_waiting(db: &Connection) -> Result<Option<(MediaId, Variant)>> {
    let sql = "
        select id, poster_sha256 is not null from media where thumb = 'waiting' order by thumb_tries, created_at limit 1";
    let found = db.prepare_cached(sql)?.query_row([], |row| {
        let source = if row.get(1)? { Variant::Poster } else { Variant::Original };
        Ok((row.get(0)?, source))
    });
    Ok(found.optional()?)
}

/// Counts a try at the thumbnail; false when there were enough.
pub(super) fn count_thumb_try(tx: &Tx<'_>, id: MediaId, tries_max: u32) -> Result<bool> {
    let sql = "update media set thumb_tries = thumb_tries + 1 where id = ?1 returning thumb_tries";
    let tries: u32 = tx.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    Ok(tries <= tries_max)
}

/// Notes how the thumbnail ended: with its hash, or never.
pub(super) fn update_thumb(tx: &Tx<'_>, id: MediaId, thumbhash: Option<&[u8]>) -> Result<()> {
    let state = if thumbhash.is_some() { "ready" } else { "none" };
    tx.prepare_cached("update media set thumb = ?2, thumbhash = ?3 where id = ?1")?
        .execute((id, state, thumbhash))?;
    Ok(())
}

/// What was uploaded before `before` and nobody names, at most `limit` of it. Looks at everything that old: for a reader.
pub(super) fn select_unnamed(
    db: &Connection,
    before: Millis,
    limit: usize,
) -> Result<Vec<MediaId>> {
    let sql = format!(
        "select id from media where trashed_at is null and created_at <= ?1 and {NOBODY_NAMES_IT} limit ?2"
    );
    let mut query = db.prepare_cached(&sql)?;
    let ids = query.query_map((before, limit), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Puts it into the trash, unless somebody names it by now; true when it is in there.
pub(crate) fn trash_unnamed(tx: &Tx<'_>, id: MediaId) -> Result<bool> {
    let sql = format!(
        "update media set trashed_at = ?2 where id = ?1 and trashed_at is null and {NOBODY_NAMES_IT}"
    );
    Ok(tx.prepare_cached(&sql)?.execute((id, tx.now))? == 1)
}

const NOBODY_NAMES_IT: &str = "
    not exists (select 1 from message where media_id = media.id)
    and not exists (select 1 from user where avatar_id = media.id)";

/// Forgets what has been in the trash since before `before`, at most `limit` of it; answers what it was.
pub(super) fn delete_trashed(tx: &Tx<'_>, before: Millis, limit: usize) -> Result<Vec<MediaId>> {
    let sql = format!(
        "delete from media where id in (
            select id from media where trashed_at <= ?1 and {NOBODY_NAMES_IT} limit ?2) returning id"
    );
    let mut query = tx.prepare_cached(&sql)?;
    let ids = query.query_map((before, limit), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}
