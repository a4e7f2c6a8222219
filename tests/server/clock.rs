//! What time does to tokens, codes and messages.

use serde_json::json;

use crate::app::{Person, TestApp};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

#[tokio::test]
async fn an_access_token_lives_an_hour_and_a_clock_set_back_does_not_revive_it() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;

    app.clock.advance(HOUR_MS - 1);
    assert_eq!(anna.get(&app, "/users/me").await.status, 200);
    app.clock.advance(1);
    assert_eq!(anna.get(&app, "/users/me").await.code(), "2400");
    app.clock.advance(-DAY_MS);
    assert_eq!(anna.get(&app, "/users/me").await.code(), "2400");
    app.stop().await;
}

#[tokio::test]
async fn a_refresh_repeated_within_half_a_minute_gets_the_same_answer() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;

    let first = Person::of(anna.refreshes(&app).await);
    app.clock.advance(30 * SECOND_MS);
    let again = Person::of(anna.refreshes(&app).await);

    assert_eq!((&first.access, &first.refresh), (&again.access, &again.refresh));
    assert_ne!(first.refresh, anna.refresh);
    assert_eq!(again.get(&app, "/users/me").await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_refresh_token_used_again_later_ends_the_whole_session() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;
    let thief = Person::of(anna.refreshes(&app).await);
    assert_eq!(thief.get(&app, "/users/me").await.status, 200);

    app.clock.advance(31 * SECOND_MS);
    assert_eq!(anna.refreshes(&app).await.code(), "2400");

    assert_eq!(thief.get(&app, "/users/me").await.code(), "2400");
    assert_eq!(thief.refreshes(&app).await.code(), "2400");
    assert_eq!(anna.get(&app, "/users/me").await.code(), "2400");
    app.stop().await;
}

#[tokio::test]
async fn a_session_slides_for_as_long_as_it_is_used_and_dies_after_ninety_days_without() {
    let app = TestApp::start().await;
    let mut anna = app.sign_up("anna").await;

    for _ in 0..3 {
        app.clock.advance(89 * DAY_MS);
        anna = Person::of(anna.refreshes(&app).await);
    }
    app.clock.advance(90 * DAY_MS);

    let late = anna.refreshes(&app).await;
    assert_eq!((late.status, late.code()), (401, "2403"));
    app.clock.advance(-DAY_MS);
    assert_eq!(anna.refreshes(&app).await.code(), "2400");
    app.stop().await;
}

#[tokio::test]
async fn an_invite_code_dies_after_fifteen_minutes() {
    let app = TestApp::start().await;
    let (anna, ben) = (app.sign_up("anna").await, app.sign_up("ben").await);
    let invite = anna.post(&app, "/couples/invite-code", json!({})).await;
    let code = json!({ "inviteCode": invite.data()["inviteCode"] });

    app.clock.advance(15 * MINUTE_MS);
    assert_eq!(ben.post(&app, "/couples/join", code).await.code(), "5401");

    let fresh = anna.post(&app, "/couples/invite-code", json!({})).await;
    assert_ne!(fresh.data()["inviteCode"], invite.data()["inviteCode"]);
    app.clock.advance(15 * MINUTE_MS - 1);
    let code = json!({ "inviteCode": fresh.data()["inviteCode"] });
    assert_eq!(ben.post(&app, "/couples/join", code).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn messages_keep_their_order_when_the_clock_goes_back() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;
    let rooms = anna.get(&app, "/rooms").await;
    let path = format!("/rooms/{}/messages", rooms.data()[0]["roomId"]);

    for (text, jump_ms) in [("first", 0), ("second", -DAY_MS), ("third", 3_650 * DAY_MS)] {
        app.clock.advance(jump_ms);
        // The session of an hour is gone after ten years; the room is not.
        let body = json!({ "loginId": "anna", "password": "correct horse" });
        let anna = Person::of(app.send("POST", "/auth/password/login", "", Some(body)).await);
        assert_eq!(anna.post(&app, &path, json!({ "content": text })).await.status, 201);
    }

    let body = json!({ "loginId": "anna", "password": "correct horse" });
    let anna = Person::of(app.send("POST", "/auth/password/login", "", Some(body)).await);
    let page = anna.get(&app, &path).await;
    let texts: Vec<_> = page.data()["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| m["content"].clone())
        .collect();
    assert_eq!(texts, ["third", "second", "first"]);
    app.stop().await;
}

#[tokio::test]
async fn ten_wrong_passwords_lock_an_address_out_for_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    app.sign_up("anna").await;
    let login = async |password: &str| {
        let body = json!({ "loginId": "anna", "password": password });
        app.send("POST", "/auth/password/login", "", Some(body)).await
    };

    for _ in 0..10 {
        assert_eq!(login("wrong horse").await.code(), "3409");
    }
    assert_eq!(login("correct horse").await.code(), "1429");
    app.clock.advance(15 * MINUTE_MS);
    assert_eq!(login("correct horse").await.status, 201);
    app.stop().await;
}
