//! Photos, videos and files: taken in whole or not at all, kept as they are, read by signed links.
//!
//! Content decides the type. Nothing but [`trash`] ever removes what was acknowledged, and only what nobody names.

mod bodies;
mod bounds;
mod content;
mod disk;
mod download;
mod drawer;
mod ebml;
mod form;
pub(crate) mod http;
mod isobmff;
mod item;
mod looks;
mod picture;
mod poster;
mod probe;
mod range;
mod running;
mod stray;
mod thumbnail;
mod trash;
mod upload;
mod webp;

pub(crate) use content::Kind;
pub(crate) use drawer::{draw_stdin, is_drawer};
pub(crate) use item::{
    Attached, COLUMNS, attachment, name_it, name_own_image, select_attachment, trash_unnamed,
    update_owner,
};
pub(crate) use running::Uploads;
pub(crate) use stray::clear_away;
pub(crate) use thumbnail::{Thumbnails, make_thumbnails};
pub(crate) use trash::{empty_trash, to_trash};
