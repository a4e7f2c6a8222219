//! Asks Kakao whose access token this is. Off until the owner switches it on; the token is never kept or logged.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::config::Config;
use crate::error::{Error, Result};

/// Both calls together.
const TIME_MAX: Duration = Duration::from_secs(5);

/// The way to Kakao.
#[derive(Clone)]
pub(crate) struct Kakao {
    base: Arc<str>,
    apps: Apps,
    /// Made at the first login: certificates take memory that most servers never need.
    client: Arc<OnceCell<reqwest::Client>>,
}

#[derive(Clone, Copy)]
enum Apps {
    Off,
    Only(i64),
    Any,
}

/// Kakao REST API, "Retrieve user information".
#[derive(Deserialize)]
struct WhoAmI {
    id: i64,
}

/// Kakao REST API, "Retrieve token information".
#[derive(Deserialize)]
struct TokenInfo {
    app_id: i64,
}

impl Kakao {
    /// As the settings want it.
    pub(crate) fn new(config: &Config) -> Self {
        let apps = match (config.kakao_app_id, config.kakao_any_app) {
            (Some(id), _) => Apps::Only(id),
            (None, true) => Apps::Any,
            (None, false) => Apps::Off,
        };
        Self { base: config.kakao_api_url.as_str().into(), apps, client: Arc::default() }
    }

    /// Whether the owner switched it on.
    pub(crate) fn is_on(&self) -> bool {
        !matches!(self.apps, Apps::Off)
    }

    /// The Kakao id behind a token; [`Error::KakaoRefused`] whatever goes wrong.
    pub(crate) async fn identify(&self, token: &str) -> Result<i64> {
        let asked = tokio::time::timeout(TIME_MAX, self.ask(token)).await;
        match asked {
            Ok(Ok(id)) => Ok(id),
            Ok(Err(reason)) => {
                tracing::debug!("Kakao: {reason:#}");
                Err(Error::KakaoRefused)
            }
            Err(_) => Err(Error::KakaoRefused),
        }
    }

    async fn ask(&self, token: &str) -> anyhow::Result<i64> {
        match self.apps {
            Apps::Off => anyhow::bail!("switched off"),
            Apps::Only(app_id) => {
                let info: TokenInfo = self.get("/v1/user/access_token_info", token).await?;
                anyhow::ensure!(info.app_id == app_id, "the token is another app's");
            }
            Apps::Any => {}
        }
        let who: WhoAmI = self.get("/v2/user/me", token).await?;
        Ok(who.id)
    }

    async fn get<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        token: &str,
    ) -> anyhow::Result<T> {
        let client = self.client.get_or_try_init(|| async { client() }).await?;
        let answer = client
            .get(format!("{}{path}", self.base))
            .bearer_auth(token)
            .send()
            .await
            .map_err(reqwest::Error::without_url)?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(TIME_MAX)
        // Logins are rare: a connection kept for the next one would mostly have died meanwhile, and the login with it.
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}
