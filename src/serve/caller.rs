//! A server in this process and who asks it things, for tests that have to look at it from inside.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::Server;
use crate::app::App;
use crate::clock::{Clock, Millis};
use crate::config::{Registration, Settings};
use crate::couples::candidate;
use crate::db::plans;
use crate::ids::{CoupleId, UserId};

pub(super) const PASSWORD: &str = "correct horse";

/// Runs until it is stopped.
pub(super) struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
    _folder: TempDir,
}

impl Running {
    pub(super) async fn stop(self) {
        drop(self.stop);
        self.served.await.expect("no panic").expect("a clean end");
    }
}

pub(super) struct Caller {
    pub(super) app: App,
    url: String,
    client: reqwest::Client,
}

impl Caller {
    /// On a fresh folder, with a clock that stands still.
    pub(super) async fn start() -> (Self, Running) {
        // Another test of this process may have done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = Settings {
            data_dir: Some(folder.path().join("data")),
            listen: "127.0.0.1:0".parse().ok(),
            registration: Some(Registration::Open),
            ..Settings::default()
        };
        let config = settings.checked().expect("settings");
        let server = Server::open(config, Clock::fake(Millis(1_795_219_200_000))).await;
        let server = server.expect("a fresh server");
        let caller = Self {
            app: server.app.clone(),
            url: format!("http://{}", server.address()),
            client: reqwest::Client::builder().no_proxy().build().expect("a client"),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        (caller, Running { stop, served, _folder: folder })
    }

    pub(super) async fn ask(&self, method: Method, path: &str, token: &str, body: Value) -> Value {
        Self::answered(self.request(method, path, token).json(&body)).await
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/api/v1{path}", self.url));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    async fn answered(request: RequestBuilder) -> Value {
        let answer = request.send().await.expect("an answer");
        let (status, url) = (answer.status(), answer.url().clone());
        let answer: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{url}: {answer}");
        answer["data"].clone()
    }

    /// How many statements the writer has run.
    pub(super) async fn count(&self) -> usize {
        self.app.db.write(|_| Ok(plans::count())).await.expect("a count")
    }

    pub(super) async fn upload(&self, token: &str) -> String {
        let photo = include_bytes!("../media/placeholder.jpg");
        let part =
            "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n";
        let body = [part.as_bytes(), photo, b"\r\n--edge--\r\n"].concat();
        let request = self.request(Method::POST, "/files", token);
        let request = request.header(CONTENT_TYPE, "multipart/form-data; boundary=edge").body(body);
        text(&Self::answered(request).await["mediaId"])
    }

    pub(super) async fn sign_up(&self, login_id: &str) -> String {
        let body =
            json!({ "loginId": login_id, "password": PASSWORD, "nickname": "안나", "role": "MOM" });
        let signed = self.ask(Method::POST, "/auth/password/signup", "", body).await;
        text(&signed["accessToken"])
    }

    pub(super) async fn sign_in(&self, login_id: &str) -> String {
        let body = json!({ "loginId": login_id, "password": PASSWORD });
        text(&self.ask(Method::POST, "/auth/password/login", "", body).await["accessToken"])
    }

    pub(super) async fn pair(&self, inviter: &str, joiner: &str) {
        let invite = self.ask(Method::POST, "/couples/invite-code", inviter, Value::Null).await;
        let code = text(&invite["inviteCode"]);
        self.ask(Method::GET, &format!("/couples/invite-code/{code}"), "", Value::Null).await;
        self.ask(Method::POST, "/couples/join", joiner, json!({ "inviteCode": code })).await;
    }

    /// Somebody who waits for this couple's word, as the mobile app's sign-up leaves them.
    pub(super) async fn candidate(&self, login_id: &str, couple: &Value) -> i64 {
        let token = self.sign_up(login_id).await;
        let user = self.ask(Method::GET, "/users/me", &token, Value::Null).await["userId"].as_i64();
        let user = UserId::new(user.expect("a number"));
        let couple = CoupleId::new(couple.as_i64().expect("a number"));
        self.app.db.write(move |tx| candidate::insert(tx, user, &[couple])).await.expect("written");
        user.get()
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
