//! An object on its way out: a file's range in large hops, read off the async threads.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use tokio::task::spawn_blocking;

/// Read at a time, and all that one stream holds of its file.
const HOP_BYTES: u64 = 256 << 10;

/// The bytes of `range`; a file that turns out shorter ends in an error, never in silence.
pub(crate) fn stream(
    file: File,
    range: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    try_unfold((Arc::new(file), range), async |(file, range)| {
        if range.is_empty() {
            return Ok(None);
        }
        let hop = range.start..range.end.min(range.start + HOP_BYTES);
        let next = hop.end..range.end;
        let reading = file.clone();
        let bytes = spawn_blocking(move || read(&reading, hop)).await??;
        Ok(Some((bytes, (file, next))))
    })
}

fn read(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes.into())
}
