//! Namespace `/rooms`: every other client's socket. It hears its person; a room's live events only while it is inside.

use std::fmt;

use futures_util::TryFutureExt;
use serde::Serialize;
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;

use super::acts::{self, For, Reactions, Target};
use super::content::{Draft, text};
use super::message::Message;
use super::receipt::{self, UpTo};
use super::room::{Place, Seat};
use super::sending;
use super::sockets::{self, Auth, key_of};
use crate::accounts;
use crate::app::App;
use crate::error::Result;
use crate::http::{Fields, Reply};
use crate::ids::{RoomId, SessionId};
use crate::live::{Announcement, Heard, Namespace, answer, hang_up};

/// Opens the namespace.
pub(crate) fn open_rooms(io: &SocketIo, app: &App) {
    let (admitting, greeting) = (app.clone(), app.clone());
    let admit = move |socket: SocketRef, auth: Auth| {
        let app = admitting.clone();
        async move { admit(&app, &socket, auth).await.map_err(|error| Code(error.entry().code)) }
    };
    let greet = move |socket: SocketRef| greet(&greeting, socket);
    io.ns(Namespace::Rooms.path(), greet.with(admit));
}

/// A refusal as `connect_error` carries it: the library takes no structured data there.
#[derive(Debug)]
struct Code(&'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Authenticates and registers every event before the client hears that it is connected: an event that it sends at once
/// would be dropped otherwise.
async fn admit(app: &App, socket: &SocketRef, auth: Auth) -> Result<()> {
    let session = sockets::admit(app, socket, Namespace::Rooms, auth).await?;
    socket.extensions.insert(session);
    on(app, socket, session, "enter", enter);
    on(app, socket, session, "exit", exit);
    on(app, socket, session, "send", send);
    on(app, socket, session, "read", read);
    on(app, socket, session, "typing", typing);
    on(app, socket, session, "edit", edit);
    on(app, socket, session, "delete", delete);
    on(app, socket, session, "react", react);
    sockets::on_unknown(socket, answer);
    Ok(())
}

/// Connected for certain: a session that ended while the socket was let in has missed it, so it is asked for once more.
fn greet(app: &App, socket: SocketRef) -> impl Future<Output = ()> + use<> {
    let key = key_of(&socket, Namespace::Rooms);
    let session = socket.extensions.get::<SessionId>();
    let (app, confirmed) = (app.clone(), socket.clone());
    async move {
        let Some(session) = session else { return hang_up(&app.live, socket) };
        let confirming = || {
            let confirmed = confirmed.clone();
            app.db.write(move |tx| {
                let user = accounts::current_person(tx, session)?.user;
                tx.announce(Announcement::act(move |live| live.confirm(&confirmed, key, user)));
                Ok(())
            })
        };
        if sockets::confirmed(&socket, confirming).await.is_err() {
            let _ = socket.emit("session_ended", &serde_json::json!({ "reason": "signed-out" }));
            hang_up(&app.live, socket);
        }
    }
}

/// Registers an act. Its synchronous part, up to queueing the write, runs in the order of arrival; the rest is spawned.
fn on<F, T, A>(app: &App, socket: &SocketRef, session: SessionId, event: &'static str, act: A)
where
    A: Fn(&App, SessionId, &SocketRef, &Fields) -> Result<F> + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Reply<T>>> + Send + 'static,
    T: Serialize + Send + 'static,
{
    let app = app.clone();
    socket.on(event, move |socket: SocketRef, payload: TryData<Value>, ack: AckSender| {
        let queued = Heard::from(payload).0.and_then(|fields| act(&app, session, &socket, &fields));
        app.answers.track_future(async move {
            answer(&socket, ack, sockets::outcome(queued).await);
        })
    });
}

fn room_of(fields: &Fields) -> Result<RoomId> {
    Ok(RoomId::new(fields.required_number("roomId")?))
}

#[derive(Serialize)]
struct Entered {
    present: Vec<crate::ids::UserId>,
    #[serde(flatten)]
    reads: receipt::Reads,
}

fn enter(
    app: &App,
    session: SessionId,
    socket: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<Entered>>> + use<>> {
    let place = Place::Room(room_of(fields)?);
    let up_to = if fields.flag("read")?.unwrap_or(true) { UpTo::Newest } else { UpTo::Nothing };
    app.moves.take(session, app.clock.now())?;
    let entering = receipt::enter(
        app,
        session,
        place,
        up_to,
        socket.clone(),
        key_of(socket, Namespace::Rooms),
    );
    let app = app.clone();
    Ok(async move {
        let (Seat { user, room }, reads) = entering.await?;
        Ok(Reply::ok(Entered { present: app.live.present_to(room, user), reads }))
    })
}

fn exit(
    app: &App,
    session: SessionId,
    socket: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<()>>> + use<>> {
    let (room, key) = (room_of(fields)?, key_of(socket, Namespace::Rooms));
    app.moves.take(session, app.clock.now())?;
    let exiting = receipt::exit(app, session, room, socket.clone(), key);
    Ok(async { exiting.await.map(|()| Reply::done()) })
}

fn send(
    app: &App,
    session: SessionId,
    _: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<Message>>> + use<>> {
    let place = Place::Room(room_of(fields)?);
    Ok(sending::send(app, session, place, Draft::of(fields)?).map_ok(Reply::ok))
}

fn read(
    app: &App,
    session: SessionId,
    _: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<receipt::Info>>> + use<>> {
    let reading =
        receipt::read(app, session, room_of(fields)?, fields.required_number("messageId")?);
    Ok(reading.map_ok(Reply::ok))
}

fn typing(
    app: &App,
    session: SessionId,
    socket: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<()>>> + use<>> {
    let (room, key) = (room_of(fields)?, key_of(socket, Namespace::Rooms));
    app.moves.take(session, app.clock.now())?;
    Ok(receipt::typing(app, session, room, key).map_ok(|()| Reply::done()))
}

fn target_of(fields: &Fields) -> Result<Target> {
    Ok(Target { room: room_of(fields)?, id: fields.required_number("messageId")? })
}

fn edit(
    app: &App,
    session: SessionId,
    _: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<Message>>> + use<>> {
    Ok(acts::edit(app, session, target_of(fields)?, text(fields)?).map_ok(Reply::ok))
}

fn delete(
    app: &App,
    session: SessionId,
    _: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<()>>> + use<>> {
    let (target, whom) = (target_of(fields)?, For::named(fields.text("for")?)?);
    Ok(acts::delete(app, session, target, whom).map_ok(|()| Reply::done()))
}

/// `on: false` takes it back.
fn react(
    app: &App,
    session: SessionId,
    _: &SocketRef,
    fields: &Fields,
) -> Result<impl Future<Output = Result<Reply<Reactions>>> + use<>> {
    let (target, emoji) = (target_of(fields)?, fields.required_text("emoji")?);
    let is_on = fields.flag("on")?.unwrap_or(true);
    Ok(acts::react(app, session, target, emoji, is_on)?.map_ok(Reply::ok))
}
