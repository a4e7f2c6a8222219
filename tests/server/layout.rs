//! Holds the lines of the house by reading `src`: who may use whom, where a table is written, how long a file may be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 600;
const FLOOR: [&str; 4] = ["db", "http", "live", "storage"];
/// Each may use those before it.
const FEATURES: [&str; 8] =
    ["accounts", "media", "chat", "schedules", "children", "couples", "registration", "control"];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    let relative = |path: &Path| path.strip_prefix(&root).expect("below src").to_owned();
    paths.iter().map(|path| (relative(path), fs::read_to_string(path).expect("readable"))).collect()
}

fn folder(path: &Path) -> &str {
    path.iter().next().and_then(|name| name.to_str()).expect("a name")
}

fn uses(text: &str, folder: &str) -> bool {
    text.contains(&format!("crate::{folder}"))
}

#[test]
fn the_floor_names_no_feature() {
    for (path, text) in sources().iter().filter(|(path, _)| FLOOR.contains(&folder(path))) {
        for above in FEATURES.iter().chain(&["serve", "cli", "app"]) {
            assert!(!uses(text, above), "{} uses {above}", path.display());
        }
    }
}

#[test]
fn features_use_each_other_in_one_direction() {
    for (at, feature) in FEATURES.iter().enumerate() {
        for (path, text) in sources().iter().filter(|(path, _)| folder(path) == *feature) {
            for above in FEATURES[at + 1..].iter().chain(&["serve", "cli"]) {
                assert!(!uses(text, above), "{} uses {above}", path.display());
            }
        }
    }
}

#[test]
fn a_table_is_written_in_the_file_with_its_name() {
    let homes = [
        ("setting", "db/setting.rs"),
        ("couple", "couples/couple.rs"),
        ("user", "accounts/user.rs"),
        ("session", "accounts/session.rs"),
        ("token", "accounts/token.rs"),
        ("login_link", "accounts/login_link.rs"),
        ("server_invitation", "registration/invitation.rs"),
        ("candidate", "couples/candidate.rs"),
        ("room", "chat/room.rs"),
        ("room_member", "chat/member.rs"),
        ("room_invite", "chat/invite.rs"),
        ("reaction", "chat/reaction.rs"),
        ("hiding", "chat/hiding.rs"),
        ("message", "chat/message.rs"),
        ("search_index", "chat/search_index.rs"),
        ("media", "media/item.rs"),
        ("stray", "media/stray.rs"),
        ("schedule", "schedules/schedule.rs"),
        ("child", "children/child.rs"),
        ("child_due_date", "children/due_date.rs"),
    ];
    let mut written = Vec::new();
    for (path, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (table, home) in homes {
            let writes = [
                format!("insert into {table} "),
                format!("update {table} set"),
                format!("delete from {table} "),
            ];
            if writes.iter().any(|write| code.contains(write)) {
                assert_eq!(path, Path::new(home), "{} writes to {table}", path.display());
                written.push(table);
            }
        }
    }
    assert_eq!(written.len(), homes.len(), "a table nobody writes: {written:?}");
}

#[test]
fn only_the_database_folder_opens_connections() {
    for (path, text) in sources().iter().filter(|(path, _)| folder(path) != "db") {
        assert!(!text.contains("Connection::open"), "{}", path.display());
    }
}

#[test]
fn no_route_is_reached_undescribed() {
    for (path, text) in sources().iter().filter(|(path, _)| !path.ends_with("http/routes.rs")) {
        assert!(!text.contains(".route("), "{} has a route without a description", path.display());
    }
}

#[test]
fn described_types_have_names_of_their_own() {
    let mut homes = BTreeMap::new();
    for (path, text) in sources() {
        let mut is_described = false;
        for line in text.lines() {
            is_described |= line.starts_with("#[derive(") && line.contains("ToSchema");
            let name = line.split_once("struct ").or_else(|| line.split_once("enum "));
            let Some((_, rest)) = name.filter(|_| is_described && !line.starts_with("#[")) else {
                continue;
            };
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            is_described = false;
            let other = homes.insert(name, path.clone());
            assert!(other.is_none(), "{line} is in {} and {other:?}", path.display());
        }
    }
    assert!(homes.len() > 30, "{homes:?}");
}

#[test]
fn files_stay_short_enough_to_read() {
    for (path, text) in sources() {
        assert!(
            text.lines().count() <= LINES_MAX,
            "{} has {} lines",
            path.display(),
            text.lines().count()
        );
        assert!(text.starts_with("//! "), "{} does not say what it holds", path.display());
    }
}
