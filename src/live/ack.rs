//! What a socket says, and how it is answered: acks wear the same envelope as REST.

use serde::Serialize;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use socketioxide::{SendError, SocketError};

use super::goodbye::cut;
use crate::error::{Error, Language, Result};
use crate::http::{Fields, Reply, envelope, language};

/// An event's payload: an object, or nothing; anything else is refused.
pub(crate) struct Heard(pub(crate) Result<Fields>);

impl From<TryData<serde_json::Value>> for Heard {
    fn from(TryData(payload): TryData<serde_json::Value>) -> Self {
        Self(payload.map_err(|_| Error::Invalid).and_then(Fields::of))
    }
}

/// Answers the one who asked; nobody else hears of it.
pub(crate) fn answer<T: Serialize>(socket: &SocketRef, ack: AckSender, result: Result<Reply<T>>) {
    let sent = match result {
        Ok(reply) => ack.send(&envelope::success(&reply)),
        Err(error) => {
            error.log();
            ack.send(&envelope::failure(&error, language_of(socket)))
        }
    };
    // A phone that has gone will ask again; one that does not listen is cut off, so that it does, too.
    if let Err(SendError::Socket(SocketError::InternalChannelFull)) = sent {
        cut(socket.clone());
    }
}

/// The mobile app's way: whatever the ack, a failure is also an `error` event to this socket alone.
pub(crate) fn answer_app<T: Serialize>(
    socket: &SocketRef,
    ack: AckSender,
    result: Result<Reply<T>>,
) {
    if let Err(error) = &result {
        refuse_app(socket, error);
    }
    answer(socket, ack, result);
}

/// An `error` event to this socket alone.
pub(crate) fn refuse_app(socket: &SocketRef, error: &Error) {
    let _ = socket.emit("error", &envelope::failure(error, language_of(socket)));
}

/// The language the socket asked for when it connected.
pub(crate) fn language_of(socket: &SocketRef) -> Language {
    language::preferred(&socket.req_parts().headers)
}
