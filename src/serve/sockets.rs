//! Socket.IO as this server runs it.

use std::time::Duration;

use socketioxide::SocketIo;
use socketioxide::layer::SocketIoLayer;

use crate::http::MESSAGE_MAX_BYTES;

/// The library's own bound stands behind ours, which says why it closes.
const PACKET_MAX_BYTES: usize = MESSAGE_MAX_BYTES as usize;
/// Packets that wait for a slow phone; beyond it the phone is cut off and catches up. The writer fills a hundred at once,
/// so this is some thirty commits; an idle socket pays nothing for it.
const BUFFER_MAX_PACKETS: usize = 6 << 10;
/// A connection that has not authenticated by then is closed.
const CONNECT_MAX: Duration = Duration::from_secs(10);
const READ_BUFFER_BYTES: usize = 4 << 10;

/// The layer for `/socket.io/`, and the handle to emit with.
pub(super) fn build() -> (SocketIoLayer, SocketIo) {
    SocketIo::builder()
        .req_path("/socket.io")
        .ping_interval(Duration::from_secs(25))
        .ping_timeout(Duration::from_secs(20))
        .upgrade_timeout(CONNECT_MAX)
        .connect_timeout(CONNECT_MAX)
        .max_payload(PACKET_MAX_BYTES as u64)
        .ws_max_message_size(PACKET_MAX_BYTES)
        .ws_max_frame_size(PACKET_MAX_BYTES)
        .ws_read_buffer_size(READ_BUFFER_BYTES)
        .max_buffer_size(BUFFER_MAX_PACKETS)
        .build_layer()
}
