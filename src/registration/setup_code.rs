//! The set-up code: in the data folder and on the terminal, and nowhere else; it dies with use.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;

use crate::accounts::{fresh_code, secret_hash, user};
use crate::db::{Db, Folder};

const FILE: &str = "setup-code";
const GROUPS: usize = 4;
const GROUP_CHARS: usize = 4;

/// The code for the admin's account, while there is no admin.
#[derive(Clone)]
pub(crate) struct SetupCode {
    code: Arc<Mutex<Option<String>>>,
    path: PathBuf,
    folder: Arc<Folder>,
}

impl SetupCode {
    /// Reads the code, or makes one where an admin is still to come.
    pub(crate) async fn open(db: &Db, folder: Arc<Folder>) -> anyhow::Result<Self> {
        let path = folder.path().join(FILE);
        let code = Self { code: Arc::default(), path, folder };
        if db.read(user::has_admin).await? {
            code.burn();
        } else {
            let found = code.read_or_write()?;
            *code.code.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        }
        Ok(code)
    }

    fn read_or_write(&self) -> anyhow::Result<String> {
        let name = self.path.display();
        match fs::read_to_string(&self.path) {
            Ok(code) if !code.trim().is_empty() => return Ok(code.trim().to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
        }
        let code = fresh()?;
        fs::write(&self.path, format!("{code}\n"))
            .with_context(|| format!("cannot write {name}"))?;
        self.folder.sync()?;
        Ok(code)
    }

    /// The code, while the set-up is still to come.
    pub(crate) fn show(&self) -> Option<String> {
        self.code.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether this is the code, however it is spaced or cased.
    pub(super) fn is_right(&self, tried: &str) -> bool {
        let canonical = |code: &str| {
            code.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_ascii_lowercase()
        };
        let expected = self.show().map(|code| canonical(&code));
        // Hashes are compared, so that how long it takes says nothing about the code.
        expected.is_some_and(|expected| secret_hash(&expected) == secret_hash(&canonical(tried)))
    }

    /// The set-up is done: there is no code any more.
    pub(crate) fn burn(&self) {
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = None;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!("cannot remove {}: {error}", self.path.display())
            }
            _ => {}
        }
    }
}

/// `k7m2-qx4w-…`, in groups that can be read out.
fn fresh() -> anyhow::Result<String> {
    let letters = fresh_code(GROUPS * GROUP_CHARS)?.to_lowercase();
    let groups: Vec<_> =
        letters.as_bytes().chunks(GROUP_CHARS).map(String::from_utf8_lossy).collect();
    Ok(groups.join("-"))
}
