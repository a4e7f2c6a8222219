//! What the database was asked in this process, for tests that look at how it is found.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

static ASKED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// How often this thread has asked.
pub(crate) fn count() -> usize {
    COUNT.get()
}

/// Notes every statement that the connection runs from now on.
pub(super) fn watch(connection: &Connection) {
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note));
}

fn note(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(_, sql) = event {
        COUNT.set(COUNT.get() + 1);
        ASKED.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned());
    }
}

/// The statements of this process that name one of `tables`, and the steps by which each is answered. Not what inserts
/// values: it looks for nothing, though its plan lists the checks that a broken foreign key would need.
pub(crate) fn all(tables: &[&str]) -> Vec<(String, Vec<String>)> {
    let asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let db = super::scratch();
    let is_query = |sql: &&String| {
        let begin = sql.trim_start().to_lowercase();
        ["select", "insert", "update", "delete"].iter().any(|verb| begin.starts_with(verb))
            && !sql.contains("values (")
            && tables.iter().any(|table| sql.contains(table))
    };
    asked.iter().filter(is_query).map(|sql| (sql.clone(), steps(&db, sql))).collect()
}

fn steps(db: &Connection, sql: &str) -> Vec<String> {
    let mut query = db.prepare(&format!("explain query plan {sql}")).expect("a query");
    let mut rows = query.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("a plan") {
        steps.push(row.get("detail").expect("a step"));
    }
    steps
}
