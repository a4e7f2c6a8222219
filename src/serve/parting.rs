//! Others want to write while two part: what it asks of the database does not grow with what the two have.

use reqwest::Method;
use serde_json::{Value, json};

use super::caller::Caller;

/// How many statements it takes that two with so many schedules each part.
async fn parting(caller: &Caller, names: [&str; 2], schedules: usize) -> usize {
    let (anna, ben) = (caller.sign_up(names[0]).await, caller.sign_up(names[1]).await);
    caller.pair(&anna, &ben).await;
    for token in [&anna, &ben] {
        for _ in 0..schedules {
            let schedule = json!({ "title": "병원", "date": "2026-11-25" });
            caller.ask(Method::POST, "/schedules", token, schedule).await;
        }
    }
    caller.ask(Method::DELETE, "/couples/me", &anna, Value::Null).await;
    let before = caller.count().await;
    caller.ask(Method::DELETE, "/couples/me", &ben, Value::Null).await;
    let counted = caller.count().await - before;
    for token in [&anna, &ben] {
        let day = caller.ask(Method::GET, "/schedules?yearMonth=2026-11", token, Value::Null).await;
        assert_eq!(day[0]["schedules"].as_array().map(Vec::len), Some(2 * schedules));
    }
    counted
}

#[tokio::test]
async fn parting_asks_no_more_for_many_schedules_than_for_one() {
    let (caller, running) = Caller::start().await;
    let one = parting(&caller, ["anna", "ben"], 1).await;
    let many = parting(&caller, ["carl", "dora"], 20).await;
    drop(caller);
    running.stop().await;
    // Something else may have written in between.
    assert!(many < one + 10, "{many} statements instead of {one}");
}
