//! Each query is answered by an index and in the order it stands in: none looks at a whole table, none sorts.

use std::time::Duration;

use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::caller::{Caller, PASSWORD, text};
use super::jobs;
use crate::app::App;
use crate::clock::DAY_MS;
use crate::db::plans;

/// Every table and index of words that is asked.
const TABLES: &[&str] = &[
    "candidate",
    "child",
    "couple",
    "hiding",
    "login_link",
    "media",
    "message",
    "reaction",
    "room",
    "schedule",
    "search_index",
    "server_invitation",
    "session",
    "setting",
    "stray",
    "token",
    "user",
];

/// What is read through on purpose.
const READ_THROUGH: &[&str] = &[
    // A subquery that was found by an index, and a single row.
    "SCAN (",
    "SCAN CONSTANT ROW",
    "SCAN main.search_index_config",
    // Only what is under way or waits stands in these: a start looks at each, a thumbnail is made of the first.
    "SCAN stray",
    "SCAN media USING INDEX media_waiting",
    // Guests who have a seat, each time that somebody is signed out.
    "SCAN user USING INDEX user_guest",
];
/// The index of words is asked for words in a range of rows (`<`, `><`), or for one row (`=`), never for all.
const WORDS_ASKED: &[&str] = &["M1><", "M1<", ":="];
/// What is gone only when the stories have come to their ends.
const TIDIED: &[&str] = &["candidate", "message", "room", "media", "couple"];

/// Whether a search would find something that it has to look through.
fn is_behind(db: &Connection, room: i64) -> rusqlite::Result<bool> {
    let sql = "select indexed_id < last_message_id from room where id = ?1";
    db.query_row(sql, [room], |row| row.get(0))
}

/// One of everything that is done in rooms.
async fn a_day_in_a_room(caller: &Caller, app: &App) {
    let (get, post, patch, put, delete) =
        (Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE);
    let (anna, cleo) = (caller.sign_up("anna").await, caller.sign_up("cleo").await);
    let room = json!({ "clientId": "7f1d2a52-3c70-4f0a-9d0e-5b8f0c3e2a11", "title": "우리" });
    let room = caller.ask(post.clone(), "/rooms", &anna, room).await["roomId"].clone();
    let at = |rest: &str| format!("/rooms/{room}{rest}");
    caller.ask(patch.clone(), &at(""), &anna, json!({ "title": "우리 가족" })).await;
    let link = caller.ask(post.clone(), &at("/invites"), &anna, json!({ "uses": 3 })).await;
    let token = text(&link["token"]);
    caller.ask(get.clone(), &at("/invites"), &anna, Value::Null).await;
    caller.ask(get.clone(), &format!("/rooms/invites/{token}"), "", Value::Null).await;
    let cleos =
        caller.ask(post.clone(), &format!("/rooms/invites/{token}"), &cleo, json!({})).await;
    let cleo_id = cleos["members"][1]["userId"].clone();
    let guest = json!({ "invite": token, "nickname": "할머니" });
    let guest = text(&caller.ask(post.clone(), "/auth/guest", "", guest).await["accessToken"]);
    caller.upload(&guest).await;
    caller.ask(delete.clone(), &format!("/rooms/invites/{token}"), &anna, Value::Null).await;

    let schedule = json!({ "title": "병원", "date": "2026-11-25" });
    let schedule =
        caller.ask(post.clone(), "/schedules", &anna, schedule).await["scheduleId"].clone();
    for body in [
        json!({ "content": "x", "clientId": "7f1d2a52-3c70-4f0a-9d0e-5b8f0c3e2a12" }),
        json!({ "content": "x", "clientId": "7f1d2a52-3c70-4f0a-9d0e-5b8f0c3e2a12" }),
        json!({ "content": "y", "replyTo": 5 }),
        json!({ "type": "SCHEDULE", "scheduleId": schedule }),
    ] {
        caller.ask(post.clone(), &at("/messages"), &anna, body).await;
    }
    let path = format!("/schedules/{schedule}");
    caller.ask(patch.clone(), &path, &anna, json!({ "isCompleted": true })).await;
    caller.ask(patch, &at("/messages/5"), &anna, json!({ "content": "z" })).await;
    caller.ask(put, &at("/messages/5/reactions/👍"), &cleo, Value::Null).await;
    caller.ask(delete.clone(), &at("/messages/5/reactions/👍"), &cleo, Value::Null).await;
    caller.ask(delete.clone(), &at("/messages/6?for=me"), &guest, Value::Null).await;
    caller.ask(delete.clone(), &at("/messages/5?for=all"), &anna, Value::Null).await;
    for query in ["", "?before=9", "?after=1", "?around=5"] {
        caller.ask(get.clone(), &at(&format!("/messages{query}")), &guest, Value::Null).await;
    }
    for since in [0, 4] {
        caller.ask(get.clone(), &at(&format!("/changes?since={since}")), &guest, Value::Null).await;
    }
    for query in ["", "?before=9"] {
        caller.ask(get.clone(), &at(&format!("/media{query}")), &guest, Value::Null).await;
    }
    let number = room.as_i64().expect("a number");
    while app.db.read(move |db| Ok(is_behind(db, number)?)).await.expect("readable") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let about = format!("&roomId={room}");
    for rest in ["", &about, "&limit=1", "&before=1795219200000.1.9"] {
        caller.ask(get.clone(), &format!("/search?q=병원{rest}"), &anna, Value::Null).await;
    }
    for path in ["/rooms", "/messages", "/messages?cursor=1"] {
        caller.ask(get.clone(), path, &anna, Value::Null).await;
    }
    let second = json!({ "title": "둘째 방", "memberIds": [cleo_id] });
    caller.ask(post.clone(), "/rooms", &anna, second).await;
    caller.ask(delete.clone(), &at(&format!("/members/{cleo_id}")), &anna, Value::Null).await;
    caller.ask(post, &at("/members"), &anna, json!({ "userIds": [cleo_id] })).await;
    caller.ask(delete, &at("/members/me"), &anna, Value::Null).await;
}

/// Two become a couple, help each other in, take in who waits, part, and go.
async fn a_life_as_a_couple(caller: &Caller) {
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let (dora, emil) = (caller.sign_up("dora").await, caller.sign_up("emil").await);
    for token in [&dora, &emil] {
        let group = caller.ask(post.clone(), "/rooms", token, json!({ "title": "가족" })).await;
        say_and_show(caller, token, &group["roomId"]).await;
        let child = json!({ "status": "FETAL", "fetalName": "밤비", "dueDate": "2027-03-10" });
        caller.ask(post.clone(), "/children", token, child).await;
    }
    caller.pair(&dora, &emil).await;
    let shared = caller.ask(get.clone(), "/rooms", &dora, Value::Null).await[0]["roomId"].clone();
    say_and_show(caller, &dora, &shared).await;
    let avatar = json!({ "avatar": caller.upload(&dora).await });
    caller.ask(patch.clone(), "/users/me", &dora, avatar).await;
    caller.ask(patch, "/users/me", &emil, json!({ "avatar": caller.upload(&emil).await })).await;

    for whom in ["me", "me", "partner", "partner"] {
        let link = caller.ask(post.clone(), "/users/me/login-link", &dora, json!({ "for": whom }));
        let url = text(&link.await["url"]);
        if whom == "me" {
            let token = url.split_once('#').expect("a secret").1;
            caller.ask(post.clone(), "/auth/login-link", "", json!({ "token": token })).await;
        }
    }
    caller.ask(get.clone(), "/users/me", &emil, Value::Null).await;
    caller.ask(delete.clone(), "/users/me/login-link", &emil, Value::Null).await;

    let couple =
        caller.ask(get.clone(), "/couples/me", &dora, Value::Null).await["coupleId"].clone();
    let me_too = caller.candidate("dora2", &couple).await;
    let finn = caller.candidate("finn", &couple).await;
    caller.candidate("gina", &couple).await;
    caller.ask(get, "/couples/candidates", &dora, Value::Null).await;
    let claim = |user: i64| format!("/couples/candidates/{user}");
    let me_too_token = caller.sign_in("dora2").await;
    let group = caller.ask(post.clone(), "/rooms", &me_too_token, json!({ "title": "나" })).await;
    say_and_show(caller, &me_too_token, &group["roomId"]).await;
    caller.ask(post.clone(), &claim(me_too), &dora, json!({ "as": "me" })).await;

    caller.ask(delete.clone(), "/couples/me", &dora, Value::Null).await;
    caller.ask(post.clone(), "/couples/me/stay", &dora, Value::Null).await;
    caller.ask(delete.clone(), "/couples/me", &dora, Value::Null).await;
    caller.ask(delete.clone(), "/couples/me", &emil, Value::Null).await;
    caller.ask(post, &claim(finn), &dora, json!({ "as": "partner" })).await;
    for token in [&dora, &emil] {
        let password = json!({ "password": PASSWORD });
        caller.ask(delete.clone(), "/users/me", token, password).await;
    }
}

/// Something to read, to look at, to hide and to react to.
async fn say_and_show(caller: &Caller, token: &str, room: &Value) {
    let schedule = json!({ "title": "병원", "date": "2026-11-25" });
    let schedule = caller.ask(Method::POST, "/schedules", token, schedule).await;
    for body in [
        json!({ "type": "SCHEDULE", "scheduleId": schedule["scheduleId"] }),
        json!({ "type": "IMAGE", "mediaId": caller.upload(token).await }),
        json!({ "type": "IMAGE", "mediaId": caller.upload(token).await }),
    ] {
        caller.ask(Method::POST, &format!("/rooms/{room}/messages"), token, body).await;
    }
    for (method, rest) in [
        (Method::PUT, "2/reactions/👍"),
        (Method::DELETE, "1?for=me"),
        (Method::DELETE, "3?for=all"),
    ] {
        caller.ask(method, &format!("/rooms/{room}/messages/{rest}"), token, Value::Null).await;
    }
}

/// Until everything has had its time: what was left, what nobody claimed, what nobody named, every token.
async fn half_a_year_of_tidying(app: &App) {
    for _ in 0..180 {
        app.clock.advance(DAY_MS);
        jobs::retain(app).await;
    }
}

#[tokio::test]
async fn no_query_looks_at_a_whole_table_or_sorts() {
    let (caller, running) = Caller::start().await;
    let app = caller.app.clone();
    a_day_in_a_room(&caller, &app).await;
    a_life_as_a_couple(&caller).await;
    half_a_year_of_tidying(&app).await;
    drop((caller, app));
    running.stop().await;

    let plans = plans::all(TABLES);
    assert!(plans.len() > 150, "only {} queries", plans.len());
    for table in TIDIED {
        let removal = format!("delete from {table} ");
        assert!(plans.iter().any(|(sql, _)| sql.contains(&removal)), "no {table} was removed");
    }
    let is_slow = |step: &String| {
        let is_words = step.starts_with("SCAN search_index VIRTUAL TABLE INDEX");
        let is_fine = READ_THROUGH.iter().any(|fine| step.starts_with(fine))
            || is_words && WORDS_ASKED.iter().any(|found| step.ends_with(found));
        step.starts_with("SCAN ") && !is_fine || step.contains("TEMP B-TREE")
    };
    let slow: Vec<_> = plans.iter().filter(|(_, steps)| steps.iter().any(is_slow)).collect();
    assert!(slow.is_empty(), "{slow:#?}");
    let touched = |(sql, _): &&(String, Vec<String>)| {
        sql.contains("select message_id from reaction where room_id = ?1 and message_id > ?3")
    };
    let (_, touched) = plans.iter().find(touched).expect("somebody was me all along");
    for step in [
        "message USING PRIMARY KEY (room_id=? AND id>?)",
        "reaction USING PRIMARY KEY (room_id=? AND message_id>?)",
    ] {
        assert!(touched.iter().any(|found| found.ends_with(step)), "{touched:?}");
    }
    for index in ["search_index VIRTUAL TABLE INDEX 192:M1<", "message USING INDEX message_shown"] {
        let is_used =
            |(_, steps): &(String, Vec<String>)| steps.iter().any(|step| step.contains(index));
        assert!(plans.iter().any(is_used), "{index}");
    }
}
