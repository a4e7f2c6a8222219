//! What requests send, for the API's description.

#![expect(dead_code, reason = "a description; nothing is made of these")]

use utoipa::{IntoParams, ToSchema};

/// Bytes.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, examples("…"))]
pub(super) struct Content(Vec<u8>);

/// One part, named `file`, with a file name.
#[derive(ToSchema)]
pub(super) struct FileForm {
    file: Content,
}

/// As links have it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Signature {
    /// Until when, in seconds since 1970.
    #[param(example = 1_795_392_000)]
    e: i64,
    #[param(example = "yd7Iv45Wtkdk3ezULotS3Bdp7dO5telUazMOjM4PtT4")]
    s: String,
}
