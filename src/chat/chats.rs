//! Namespace `/chats`: the mobile app's socket. Connecting there is entering the couple's room.

use std::convert::Infallible;
use std::sync::Arc;

use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;

use super::content::Draft;
use super::receipt::{self, UpTo};
use super::room::Place;
use super::sending;
use super::sockets::{self, Auth};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::ids::SessionId;
use crate::live::{Heard, Namespace, answer_app, hang_up, origin_of, refuse_app};

/// Opens the namespace.
pub(crate) fn open_chats(io: &SocketIo, app: &App) {
    let (admitting, greeting) = (app.clone(), app.clone());
    let admit = move |socket: SocketRef, auth: Auth| {
        let app = admitting.clone();
        async move {
            let admitted = admit(&app, &socket, auth).await;
            socket.extensions.insert(Admitted(admitted.map_err(Arc::new)));
            Ok::<_, Infallible>(())
        }
    };
    let greet = move |socket: SocketRef| greet(&greeting, socket);
    io.ns(Namespace::Chats.path(), greet.with(admit));
}

/// How letting a socket in went.
#[derive(Clone)]
struct Admitted(std::result::Result<SessionId, Arc<Error>>);

/// Authenticates, registers every event and joins the room before the client hears that it is connected: an event that
/// it sends at once would be dropped otherwise. A bad token gets in with no room and no events; nothing can be told it
/// from here, so [`greet`] does, and cuts it off.
async fn admit(app: &App, socket: &SocketRef, auth: Auth) -> Result<SessionId> {
    let session = sockets::admit(app, socket, Namespace::Chats, auth).await?;
    on_send_message(app, socket, session);
    on_read_all_messages(app, socket, session);
    sockets::on_unknown(socket, answer_app);
    let key = sockets::key_of(socket, Namespace::Chats);
    receipt::enter(app, session, Place::Current, UpTo::Nothing, socket.clone(), key).await?;
    Ok(session)
}

/// Asks once more who the socket is, and marks the partner's messages read, as the app expects of connecting; or says why
/// not and hangs up.
fn greet(app: &App, socket: SocketRef) -> impl Future<Output = ()> + use<> {
    let admitted = socket.extensions.get::<Admitted>();
    let session = admitted.map_or(Err(Arc::new(Error::SignedOut)), |admitted| admitted.0);
    let app = app.clone();
    async move {
        let arrived = match session {
            Ok(session) => arrive(&app, &socket, session).await.map_err(Arc::new),
            Err(error) => Err(error),
        };
        if let Err(error) = arrived {
            refuse_app(&socket, &error);
            hang_up(&app.live, socket);
        }
    }
}

async fn arrive(app: &App, socket: &SocketRef, session: SessionId) -> Result<()> {
    let key = sockets::key_of(socket, Namespace::Chats);
    sockets::confirmed(socket, || receipt::arrive(app, session, socket.clone(), key)).await?;
    receipt::read_all(app, session).await.inspect_err(Error::log).or(Ok(()))
}

fn on_send_message(app: &App, socket: &SocketRef, session: SessionId) {
    let app = app.clone();
    socket.on("send_message", move |socket: SocketRef, payload: TryData<Value>, ack: AckSender| {
        // Queued before the handler is spawned: handlers of one socket would overtake each other.
        let sent = Heard::from(payload)
            .0
            .and_then(|fields| Draft::of_app(&fields, &app.links))
            .map(|draft| sending::send(&app, session, Place::Current, draft));
        app.answers.track_future(async move {
            match sockets::outcome(sent).await {
                Ok(message) => {
                    let message = message.for_app(false, &origin_of(&socket));
                    answer_app(&socket, ack, Ok(Reply::ok(message)));
                }
                Err(error) => answer_app::<()>(&socket, ack, Err(in_app_codes(error))),
            }
        })
    });
}

/// A link that is not ours, and one that is not for this person, are the same to the app.
fn in_app_codes(error: Error) -> Error {
    match error {
        Error::NoSuchMedia => Error::Invalid,
        error => error,
    }
}

fn on_read_all_messages(app: &App, socket: &SocketRef, session: SessionId) {
    let app = app.clone();
    socket.on("read_all_messages", move |socket: SocketRef, ack: AckSender| {
        let read = receipt::read_all(&app, session);
        app.answers.track_future(async move {
            answer_app(&socket, ack, read.await.map(|()| Reply::done()))
        })
    });
}
