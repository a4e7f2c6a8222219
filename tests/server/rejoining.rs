//! Two who part and come together again, as often as they like.

use serde_json::{Value, json};

use crate::app::{Answer, Person, TestApp};

async fn join(app: &TestApp, inviter: &Person, joiner: &Person) -> Answer {
    let invite = inviter.post(app, "/couples/invite-code", json!({})).await;
    joiner.post(app, "/couples/join", json!({ "inviteCode": invite.data()["inviteCode"] })).await
}

async fn couple(app: &TestApp, names: [&str; 2]) -> [Person; 2] {
    let [anna, ben] = [app.sign_up(names[0]).await, app.sign_up(names[1]).await];
    assert_eq!(join(app, &anna, &ben).await.status, 200);
    [anna, ben]
}

async fn part(app: &TestApp, couple: &[Person; 2]) {
    for person in couple {
        assert_eq!(app.send("DELETE", "/couples/me", &person.access, None).await.status, 200);
    }
}

/// Parts and joins, with either of the two as the one who leaves and the one who joins.
async fn part_and_join(app: &TestApp, couple: &mut [Person; 2]) {
    for is_other in [false, true, true, false] {
        part(app, couple).await;
        couple.rotate_left(usize::from(is_other));
        assert_eq!(join(app, &couple[0], &couple[1]).await.status, 200);
    }
}

/// The titles of a November's schedules.
async fn titles(app: &TestApp, person: &Person) -> Vec<Value> {
    let month = person.get(app, "/schedules?yearMonth=2026-11").await;
    let days = month.data().as_array().expect("days").iter();
    let schedules = days.flat_map(|day| day["schedules"].as_array().expect("schedules"));
    schedules.map(|schedule| schedule["title"].clone()).collect()
}

#[tokio::test]
async fn schedules_that_say_the_same_are_as_many_as_before() {
    let app = TestApp::start().await;
    let mut couple = couple(&app, ["anna", "ben"]).await;
    for person in &couple {
        for _ in 0..4 {
            let milk = json!({ "title": "우유", "date": "2026-11-25" });
            assert_eq!(person.post(&app, "/schedules", milk).await.status, 201);
        }
    }
    part_and_join(&app, &mut couple).await;
    assert_eq!(titles(&app, &couple[0]).await, vec!["우유"; 8]);
    app.stop().await;
}

/// The children but for their ids.
async fn children(app: &TestApp, person: &Person) -> Vec<Value> {
    let mut children = person.get(app, "/children").await.data().clone();
    let children = children.as_array_mut().expect("children");
    for child in children.iter_mut() {
        child.as_object_mut().expect("a child").remove("childId");
    }
    std::mem::take(children)
}

#[tokio::test]
async fn children_of_whom_nothing_was_changed_stand_once() {
    let app = TestApp::start().await;
    let mut couple = couple(&app, ["anna", "ben"]).await;
    let client_id = "7f1d2a52-3c70-4f0a-9d0e-5b8f0c3e2a11";
    let bambi = json!({ "status": "FETAL", "fetalName": "밤비", "dueDate": "2027-03-10", "clientId": client_id });
    let path = format!(
        "/children/{}",
        couple[0].post(&app, "/children", bambi.clone()).await.data()["childId"]
    );
    for due_date in ["2027-03-12", "2027-03-08"] {
        let revised = json!({ "dueDate": due_date });
        let answer = app.send("PATCH", &path, &couple[1].access, Some(revised)).await;
        assert_eq!(answer.status, 200);
    }
    for _ in 0..2 {
        let twin = json!({ "status": "BORN", "birthDate": "2026-08-14" });
        assert_eq!(couple[1].post(&app, "/children", twin).await.status, 201);
    }
    let gone = json!({ "status": "BORN", "birthDate": "2026-08-15" });
    let gone = couple[0].post(&app, "/children", gone).await.data()["childId"].clone();
    app.send("DELETE", &format!("/children/{gone}"), &couple[0].access, None).await;

    let before = children(&app, &couple[0]).await;
    assert_eq!(before.len(), 3);
    part_and_join(&app, &mut couple).await;
    assert_eq!(children(&app, &couple[0]).await, before);
    let again = couple[0].post(&app, "/children", bambi).await;
    assert_eq!(again.data()["dueDate"], "2027-03-08", "sent again it is still the same");
    app.stop().await;
}

#[tokio::test]
async fn a_child_whom_either_changed_stands_beside_the_other() {
    let app = TestApp::start().await;
    let couple = couple(&app, ["anna", "ben"]).await;
    let [anna, ben] = &couple;
    for due_date in ["2027-03-10", "2027-03-11"] {
        let child = json!({ "status": "FETAL", "dueDate": due_date });
        assert_eq!(anna.post(&app, "/children", child).await.status, 201);
    }
    part(&app, &couple).await;
    let child = ben.get(&app, "/children").await.data()[0]["childId"].clone();
    // Said twice, it is the same date as before, but not the same story.
    for due_date in ["2027-03-12", "2027-03-10"] {
        let revised = json!({ "dueDate": due_date });
        app.send("PATCH", &format!("/children/{child}"), &ben.access, Some(revised)).await;
    }
    assert_eq!(join(&app, anna, ben).await.status, 200);
    let children = children(&app, anna).await;
    let said = children.iter().map(|child| child["dueDateHistory"].as_array().map(Vec::len));
    assert_eq!(said.collect::<Vec<_>>(), [Some(1), Some(3), Some(1)]);
    app.stop().await;
}

/// Writes children down and takes them away again.
async fn takes_away(app: &TestApp, person: &Person, count: usize) {
    let child = json!({ "status": "BORN", "birthDate": "2026-08-14" });
    for _ in 0..count {
        let written = person.post(app, "/children", child.clone()).await;
        assert_eq!(written.status, 201);
        let path = format!("/children/{}", written.data()["childId"]);
        assert_eq!(app.send("DELETE", &path, &person.access, None).await.status, 200);
    }
}

#[tokio::test]
async fn two_who_have_too_much_stay_as_they_are_and_may_join_others() {
    let app = TestApp::start().await;
    let [anna, ben, carl] =
        [app.sign_up("anna").await, app.sign_up("ben").await, app.sign_up("carl").await];
    takes_away(&app, &anna, 199).await;
    takes_away(&app, &ben, 1).await;
    let child = json!({ "status": "BORN", "birthDate": "2026-08-14" });
    assert_eq!(anna.post(&app, "/children", child.clone()).await.status, 201);
    let full = anna.post(&app, "/children", child).await;
    assert_eq!((full.status, full.code()), (409, "7405"), "what is taken away counts, too");

    let invite = anna.post(&app, "/couples/invite-code", json!({})).await;
    let code = json!({ "inviteCode": invite.data()["inviteCode"] });
    let refused = ben.post(&app, "/couples/join", code.clone()).await;
    assert_eq!((refused.status, refused.code()), (409, "5408"));
    for person in [&anna, &ben] {
        let couple = person.get(&app, "/couples/me").await;
        assert_eq!(couple.data()["members"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(children(&app, &anna).await.len(), 1);
    let joined = carl.post(&app, "/couples/join", code).await;
    assert_eq!(joined.status, 200, "the code is alive, and who brings nothing is welcome");

    let mut couple = [anna, carl];
    part_and_join(&app, &mut couple).await;
    assert_eq!(children(&app, &couple[0]).await.len(), 1);
    app.stop().await;
}
