//! What time does to a child.

use serde_json::{Value, json};

use crate::app::{Answer, Person, TestApp};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Somebody whose clocks are set to Seoul's: it is nine in the morning of 21 November 2026 there.
async fn someone(app: &TestApp, login_id: &str) -> Person {
    let person = app.sign_up(login_id).await;
    let couple = json!({ "timeZone": "Asia/Seoul", "dayCount": "birthday-is-one" });
    assert_eq!(patch(app, &person, "/couples/me", couple).await.status, 200);
    person
}

async fn patch(app: &TestApp, person: &Person, path: &str, body: Value) -> Answer {
    app.send("PATCH", path, &person.access, Some(body)).await
}

/// Signs in again: a session of an hour is gone after days.
async fn again(app: &TestApp, login_id: &str) -> Person {
    let body = json!({ "loginId": login_id, "password": "correct horse" });
    Person::of(app.send("POST", "/auth/password/login", "", Some(body)).await)
}

async fn born(app: &TestApp, person: &Person, birth_date: &str) -> Answer {
    let child = json!({ "status": "BORN", "birthDate": birth_date });
    person.post(app, "/children", child).await
}

#[tokio::test]
async fn a_child_to_come_is_a_day_further_from_midnight_on() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    let bambi = json!({ "status": "FETAL", "dueDate": "2027-03-10", "fetalName": "밤비" });
    let child = anna.post(&app, "/children", bambi).await;
    assert_eq!(child.status, 201);
    let path = format!("/children/{}", child.data()["childId"]);
    let along = |child: &Answer| {
        let data = child.data();
        json!([data["dDay"], data["week"], data["dayOfWeek"]])
    };
    assert_eq!(along(&child), json!([109, 24, 3]));

    app.clock.advance(15 * HOUR_MS - 1);
    let anna = again(&app, "anna").await;
    assert_eq!(along(&anna.get(&app, &path).await), json!([109, 24, 3]));
    app.clock.advance(1);
    assert_eq!(along(&anna.get(&app, &path).await), json!([108, 24, 4]));
    let west = json!({ "timeZone": "America/New_York" });
    patch(&app, &anna, "/couples/me", west).await;
    assert_eq!(along(&anna.get(&app, &path).await), json!([109, 24, 3]));

    app.clock.advance(117 * DAY_MS);
    let anna = again(&app, "anna").await;
    assert_eq!(along(&anna.get(&app, &path).await), json!([-8, 41, 1]));
    app.stop().await;
}

#[tokio::test]
async fn nobody_is_born_tomorrow() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    let tomorrow = born(&app, &anna, "2026-11-22").await;
    assert_eq!((tomorrow.status, tomorrow.code()), (400, "7401"));
    assert_eq!(born(&app, &anna, "2026-11-21").await.status, 201);

    app.clock.advance(15 * HOUR_MS);
    let anna = again(&app, "anna").await;
    assert_eq!(born(&app, &anna, "2026-11-22").await.data()["daysOld"], 1);
    app.stop().await;
}

#[tokio::test]
async fn a_due_date_may_be_revised_and_none_is_forgotten() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    let first = json!({ "status": "FETAL", "dueDate": "2027-03-10" });
    let child = anna.post(&app, "/children", first).await;
    let path = format!("/children/{}", child.data()["childId"]);
    for due_date in ["2027-03-10", "2027-03-12", "2027-03-12", "2027-03-10"] {
        app.clock.advance(1_000);
        let changed = patch(&app, &anna, &path, json!({ "dueDate": due_date })).await;
        assert_eq!(changed.status, 200);
    }
    let history = json!([
        { "dueDate": "2027-03-10", "changedAt": "2026-11-21T00:00:00.000Z" },
        { "dueDate": "2027-03-12", "changedAt": "2026-11-21T00:00:02.000Z" },
        { "dueDate": "2027-03-10", "changedAt": "2026-11-21T00:00:04.000Z" },
    ]);
    assert_eq!(anna.get(&app, &path).await.data()["dueDateHistory"], history);

    let birth = json!({ "status": "BORN", "birthDate": "2026-11-21", "name": "하나" });
    let born = patch(&app, &anna, &path, birth).await;
    assert_eq!(born.data()["dueDateHistory"], history);
    assert_eq!(born.data()["dDay"], Value::Null);
    for number in 4..=100 {
        let due_date = format!("2027-{:02}-{:02}", number % 12 + 1, number % 28 + 1);
        let changed = patch(&app, &anna, &path, json!({ "dueDate": due_date })).await;
        assert_eq!(changed.status, 200, "{number}");
    }
    let more = patch(&app, &anna, &path, json!({ "dueDate": "2028-01-01", "name": "두리" })).await;
    assert_eq!((more.status, more.code()), (409, "7406"));
    assert_eq!(anna.get(&app, &path).await.data()["name"], "하나");
    app.stop().await;
}

#[tokio::test]
async fn days_are_counted_as_the_couple_counts_them() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    let child = born(&app, &anna, "2026-08-14").await;
    let path = format!("/children/{}", child.data()["childId"]);
    let hundredth = |child: &Answer| {
        let milestones = child.data()["milestones"].as_array().expect("milestones").clone();
        milestones.into_iter().find(|great| great["kind"] == "DAY_100").expect("the hundredth")
    };

    assert_eq!(child.data()["daysOld"], 100);
    assert_eq!(hundredth(&child), json!({ "kind": "DAY_100", "date": "2026-11-21", "dDay": 0 }));
    patch(&app, &anna, "/couples/me", json!({ "dayCount": "elapsed" })).await;
    let child = anna.get(&app, &path).await;
    assert_eq!(child.data()["daysOld"], 99);
    assert_eq!(child.data()["monthsOld"], 3);
    assert_eq!(hundredth(&child), json!({ "kind": "DAY_100", "date": "2026-11-22", "dDay": 1 }));
    app.stop().await;
}

#[tokio::test]
async fn a_child_taken_away_can_be_brought_back_for_thirty_days() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    let child = born(&app, &anna, "2026-08-14").await;
    let path = format!("/children/{}", child.data()["childId"]);
    let restore = format!("{path}/restore");
    for (waited_ms, status) in [(30 * DAY_MS - 1, 200), (30 * DAY_MS, 404)] {
        let anna = again(&app, "anna").await;
        assert_eq!(app.send("DELETE", &path, &anna.access, None).await.status, 200);
        assert_eq!(anna.get(&app, &path).await.code(), "7404");
        assert_eq!(anna.get(&app, "/children").await.data(), &json!([]));
        app.clock.advance(waited_ms);
        let anna = again(&app, "anna").await;
        assert_eq!(anna.post(&app, &restore, json!({})).await.status, status);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_couple_writes_down_twenty_children_and_no_more() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    for number in 1..=20 {
        assert_eq!(born(&app, &anna, "2026-08-14").await.status, 201, "{number}");
    }
    let more = born(&app, &anna, "2026-08-14").await;
    assert_eq!((more.status, more.code()), (409, "7405"));
    let first = anna.get(&app, "/children").await.data()[0]["childId"].clone();
    let path = format!("/children/{first}");
    assert_eq!(app.send("DELETE", &path, &anna.access, None).await.status, 200);
    assert_eq!(born(&app, &anna, "2026-08-14").await.status, 201);
    assert_eq!(anna.post(&app, &format!("{path}/restore"), json!({})).await.code(), "7405");
    app.stop().await;
}
