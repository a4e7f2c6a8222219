//! A login link: for a second device at once, for the partner after a day in which its owner can refuse.

use serde_json::{Value, json};

use crate::app::{Answer, Person, TestApp};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const PASSWORD: &str = "correct horse";

/// Two who are paired, each with a password.
async fn couple(app: &TestApp) -> (Person, Person) {
    let anna = app.sign_up("anna").await;
    let code = anna.post(app, "/couples/invite-code", json!({})).await;
    let ben = json!({
        "loginId": "ben", "password": PASSWORD, "nickname": "벤벤", "role": "DAD",
        "inviteCode": code.data()["inviteCode"],
    });
    (anna, Person::of(app.send("POST", "/auth/password/signup", "", Some(ben)).await))
}

async fn again(app: &TestApp, login_id: &str) -> Person {
    let body = json!({ "loginId": login_id, "password": PASSWORD });
    Person::of(app.send("POST", "/auth/password/login", "", Some(body)).await)
}

async fn link(app: &TestApp, person: &Person, whose: &str) -> Answer {
    person.post(app, "/users/me/login-link", json!({ "for": whose })).await
}

/// What stands behind the `#`.
fn token(link: &Answer) -> String {
    assert_eq!(link.status, 201, "{}", link.body);
    link.data()["url"].as_str().and_then(|url| url.split_once('#')).expect("a link").1.to_owned()
}

async fn opens(app: &TestApp, token: &str, more: Value) -> Answer {
    let mut body = json!({ "token": token });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    app.send("POST", "/auth/login-link", "", Some(body)).await
}

async fn delete(app: &TestApp, person: &Person, path: &str) -> Answer {
    app.send("DELETE", path, &person.access, None).await
}

fn ended(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.code())
}

#[tokio::test]
async fn my_own_link_opens_once_and_for_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;
    let made = link(&app, &anna, "me").await;
    assert_eq!(made.data()["worksAt"], "2026-11-21T00:00:00.000Z");
    assert_eq!(made.data()["expiresAt"], "2026-11-21T00:15:00.000Z");
    assert!(made.data()["qrSvg"].as_str().is_some_and(|svg| svg.contains("<svg")));
    let secret = token(&made);

    app.clock.advance(15 * MINUTE_MS - 1);
    let opened = opens(&app, &secret, json!({})).await;
    let device = Person::of(opened);
    assert_eq!(device.get(&app, "/users/me").await.data()["loginId"], "anna");
    assert_eq!(ended(&opens(&app, &secret, json!({})).await), (400, "2401"));

    let late = token(&link(&app, &device, "me").await);
    app.clock.advance(15 * MINUTE_MS);
    assert_eq!(ended(&opens(&app, &late, json!({})).await), (400, "2401"));
    app.stop().await;
}

#[tokio::test]
async fn a_link_dies_with_its_session_with_the_password_and_with_the_next_one() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;
    let first = token(&link(&app, &anna, "me").await);
    let second = token(&link(&app, &anna, "me").await);
    assert_eq!(ended(&opens(&app, &first, json!({})).await), (400, "2401"));
    assert_eq!(anna.post(&app, "/auth/logout", json!({})).await.status, 200);
    assert_eq!(ended(&opens(&app, &second, json!({})).await), (400, "2401"));

    let anna = again(&app, "anna").await;
    let third = token(&link(&app, &anna, "me").await);
    let change = json!({ "password": PASSWORD, "newPassword": "another meadow" });
    let changed = app.send("PUT", "/users/me/password", &anna.access, Some(change)).await;
    assert_eq!(changed.status, 200);
    assert_eq!(ended(&opens(&app, &third, json!({})).await), (400, "2401"));
    app.stop().await;
}

#[tokio::test]
async fn my_own_link_sets_no_password() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;
    let secret = token(&link(&app, &anna, "me").await);
    let stolen = opens(&app, &secret, json!({ "newPassword": "another meadow" })).await;
    assert_eq!(ended(&stolen), (400, "1401"));
    again(&app, "anna").await;
    assert_eq!(opens(&app, &secret, json!({})).await.status, 201);
    app.stop().await;
}

#[tokio::test]
async fn wrong_links_are_counted_and_right_ones_are_not() {
    let app = TestApp::start().await;
    let anna = app.sign_up("anna").await;
    for _ in 0..3 {
        let secret = token(&link(&app, &anna, "me").await);
        assert_eq!(opens(&app, &secret, json!({})).await.status, 201);
    }
    for wrong in ["btl_", "x", "btl_Zk1", "\u{0}", "a", "b", "c", "d", "e", "f"] {
        assert_eq!(ended(&opens(&app, wrong, json!({})).await), (400, "2401"), "{wrong}");
    }
    let secret = token(&link(&app, &anna, "me").await);
    assert_eq!(ended(&opens(&app, &secret, json!({})).await), (429, "1429"));
    assert_eq!(ended(&opens(&app, "", json!({})).await), (400, "1400"));
    app.stop().await;
}

#[tokio::test]
async fn the_partners_word_opens_after_a_day_and_until_the_next() {
    let app = TestApp::start().await;
    let (anna, ben) = couple(&app).await;
    let made = link(&app, &ben, "partner").await;
    assert_eq!(made.data()["worksAt"], "2026-11-22T00:00:00.000Z");
    assert_eq!(made.data()["expiresAt"], "2026-11-23T00:00:00.000Z");
    let secret = token(&made);
    let shown = anna.get(&app, "/users/me").await.data()["rescue"].clone();
    assert_eq!(shown["askedBy"], ben.get(&app, "/users/me").await.data()["userId"]);
    assert_eq!(shown["askedAt"], "2026-11-21T00:00:00.000Z");
    assert_eq!(shown["worksAt"], made.data()["worksAt"]);
    let bens = ben.get(&app, "/users/me").await;
    assert_eq!((&bens.data()["rescue"], &bens.data()["rescueAsked"]), (&Value::Null, &shown));
    assert_eq!(anna.get(&app, "/users/me").await.data()["rescueAsked"], Value::Null);

    app.clock.advance(24 * HOUR_MS - 1);
    assert_eq!(ended(&opens(&app, &secret, json!({})).await), (403, "2402"));
    app.clock.advance(1);
    let (phone, tablet) = (again(&app, "anna").await, again(&app, "anna").await);
    let rescued = opens(&app, &secret, json!({ "newPassword": "short" })).await;
    assert_eq!(ended(&rescued), (400, "3408"));
    let rescued = opens(&app, &secret, json!({ "newPassword": "another meadow" })).await;
    let rescued = Person::of(rescued);
    assert_eq!(rescued.get(&app, "/users/me").await.data()["loginId"], "anna");
    assert_eq!(rescued.get(&app, "/users/me").await.data()["rescue"], Value::Null);
    for device in [&phone, &tablet] {
        assert_eq!(device.get(&app, "/users/me").await.status, 401);
    }
    let old = json!({ "loginId": "anna", "password": PASSWORD });
    assert_eq!(app.send("POST", "/auth/password/login", "", Some(old)).await.code(), "3409");
    let new = json!({ "loginId": "anna", "password": "another meadow" });
    assert_eq!(app.send("POST", "/auth/password/login", "", Some(new)).await.status, 201);
    assert_eq!(ended(&opens(&app, &secret, json!({})).await), (400, "2401"));

    let ben = again(&app, "ben").await;
    let late = token(&link(&app, &ben, "partner").await);
    app.clock.advance(48 * HOUR_MS);
    assert_eq!(ended(&opens(&app, &late, json!({})).await), (400, "2401"));
    app.stop().await;
}

#[tokio::test]
async fn what_the_owner_refused_never_opens() {
    let app = TestApp::start().await;
    let (anna, ben) = couple(&app).await;
    let refused = token(&link(&app, &ben, "partner").await);
    assert_eq!(delete(&app, &ben, "/users/me/login-link").await.status, 200);
    assert_ne!(anna.get(&app, "/users/me").await.data()["rescue"], Value::Null, "not the asker's");
    assert_eq!(delete(&app, &anna, "/users/me/login-link").await.status, 200);
    assert_eq!(anna.get(&app, "/users/me").await.data()["rescue"], Value::Null);
    assert_eq!(ben.get(&app, "/users/me").await.data()["rescueAsked"], Value::Null);
    app.clock.advance(24 * HOUR_MS);
    assert_eq!(ended(&opens(&app, &refused, json!({})).await), (400, "2401"));

    let (anna, ben) = (again(&app, "anna").await, again(&app, "ben").await);
    let own = token(&link(&app, &anna, "me").await);
    let earlier = token(&link(&app, &ben, "partner").await);
    app.clock.advance(HOUR_MS / 2);
    let later = link(&app, &ben, "partner").await;
    assert_eq!(later.data()["worksAt"], "2026-11-23T00:30:00.000Z", "asked anew it waits anew");
    assert_eq!(ended(&opens(&app, &earlier, json!({})).await), (400, "2401"));
    assert_eq!(ended(&opens(&app, &own, json!({})).await), (400, "2401"), "its time is over");
    app.clock.advance(23 * HOUR_MS);
    assert_eq!(ended(&opens(&app, &token(&later), json!({})).await), (403, "2402"));
    app.stop().await;
}

#[tokio::test]
async fn the_partners_word_dies_when_they_part_sign_out_or_withdraw() {
    let app = TestApp::start().await;
    let (anna, ben) = couple(&app).await;
    let asked = token(&link(&app, &ben, "partner").await);
    assert_eq!(delete(&app, &ben, "/couples/me").await.status, 200);
    assert_eq!(anna.get(&app, "/users/me").await.data()["rescue"], Value::Null);
    assert_eq!(ended(&link(&app, &ben, "partner").await), (409, "5407"));
    assert_eq!(anna.post(&app, "/couples/me/stay", json!({})).await.status, 200);
    app.clock.advance(24 * HOUR_MS);
    assert_eq!(ended(&opens(&app, &asked, json!({})).await), (400, "2401"));

    for how in ["sign out", "withdraw"] {
        let ben = again(&app, "ben").await;
        let asked = token(&link(&app, &ben, "partner").await);
        let anna = again(&app, "anna").await;
        assert_ne!(anna.get(&app, "/users/me").await.data()["rescue"], Value::Null, "{how}");
        if how == "sign out" {
            assert_eq!(ben.post(&app, "/auth/logout", json!({})).await.status, 200);
        } else {
            let body = Some(json!({ "password": PASSWORD }));
            let gone = app.send("DELETE", "/users/me", &ben.access, body).await;
            assert_eq!(gone.status, 200);
        }
        assert_eq!(anna.get(&app, "/users/me").await.data()["rescue"], Value::Null, "{how}");
        app.clock.advance(24 * HOUR_MS);
        assert_eq!(ended(&opens(&app, &asked, json!({})).await), (400, "2401"), "{how}");
    }
    let anna = again(&app, "anna").await;
    assert_eq!(ended(&link(&app, &anna, "partner").await), (409, "5406"));
    assert_eq!(ended(&link(&app, &anna, "neighbour").await), (400, "1401"));
    app.stop().await;
}

#[tokio::test]
async fn somebody_may_be_asked_for_three_times_an_hour() {
    let app = TestApp::start().await;
    let (_, ben) = couple(&app).await;
    for _ in 0..3 {
        assert_eq!(link(&app, &ben, "partner").await.status, 201);
    }
    assert_eq!(ended(&link(&app, &ben, "partner").await), (429, "1429"));
    app.stop().await;
}
