//! A server on a fresh folder with a fake clock, and people who send it requests.

use bambitalk::clock::{Clock, Millis};
use bambitalk::config::{Registration, Settings};
use bambitalk::serve::Server;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// 2026-11-21T00:00:00Z.
const START: Millis = Millis(1_795_219_200_000);

pub(crate) struct TestApp {
    pub(crate) clock: Clock,
    url: String,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<anyhow::Result<()>>,
    _folder: tempfile::TempDir,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(Settings { registration: Some(Registration::Open), ..Settings::default() }).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        // Another test of this process may have done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let fixed = Settings {
            data_dir: Some(folder.path().join("data")),
            listen: "127.0.0.1:0".parse().ok(),
            ..Settings::default()
        };
        let clock = Clock::fake(START);
        let config = fixed.or(settings).checked().expect("settings");
        let server = Server::open(config, clock.clone()).await.expect("a fresh server");
        let url = format!("http://{}", server.address());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { clock, url, client, stop: Some(stop), served, _folder: folder }
    }

    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        self.served.await.expect("no panic").expect("a clean end");
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answer {
        let method = method.parse().expect("a method");
        let mut request = self.client.request(method, format!("{}/api/v1{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        Answer { status, body: answer.json().await.expect("JSON") }
    }

    pub(crate) async fn sign_up(&self, login_id: &str) -> Person {
        let body = json!({ "loginId": login_id, "password": "correct horse", "nickname": "안나", "role": "MOM" });
        Person::of(self.send("POST", "/auth/password/signup", "", Some(body)).await)
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn data(&self) -> &Value {
        &self.body["data"]
    }
}

/// Somebody who signed in.
pub(crate) struct Person {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Person {
    pub(crate) fn of(answer: Answer) -> Self {
        assert!(answer.status < 300, "{}", answer.body);
        let token = |name: &str| answer.data()[name].as_str().expect("a token").to_owned();
        Self { access: token("accessToken"), refresh: token("refreshToken") }
    }

    pub(crate) async fn get(&self, app: &TestApp, path: &str) -> Answer {
        app.send("GET", path, &self.access, None).await
    }

    pub(crate) async fn post(&self, app: &TestApp, path: &str, body: Value) -> Answer {
        app.send("POST", path, &self.access, Some(body)).await
    }

    /// Refreshes with this token.
    pub(crate) async fn refreshes(&self, app: &TestApp) -> Answer {
        app.send("POST", "/auth/tokens/refresh", "", Some(json!({ "refreshToken": self.refresh })))
            .await
    }
}
