//! Media over HTTP: one door in for signed-in people, one door out for links.

use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH};
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::{Content, FileForm, Signature};
use super::content;
use super::download::{self, Asked};
use super::form::Form;
use super::item::{self, Attachment};
use super::poster;
use super::upload;
use crate::accounts::Person;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Client, Reply, Routes, read, routes};
use crate::ids::MediaId;
use crate::storage::{Link, Variant};

const POSTER_MAX_BYTES: usize = 512 << 10;

/// What is answered within the time of any other request.
pub(crate) fn routes() -> Routes<App> {
    routes![set_poster]
}

/// What may take as long as it takes.
pub(crate) fn uploads() -> Routes<App> {
    routes![upload_file].layer(DefaultBodyLimit::disable())
}

/// Links, outside of the API: a browser opens them by themselves.
pub(crate) fn links() -> Routes<App> {
    routes![original, thumb, poster]
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Uploaded {
    /// Absolute: the mobile app sends it as a message's content.
    #[schema(examples(
        "https://home.example/media/9312fe21b783d7c32a907d151402f874?e=1795392000&s=yd7Iv45W"
    ))]
    file_url: String,
    #[serde(flatten)]
    attachment: Attachment,
}

/// Takes a photo, a video or a file in.
#[utoipa::path(
    post, path = "/files", request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Uploaded)), extensions(("x-codes" = json!(["1402", "1429", "6417", "9507"])))
)]
async fn upload_file(
    State(app): State<App>,
    // Refused in there: who is still sending should see the answer.
    uploader: Result<Person>,
    client: Client,
    request: Request,
) -> std::result::Result<Reply<Uploaded>, (Closing, Error)> {
    let uploaded = upload(&app, uploader, &client, request).await;
    // What was not read to its end takes the connection along: say so, or the next request is sent into it.
    uploaded.map(Reply::created).map_err(|error| ([(CONNECTION, CLOSE)], error))
}

type Closing = [(HeaderName, HeaderValue); 1];
const CLOSE: HeaderValue = HeaderValue::from_static("close");

async fn upload(
    app: &App,
    uploader: Result<Person>,
    client: &Client,
    request: Request,
) -> Result<Uploaded> {
    let length = request.headers().get(CONTENT_LENGTH);
    let announced = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let form = match Form::of(request).await {
        Ok(form) => form,
        Err(error) => return Err(uploader.err().unwrap_or(error)),
    };
    // A task of its own: a caller who hangs up must not leave half a file behind.
    let receiving = tokio::spawn(upload::receive(app.clone(), uploader, form, announced));
    let id = receiving.await.map_err(anyhow::Error::from)??;
    let attachment = app.db.read(move |db| item::select_attachment(db, id)).await?;
    let attachment = attachment.with_links(&app.links);
    Ok(Uploaded { file_url: format!("{}{}", client.origin, attachment.url), attachment })
}

/// A frame for what the server cannot draw itself: a video, or a photo in a format it does not decode. Once; the same
/// again is fine.
#[utoipa::path(
    put, path = "/media/{id}/poster", request_body(content = Content, content_type = "image/jpeg"),
    params(("id" = String, Path)), responses((status = 200, body = Attachment)),
    extensions(("x-codes" = json!(["6408", "6409", "6417", "9507"])))
)]
async fn set_poster(
    State(app): State<App>,
    owner: Person,
    Path(id): Path<String>,
    request: Request,
) -> Result<Reply<Attachment>> {
    let id: MediaId = id.parse().map_err(|()| Error::NoSuchMedia)?;
    let poster = read(request.into_body(), POSTER_MAX_BYTES).await?;
    if content::sniff(&poster)?.mime != "image/jpeg" {
        return Err(Error::WrongType);
    }
    // A task of its own: a caller who hangs up must not part the file from its row.
    let setting = tokio::spawn(poster::set(app.clone(), owner, id, poster));
    setting.await.map_err(anyhow::Error::from)??;
    let attachment = app.db.read(move |db| item::select_attachment(db, id)).await?;
    Ok(Reply::ok(attachment.with_links(&app.links)))
}

/// The photo, video or file itself, whole or a range.
#[utoipa::path(
    get, path = "/media/{id}", security(()), params(("id" = String, Path), Signature),
    responses((status = 200, content_type = "*/*", body = Content), (status = 206, description = "A range."), (status = 304)),
    extensions(("x-as-is" = json!(true)), ("x-codes" = json!(["1416", "6408"])))
)]
async fn original(
    State(app): State<App>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response> {
    download::send(&app, link_of(&id, &asked.uri)?, Variant::Original, &asked).await
}

/// A small JPEG of it; a plain frame where there is none.
#[utoipa::path(
    get, path = "/media/{id}/thumb", security(()), params(("id" = String, Path), Signature),
    responses((status = 200, content_type = "*/*", body = Content), (status = 206, description = "A range."), (status = 304)),
    extensions(("x-as-is" = json!(true)), ("x-codes" = json!(["1416", "6408"])))
)]
async fn thumb(State(app): State<App>, Path(id): Path<String>, asked: Asked) -> Result<Response> {
    download::send(&app, link_of(&id, &asked.uri)?, Variant::Thumb, &asked).await
}

/// The frame that the phone chose.
#[utoipa::path(
    get, path = "/media/{id}/poster", security(()), params(("id" = String, Path), Signature),
    responses((status = 200, content_type = "*/*", body = Content), (status = 206, description = "A range."), (status = 304)),
    extensions(("x-as-is" = json!(true)), ("x-codes" = json!(["1416", "6408"])))
)]
async fn poster(State(app): State<App>, Path(id): Path<String>, asked: Asked) -> Result<Response> {
    download::send(&app, link_of(&id, &asked.uri)?, Variant::Poster, &asked).await
}

fn link_of(id: &str, uri: &Uri) -> Result<Link> {
    let id = id.parse().map_err(|()| Error::NoSuchMedia)?;
    Link::of(id, uri).ok_or(Error::NoSuchMedia)
}
