//! How a socket is ended: with a goodbye where it can be heard, without where not.

use std::time::Duration;

use socketioxide::extract::SocketRef;

use super::ack::refuse_app;
use super::{Live, Namespace};
use crate::error::Error;
use crate::http::Cut;

/// Says goodbye to a signed-out socket and disconnects it.
pub(super) fn end(live: &Live, namespace: Namespace, socket: SocketRef) {
    if namespace == Namespace::Chats {
        refuse_app(&socket, &Error::SignedOut);
    }
    hang_up(live, socket);
}

/// Time for a goodbye to arrive before the connection is cut.
const GOODBYE: Duration = Duration::from_secs(5);

/// Says goodbye and ends the connection under it; where even the goodbye does not fit into the buffer, at once.
pub(crate) fn hang_up(live: &Live, socket: SocketRef) {
    let connection = socket.req_parts().extensions.get::<Cut>().cloned();
    let (keep, id) = (socket.clone(), socket.id);
    if socket.disconnect().is_err() {
        return cut(keep);
    }
    // A phone leaves by itself when it hears the goodbye; whoever stays gets nothing more from us.
    if let Some(connection) = connection {
        let live = live.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GOODBYE).await;
            // In the other namespace the same connection may carry a socket that is welcome.
            if !live.is_admitted(id) {
                connection.cut();
            }
        });
    }
}

/// Cuts the connection under a socket, or, where it has none of its own (polling), hangs up as soon as there is room.
pub(super) fn cut(socket: SocketRef) {
    socket.leave_all();
    if let Some(connection) = socket.req_parts().extensions.get::<Cut>() {
        connection.cut();
    }
    tokio::spawn(async move {
        const RETRY: Duration = Duration::from_millis(250);
        while socket.connected() && socket.clone().disconnect().is_err() {
            tokio::time::sleep(RETRY).await;
        }
    });
}
