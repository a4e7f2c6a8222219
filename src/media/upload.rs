//! Taking a file in: streamed to disk, hashed on the way, known only when all of it is there.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::bounds::Bounds;
use super::content::{self, SNIFF_BYTES, Type};
use super::disk::{on_disk, refuse_if_full};
use super::form::{DISCARDED_OF_STRANGERS_BYTES, Form, Part};
use super::item::{self, NewItem};
use super::probe::{self, Measures};
use super::running::Place;
use super::stray;
use crate::accounts::{Person, current_person};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::MediaId;
use crate::live::Announcement;
use crate::storage::{Store, Variant, Writing};

/// The one part's name.
const FIELD: &str = "file";
/// A multipart form is a little longer than what is in it.
const FORM_BYTES: u64 = 64 << 10;
/// So much of what is to come has its room kept, and the disk is asked again after as much: who announces and does not
/// send must not keep everybody from the rest.
const ROOM_AHEAD_BYTES: u64 = 16 << 20;
/// Who is slower than this for a minute holds a place that others need.
const PACE_MIN_BYTES_PER_S: u64 = 1 << 10;
const PACE_AFTER_S: u64 = 60;
/// The first few kilobytes are here by then.
const BEGIN_MAX: Duration = Duration::from_secs(PACE_AFTER_S);

/// Takes the one file of a form in; answers its id when it is on disk and known. `announced` is the request's length, if
/// it said one.
pub(super) async fn receive(
    app: App,
    uploader: Result<Person>,
    mut form: Form,
    announced: Option<u64>,
) -> Result<MediaId> {
    let (taken, discarded_max) = match uploader {
        Ok(uploader) => (take(&app, uploader, &mut form, announced).await, usize::MAX),
        Err(error) => (Err(error), DISCARDED_OF_STRANGERS_BYTES),
    };
    if taken.is_err() {
        form.discard(discarded_max).await;
    }
    taken
}

async fn take(
    app: &App,
    uploader: Person,
    form: &mut Form,
    announced: Option<u64>,
) -> Result<MediaId> {
    let bounds = Bounds::now(app, uploader).await?;
    bounds.refuse_beyond(announced.unwrap_or_default().saturating_sub(FORM_BYTES))?;
    let mut place = app.uploads.enter(uploader.user, uploader.couple.is_none()).await?;
    place.announce(announced);
    refuse_if_full(app, place.keep_ahead(ROOM_AHEAD_BYTES)).await?;
    let begun = timeout(BEGIN_MAX, begin(form)).await.map_err(|_| Error::TooSlow)?;
    let begun = begun?;
    if begun.head.is_empty() {
        return Err(Error::NoFile);
    }
    let kind = content::sniff(&begun.head)?;
    let name = content::label(begun.part.file_name().unwrap_or_default(), kind.kind);

    let id = MediaId::random()?;
    app.db.write(move |tx| stray::insert(tx, id)).await?;
    let arriving = Arriving { id, kind, name };
    let stored = match store(app, &mut place, bounds, id, begun).await {
        Ok(writing) => finish(app, arriving, writing, form).await,
        Err(error) => Err(error),
    };
    let noted = match stored {
        Ok(new) => note(app, uploader, new).await,
        Err(error) => Err(Unnoted::Refused(error)),
    };
    match noted {
        Ok(id) => Ok(id),
        Err(Unnoted::Refused(error)) => {
            // Where this fails, the next start clears it away.
            let _ = stray::remove(app, id).await;
            Err(error)
        }
        Err(Unnoted::Unknown(error)) => Err(error),
    }
}

/// Why a file has no row.
enum Unnoted {
    /// It has none for certain.
    Refused(Error),
    /// The disk failed under the commit, or the writer died: the row may be there, so the file stays. The next start
    /// knows: the row and the end of its note in `stray` are one change.
    Unknown(Error),
}

/// The one part, and enough of it to tell what it is.
struct Begun<'a> {
    head: Bytes,
    part: Part<'a>,
}

async fn begin(form: &mut Form) -> Result<Begun<'_>> {
    let mut part = form.next_part().await?.ok_or(Error::NoFile)?;
    if part.name() != Some(FIELD) || part.file_name().is_none() {
        return Err(Error::NoFile);
    }
    let head = head(&mut part).await?;
    Ok(Begun { head, part })
}

/// A file whose first bytes are here.
struct Arriving {
    id: MediaId,
    kind: Type,
    name: String,
}

/// Writes the file as it comes; it is not there before [`finish`].
async fn store(
    app: &App,
    place: &mut Place,
    bounds: Bounds,
    id: MediaId,
    begun: Begun<'_>,
) -> Result<Writing> {
    let mut writing = app.store.begin(id, Variant::Original).await.map_err(on_disk)?;
    match copy(app, place, bounds, &mut writing, begun).await {
        Ok(()) => Ok(writing),
        Err(error) => {
            writing.abandon().await;
            Err(error)
        }
    }
}

async fn copy(
    app: &App,
    place: &mut Place,
    bounds: Bounds,
    writing: &mut Writing,
    begun: Begun<'_>,
) -> Result<()> {
    let Begun { head, mut part } = begun;
    let (since, mut room_asked_at) = (Instant::now(), 0);
    let mut next = Some(head);
    while let Some(chunk) = next {
        let bytes = chunk.len() as u64;
        bounds.refuse_beyond(writing.length() + bytes)?;
        if writing.length() - room_asked_at >= ROOM_AHEAD_BYTES {
            room_asked_at = writing.length();
            refuse_if_full(app, place.keep_ahead(ROOM_AHEAD_BYTES)).await?;
        }
        writing.write(chunk).await.map_err(on_disk)?;
        place.wrote(bytes);
        let elapsed_s = since.elapsed().as_secs();
        if elapsed_s > PACE_AFTER_S && writing.length() < elapsed_s * PACE_MIN_BYTES_PER_S {
            return Err(Error::TooSlow);
        }
        next = part.chunk().await?;
    }
    Ok(())
}

/// Brings the file to disk.
async fn finish(
    app: &App,
    arriving: Arriving,
    writing: Writing,
    form: &mut Form,
) -> Result<NewItem> {
    if let Err(error) = refuse_more(form).await {
        writing.abandon().await;
        return Err(error);
    }
    let Arriving { id, kind, name } = arriving;
    let size = writing.length();
    let sha256 = writing.finish().await.map_err(on_disk)?;
    let measures = measure(app.store.clone(), id, kind).await?;
    Ok(NewItem { id, kind, name, size, sha256, measures })
}

/// Notes the file in the database; from then on it is there.
async fn note(app: &App, uploader: Person, new: NewItem) -> std::result::Result<MediaId, Unnoted> {
    let (thumbnails, config) = (app.thumbnails.clone(), app.config.clone());
    let noted = app.db.write(move |tx| {
        let uploader = current_person(tx, uploader.session)?;
        // Another one of theirs may have been noted meanwhile.
        Bounds::of(tx, &config, uploader)?.refuse_beyond(new.size)?;
        item::insert(tx, uploader.user, &new)?;
        stray::delete(tx, new.id)?;
        tx.announce(Announcement::act(move |_| thumbnails.wake()));
        Ok(new.id)
    });
    noted.await.map_err(|error| match error {
        // Refused before or inside the change, or rolled back for want of room.
        Error::SignedOut | Error::GuestStorage | Error::DiskFull | Error::TooFast => {
            Unnoted::Refused(error)
        }
        error => Unnoted::Unknown(error),
    })
}

/// A second file is one too many: which one was meant?
async fn refuse_more(form: &mut Form) -> Result<()> {
    match form.next_part().await? {
        None => Ok(()),
        Some(_) => Err(Error::NoFile),
    }
}

async fn measure(store: Store, id: MediaId, kind: Type) -> Result<Measures> {
    let measuring = spawn_blocking(move || {
        let file = store.open_file(id, Variant::Original)?;
        Ok::<_, io::Error>(probe::measure(file, kind))
    });
    Ok(measuring.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?)
}

async fn head(part: &mut Part<'_>) -> Result<Bytes> {
    let mut head = BytesMut::new();
    while head.len() < SNIFF_BYTES {
        let Some(chunk) = part.chunk().await? else { break };
        head.extend_from_slice(&chunk);
    }
    Ok(head.freeze())
}
