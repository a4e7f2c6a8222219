//! What time does to the calendar.

use serde_json::{Value, json};

use crate::app::{Answer, Person, TestApp};

const DAY_MS: i64 = 86_400_000;

/// Somebody whose clocks are set to Seoul's.
async fn someone(app: &TestApp, login_id: &str) -> Person {
    let person = app.sign_up(login_id).await;
    let zone = json!({ "timeZone": "Asia/Seoul" });
    assert_eq!(patch(app, &person, "/couples/me", zone).await.status, 200);
    person
}

async fn patch(app: &TestApp, person: &Person, path: &str, body: Value) -> Answer {
    app.send("PATCH", path, &person.access, Some(body)).await
}

async fn delete(app: &TestApp, person: &Person, path: &str) -> Answer {
    app.send("DELETE", path, &person.access, None).await
}

/// Signs in again: a session of an hour is gone after days.
async fn again(app: &TestApp, login_id: &str) -> Person {
    let body = json!({ "loginId": login_id, "password": "correct horse" });
    Person::of(app.send("POST", "/auth/password/login", "", Some(body)).await)
}

#[tokio::test]
async fn a_schedule_is_stamped_with_when_it_was_written_and_last_changed() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    let hospital = json!({ "title": "병원", "date": "2026-11-23T10:30" });

    let written = anna.post(&app, "/schedules", hospital).await;
    assert_eq!(written.status, 201);
    let path = format!("/schedules/{}", written.data()["scheduleId"]);
    app.clock.advance(90_000);
    let unchanged = patch(&app, &anna, &path, json!({ "yearMonth": "2026-11" })).await;
    assert_eq!(unchanged.data(), written.data());
    let done = patch(&app, &anna, &path, json!({ "isCompleted": true })).await;

    let mut expected = written.data().clone();
    assert_eq!(expected["createdAt"], "2026-11-21T00:00:00.000Z");
    assert_eq!(expected["date"], "2026-11-23T01:30:00.000Z");
    expected["isCompleted"] = json!(true);
    expected["updatedAt"] = json!("2026-11-21T00:01:30.000Z");
    assert_eq!(*done.data(), expected);
    assert_eq!(*anna.get(&app, &path).await.data(), expected);
    app.stop().await;
}

#[tokio::test]
async fn a_deletion_can_be_undone_for_thirty_days_and_not_a_moment_longer() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    let day = json!({ "title": "백일", "date": "2026-11-30" });
    let written = anna.post(&app, "/schedules", day).await;
    let path = format!("/schedules/{}", written.data()["scheduleId"]);
    let restore = format!("{path}/restore");
    assert_eq!(anna.post(&app, &restore, json!({})).await.data(), written.data());

    assert_eq!(delete(&app, &anna, &path).await.status, 200);
    assert_eq!(anna.get(&app, &path).await.code(), "4404");
    assert_eq!(delete(&app, &anna, &path).await.code(), "4404");
    app.clock.advance(30 * DAY_MS - 1);
    let anna = again(&app, "anna").await;
    assert_eq!(anna.post(&app, &restore, json!({})).await.data(), written.data());
    assert_eq!(anna.get(&app, &path).await.data(), written.data());

    assert_eq!(delete(&app, &anna, &path).await.status, 200);
    app.clock.advance(30 * DAY_MS);
    let anna = again(&app, "anna").await;
    let late = anna.post(&app, &restore, json!({})).await;
    assert_eq!((late.status, late.code()), (404, "4404"));
    app.stop().await;
}

#[tokio::test]
async fn a_schedule_sent_again_is_the_first_ones_answer_whatever_it_says_now() {
    let app = TestApp::start().await;
    let (anna, ben) = (someone(&app, "anna").await, someone(&app, "ben").await);
    let client_id = "0b8f2f0e-3b39-4d55-9d4b-2f6f3a7f9b10";
    let say = |title: &str| json!({ "title": title, "date": "2026-11-30", "clientId": client_id });

    let first = anna.post(&app, "/schedules", say("first")).await;
    app.clock.advance(60_000);
    let second = anna.post(&app, "/schedules", say("second")).await;
    assert_eq!((second.status, second.data()), (201, first.data()));
    let list = anna.get(&app, "/schedules?yearMonth=2026-11").await;
    assert_eq!(list.data()[0]["schedules"].as_array().map(Vec::len), Some(1));

    // Another author's id is another id.
    let bens = ben.post(&app, "/schedules", say("Ben's")).await;
    assert_eq!(bens.data()["title"], "Ben's");
    let invite = anna.post(&app, "/couples/invite-code", json!({})).await;
    let code = json!({ "inviteCode": invite.data()["inviteCode"] });
    assert_eq!(ben.post(&app, "/couples/join", code).await.status, 200);
    let again = ben.post(&app, "/schedules", say("again")).await;
    assert_eq!(again.data()["scheduleId"], bens.data()["scheduleId"]);
    assert_eq!(again.data()["coupleId"], first.data()["coupleId"]);
    app.stop().await;
}

#[tokio::test]
async fn a_span_of_days_has_at_most_a_quarter_of_a_year() {
    let app = TestApp::start().await;
    let anna = someone(&app, "anna").await;
    for date in ["2026-11-01", "2026-11-02T00:00", "2026-11-03T23:59:59.999", "2026-11-04"] {
        let body = json!({ "title": date, "date": date });
        assert_eq!(anna.post(&app, "/schedules", body).await.status, 201);
    }

    let list = anna.get(&app, "/schedules?from=2026-11-02&to=2026-11-03").await;
    let days: Vec<_> =
        list.data().as_array().expect("days").iter().map(|day| &day["date"]).collect();
    assert_eq!(days, ["2026-11-02", "2026-11-03"]);
    assert_eq!(anna.get(&app, "/schedules?from=2026-01-01&to=2026-04-02").await.status, 200);
    for wrong in [
        "from=2026-01-01&to=2026-04-03",
        "from=2026-11-03&to=2026-11-02",
        "from=2026-11-03",
        "to=2026-11-03",
        "from=2026-11-31&to=2026-12-01",
        "from=2026-11-1&to=2026-12-01",
        "yearMonth=2026-13",
        "yearMonth=2026-1",
        "yearMonth=",
        "",
    ] {
        let answer = anna.get(&app, &format!("/schedules?{wrong}")).await;
        assert_eq!((answer.status, answer.code()), (400, "1401"), "{wrong}");
    }
    for far in ["0000-01", "1899-12", "9999-12"] {
        let answer = anna.get(&app, &format!("/schedules?yearMonth={far}")).await;
        assert_eq!((answer.status, answer.data()), (200, &json!([])), "{far}");
    }
    app.stop().await;
}
