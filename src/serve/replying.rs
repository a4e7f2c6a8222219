//! An answer shows each member what they may see of what it answers to: what that asks of the database does not grow with
//! them.

use reqwest::Method;
use serde_json::{Value, json};

use super::caller::{Caller, text};

/// How many statements it takes to answer in a room with so many guests.
async fn answering(caller: &Caller, name: &str, guests: usize) -> usize {
    let anna = caller.sign_up(name).await;
    let room = caller.ask(Method::POST, "/rooms", &anna, json!({ "title": "우리" })).await;
    let at = |rest: &str| format!("/rooms/{}/{rest}", room["roomId"]);
    let link = caller.ask(Method::POST, &at("invites"), &anna, json!({ "uses": 50 })).await;
    let mut last = Value::Null;
    for _ in 0..guests {
        let guest = json!({ "invite": link["token"], "nickname": "손님" });
        last = caller.ask(Method::POST, "/auth/guest", "", guest).await;
    }
    let asked = caller.ask(Method::POST, &at("messages"), &anna, json!({ "content": "x" })).await;
    let reply = json!({ "content": "y", "replyTo": asked["id"] });
    let before = caller.count().await;
    let reply = caller.ask(Method::POST, &at("messages"), &anna, reply).await;
    let counted = caller.count().await - before;
    let guest = text(&last["accessToken"]);
    let seen = caller.ask(Method::GET, &at("messages"), &guest, Value::Null).await;
    assert_eq!(seen["messages"][0]["replyTo"], reply["replyTo"]);
    counted
}

#[tokio::test]
async fn answering_asks_no_more_in_a_large_room_than_in_a_small_one() {
    let (caller, running) = Caller::start().await;
    let one = answering(&caller, "anna", 1).await;
    let many = answering(&caller, "carl", 20).await;
    drop(caller);
    running.stop().await;
    // Something else may have written in between.
    assert!(many < one + 10, "{many} statements instead of {one}");
}
