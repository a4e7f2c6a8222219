//! A frame that the phone chose for what the server cannot draw itself. Once; the same again is fine.

use ring::digest::{SHA256, digest};
use tokio::task::spawn_blocking;

use super::bounds::Bounds;
use super::content::Kind;
use super::disk::{on_disk, refuse_if_full};
use super::item::{self, Thumb};
use crate::accounts::{Person, current_person};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::MediaId;
use crate::live::Announcement;
use crate::storage::{Digest, Variant};

/// Puts the poster on disk, then notes it. To be run to its end.
pub(super) async fn set(app: App, owner: Person, id: MediaId, poster: Vec<u8>) -> Result<()> {
    let sha256: Digest =
        digest(&SHA256, &poster).as_ref().try_into().map_err(anyhow::Error::from)?;
    // One after the other: of two that come at once, the second must find the first.
    let _turn = app.posters.lock().await;
    let stored = app.db.read(move |db| item::select_stored(db, id)).await?;
    if stored.owner != owner.user || stored.kind == Kind::File {
        return Err(Error::NoSuchMedia);
    }
    if stored.poster_sha256 == Some(sha256) {
        return Ok(());
    }
    let is_drawn = stored.kind == Kind::Image && stored.thumb != Thumb::Never;
    if stored.poster_sha256.is_some() || is_drawn {
        return Err(Error::HasPoster);
    }
    let size = poster.len() as u64;
    Bounds::now(&app, owner).await?.refuse_beyond(size)?;
    refuse_if_full(&app, app.uploads.owed() + size).await?;
    let store = app.store.clone();
    let putting = spawn_blocking(move || store.put(id, Variant::Poster, &poster));
    putting.await.map_err(anyhow::Error::from)?.map_err(|error| on_disk(error.into()))?;
    let thumbnails = app.thumbnails.clone();
    let noted = app.db.write(move |tx| {
        current_person(tx, owner.session)?;
        if !item::update_poster(tx, id, sha256, size)? {
            return Err(Error::HasPoster);
        }
        tx.announce(Announcement::act(move |_| thumbnails.wake()));
        Ok(())
    });
    noted.await
}
