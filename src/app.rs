//! The few handles that every handler may need.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{Mutex, OnceCell};
use tokio_util::task::TaskTracker;

use crate::accounts::login_link::Rescues;
use crate::accounts::{Kakao, Passwords, Sessions};
use crate::chat::{Backlog, Loads, Paces};
use crate::clock::Clock;
use crate::config::Config;
use crate::couples::Invites;
use crate::db::{Db, Folder};
use crate::http::Limits;
use crate::ids::{SessionId, UserId};
use crate::live::Live;
use crate::media::{Thumbnails, Uploads};
use crate::registration::{Proofs, SetupCode};
use crate::storage::{Links, Store};

/// One server. Cheap to clone: each socket's handlers hold one.
#[derive(Clone)]
pub(crate) struct App(Arc<Handles>);

/// What an [`App`] gives access to.
pub(crate) struct Handles {
    /// One writer, a few readers.
    pub(crate) db: Db,
    /// Sockets, presence, announcements.
    pub(crate) live: Live,
    /// The time.
    pub(crate) clock: Clock,
    /// The settings in force.
    pub(crate) config: Arc<Config>,
    /// How often somebody may try.
    pub(crate) limits: Limits,
    /// Who is signed in, remembered from the database.
    pub(crate) sessions: Sessions,
    /// When rescues were asked for.
    pub(crate) rescues: Rescues,
    /// Hashing and checking passwords, two at a time.
    pub(crate) passwords: Passwords,
    /// Asks Kakao whose token it is.
    pub(crate) kakao: Kakao,
    /// Kakao accounts that proved themselves a moment ago.
    pub(crate) proofs: Proofs,
    /// What each session has waiting for the writer.
    pub(crate) loads: Loads,
    /// How fast each person sends.
    pub(crate) paces: Paces<UserId>,
    /// How fast each device comes, goes and types.
    pub(crate) moves: Paces<SessionId>,
    /// Which rooms the search index may be behind in.
    pub(crate) backlog: Backlog,
    /// Photos, videos and files on disk.
    pub(crate) store: Store,
    /// Signed links to them.
    pub(crate) links: Links,
    /// Who is uploading how much right now.
    pub(crate) uploads: Uploads,
    /// Held while a poster is put in place.
    pub(crate) posters: Mutex<()>,
    /// Wakes the maker of thumbnails.
    pub(crate) thumbnails: Thumbnails,
    /// The API's description, once somebody asked for it.
    pub(crate) description: OnceCell<Bytes>,
    /// Live invite codes.
    pub(crate) invites: Invites,
    /// The code for the admin's account, while there is none.
    pub(crate) setup_code: SetupCode,
    /// Socket events that still have to be answered.
    pub(crate) answers: TaskTracker,
    /// The data folder; it is ours as long as this lives.
    pub(crate) folder: Arc<Folder>,
}

impl App {
    /// Opens the data folder and everything in it.
    pub(crate) async fn open(config: Config, clock: Clock, live: Live) -> anyhow::Result<Self> {
        let folder = Arc::new(Folder::open(&config.data_dir)?);
        let opening = (folder.clone(), live.clone(), clock.clone());
        let runtime = tokio::runtime::Handle::current();
        let db = tokio::task::spawn_blocking(move || {
            let _runtime = runtime.enter();
            Db::open(&opening.0, opening.1, opening.2)
        })
        .await??;
        Ok(Self(Arc::new(Handles {
            sessions: Sessions::open(&db).await?,
            setup_code: SetupCode::open(&db, folder.clone()).await?,
            limits: Limits::new(clock.clone(), config.no_rate_limits),
            kakao: Kakao::new(&config),
            rescues: Rescues::default(),
            passwords: Passwords::default(),
            proofs: Proofs::default(),
            loads: Loads::default(),
            paces: Paces::of_sends(config.no_rate_limits),
            moves: Paces::of_moves(config.no_rate_limits),
            backlog: Backlog::default(),
            store: Store::open(folder.path())?,
            links: Links::open(&db, clock.clone()).await?,
            uploads: Uploads::default(),
            posters: Mutex::default(),
            thumbnails: Thumbnails::default(),
            description: OnceCell::default(),
            invites: Invites::default(),
            answers: TaskTracker::new(),
            config: Arc::new(config),
            db,
            live,
            clock,
            folder,
        })))
    }
}

impl Deref for App {
    type Target = Handles;

    fn deref(&self) -> &Handles {
        &self.0
    }
}
