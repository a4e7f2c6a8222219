//! The API's description of itself.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::TestApp;

/// What must not fall out of the description unnoticed; add a route here when it is there to stay.
const ROUTES: [&str; 66] = [
    "get /api/v1/server",
    "get /api/v1/openapi.json",
    "get /healthz",
    "post /api/v1/setup",
    "post /api/v1/auth/login",
    "post /api/v1/auth/signup",
    "post /api/v1/auth/password/signup",
    "post /api/v1/auth/password/login",
    "post /api/v1/auth/tokens/refresh",
    "post /api/v1/auth/logout",
    "get /api/v1/users/me",
    "patch /api/v1/users/me",
    "delete /api/v1/users/me",
    "post /api/v1/users/me/login-link",
    "delete /api/v1/users/me/login-link",
    "post /api/v1/auth/login-link",
    "get /api/v1/users/me/sessions",
    "delete /api/v1/users/me/sessions/{id}",
    "put /api/v1/users/me/password",
    "post /api/v1/users/me/kakao",
    "post /api/v1/couples/invite-code",
    "get /api/v1/couples/invite-code/{code}",
    "post /api/v1/couples/join",
    "get /api/v1/couples/candidates",
    "post /api/v1/couples/candidates/{id}",
    "get /api/v1/couples/me",
    "patch /api/v1/couples/me",
    "delete /api/v1/couples/me",
    "post /api/v1/couples/me/stay",
    "get /api/v1/messages",
    "get /api/v1/rooms",
    "get /api/v1/rooms/{id}/messages",
    "post /api/v1/rooms/{id}/messages",
    "get /api/v1/rooms/{id}/changes",
    "patch /api/v1/rooms/{roomId}/messages/{id}",
    "delete /api/v1/rooms/{roomId}/messages/{id}",
    "put /api/v1/rooms/{roomId}/messages/{id}/reactions/{emoji}",
    "delete /api/v1/rooms/{roomId}/messages/{id}/reactions/{emoji}",
    "post /api/v1/rooms",
    "patch /api/v1/rooms/{id}",
    "post /api/v1/rooms/{id}/members",
    "delete /api/v1/rooms/{id}/members/{userId}",
    "delete /api/v1/rooms/{id}/members/me",
    "post /api/v1/rooms/{id}/invites",
    "get /api/v1/rooms/{id}/invites",
    "get /api/v1/rooms/invites/{token}",
    "post /api/v1/rooms/invites/{token}",
    "delete /api/v1/rooms/invites/{token}",
    "post /api/v1/auth/guest",
    "post /api/v1/files",
    "put /api/v1/media/{id}/poster",
    "get /media/{id}",
    "get /media/{id}/thumb",
    "get /media/{id}/poster",
    "get /api/v1/schedules",
    "post /api/v1/schedules",
    "get /api/v1/schedules/{id}",
    "patch /api/v1/schedules/{id}",
    "delete /api/v1/schedules/{id}",
    "post /api/v1/schedules/{id}/restore",
    "get /api/v1/children",
    "post /api/v1/children",
    "get /api/v1/children/{id}",
    "patch /api/v1/children/{id}",
    "delete /api/v1/children/{id}",
    "post /api/v1/children/{id}/restore",
];

async fn document() -> Value {
    let app = TestApp::start().await;
    let document = app.send("GET", "/openapi.json", "", None).await;
    assert_eq!(document.status, 200);
    app.stop().await;
    document.body
}

fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().expect("an object").iter().map(|(name, value)| (name.as_str(), value))
}

/// (`get /path`, operation), all of them.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    object(&document["paths"])
        .flat_map(|(path, item)| {
            object(item).map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[tokio::test]
async fn every_route_is_described_and_has_a_name_of_its_own() {
    let document = document().await;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    let about: Vec<_> = object(&document["info"]).map(|(name, _)| name).collect();
    assert_eq!(about, ["description", "license", "title", "version"]);
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));

    let operations = operations(&document);
    let described: BTreeSet<&str> = operations.iter().map(|(route, _)| route.as_str()).collect();
    for route in ROUTES {
        assert!(described.contains(route), "{route} is not described");
    }
    let names: BTreeSet<_> =
        operations.iter().filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    assert_eq!(names.len(), operations.len());
}

#[tokio::test]
async fn every_route_says_what_it_does_with_an_example_of_its_success() {
    let document = document().await;
    for (route, operation) in operations(&document) {
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{route}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{route}");
        let fields: Vec<_> = object(operation).filter(|(name, _)| name.starts_with("x-")).collect();
        assert!(fields.is_empty(), "{route} keeps {fields:?}");
        let successes =
            object(&operation["responses"]).filter(|(status, _)| status.starts_with('2'));
        let mut count = 0;
        for (_, success) in successes {
            let contents = success["content"].as_object();
            for (kind, content) in contents.into_iter().flatten() {
                // Bytes speak for themselves.
                let needs_example = kind == "application/json" && !content["schema"].is_null();
                let has_example = content["example"].is_object() || content["examples"].is_object();
                assert!(has_example || !needs_example, "{route}: {content}");
                count += 1;
            }
        }
        assert!(count > 0, "{route} never succeeds");
        for (_, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            assert!(!content["example"].is_null(), "{route} has no example of what to send");
        }
    }
}

#[tokio::test]
async fn every_failure_is_one_of_the_table_under_its_status_with_an_example() {
    let page = include_str!("../../packaging/errors.md");
    let table: BTreeSet<(&str, &str)> = page
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            Some((cells.next()?, cells.next()?))
        })
        .collect();
    let document = document().await;
    let mut seen = 0;
    for (route, operation) in operations(&document) {
        for (status, response) in object(&operation["responses"]) {
            let Some(content) = response["content"].get("application/json") else { continue };
            if status.starts_with('2') || content["schema"]["allOf"].is_null() {
                continue;
            }
            let codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"].as_array();
            for code in codes.expect("codes") {
                let code = code.as_str().expect("text");
                assert!(table.contains(&(code, status)), "{route} {status} {code}");
                let example = &document["components"]["examples"][code]["value"];
                assert_eq!(example["code"], code);
                assert!(example["message"].as_str().is_some_and(|text| !text.is_empty()));
                assert!(content["examples"][code].is_object(), "{route} {status} {code}");
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "only {seen}");
}
