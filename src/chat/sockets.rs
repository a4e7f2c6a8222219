//! What both namespaces share: letting a socket in, and noticing that it left.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use socketioxide::extract::{AckSender, SocketRef, TryData};

use super::receipt::Out;
use crate::accounts::resume;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::ids::SessionId;
use crate::live::{Announcement, Channel, Departed, Live, Namespace, SocketKey};

/// What a socket brings to prove whose it is.
pub(super) type Auth = TryData<Token>;

#[derive(Default, Deserialize)]
pub(super) struct Token {
    #[serde(default)]
    token: Value,
}

pub(super) fn key_of(socket: &SocketRef, namespace: Namespace) -> SocketKey {
    SocketKey { namespace, id: socket.id }
}

/// Authenticates a socket, lets it hear its person and its session, and notices when it leaves.
pub(super) async fn admit(
    app: &App,
    socket: &SocketRef,
    namespace: Namespace,
    TryData(auth): Auth,
) -> Result<SessionId> {
    let token = auth.unwrap_or_default().token;
    let resumed = resume(app, token.as_str().ok_or(Error::SignedOut)?).await?;
    let (person, key) = (resumed.person, key_of(socket, namespace));
    app.live.admit(socket, key, person.user, person.session, resumed.expires_at);
    let leaving = app.clone();
    socket.on_disconnect(move || {
        drop(leaving.db.write(move |tx| {
            tx.announce(Announcement::act(move |live| depart(live, key)));
            Ok(())
        }));
        async {}
    });
    Ok(person.session)
}

/// Waits until a connected socket is confirmed, or has to go. A disk that is full or a queue that is for the moment is no
/// reason to hang up: it is asked again.
pub(super) async fn confirmed<F>(socket: &SocketRef, mut ask: impl FnMut() -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    const PAUSE: Duration = Duration::from_secs(1);
    let mut asked = ask();
    loop {
        match asked.await {
            Ok(()) => return Ok(()),
            Err(error @ (Error::SignedOut | Error::NoSuchRoom | Error::GuestsMayNot)) => {
                return Err(error);
            }
            Err(_) if !socket.connected() => return Ok(()),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
        asked = ask();
    }
}

/// How an act ended that was queued, or was refused before it could be.
pub(super) async fn outcome<T>(queued: Result<impl Future<Output = Result<T>>>) -> Result<T> {
    queued?.await
}

fn depart(live: &Live, key: SocketKey) {
    tell_out(live, live.depart(key));
}

/// Tells who went out of which rooms.
pub(crate) fn tell_out(live: &Live, departed: Vec<Departed>) {
    for Departed { room, user } in departed.into_iter().filter(|gone| !live.is_quiet(gone.room)) {
        live.emit(
            Namespace::Rooms,
            Channel::Room(room),
            "out",
            &Out { room_id: room, user_id: user },
        );
    }
}

/// Answers events that do not exist: who asked for an ack is never left waiting.
pub(super) fn on_unknown(socket: &SocketRef, answer: fn(&SocketRef, AckSender, Result<Reply<()>>)) {
    socket.on_fallback(move |socket: SocketRef, ack: AckSender| {
        answer(&socket, ack, Err(Error::NoSuchPath));
        async {}
    });
}
