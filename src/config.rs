//! Settings: flags, then environment, then a file, then defaults; checked once, at the start.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::Targets;
use utoipa::ToSchema;

/// Settings as typed or written in the file: nothing is decided yet.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Where everything is kept [default: the platform's data folder]
    #[arg(long, global = true, env = "BAMBITALK_DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Address and port to answer on [default: 0.0.0.0:8080]
    #[arg(long, global = true, env = "BAMBITALK_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// How phones reach this server from outside, such as https://home.example
    #[arg(long, global = true, env = "BAMBITALK_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Who may make an account [default: closed]
    #[arg(long, global = true, env = "BAMBITALK_REGISTRATION", value_enum)]
    pub registration: Option<Registration>,
    /// Proxies whose forwarded addresses count, as addresses or networks [default: loopback only]
    #[arg(
        long,
        global = true,
        env = "BAMBITALK_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "NETWORKS"
    )]
    pub trusted_proxies: Option<Vec<Network>>,
    /// Other origins whose pages may call this server [default: none]
    #[arg(
        long,
        global = true,
        env = "BAMBITALK_CORS_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGINS"
    )]
    pub cors_origins: Option<Vec<String>>,
    /// Switches Kakao login on, for tokens that this Kakao app made
    #[arg(long, global = true, env = "BAMBITALK_KAKAO_APP_ID", value_name = "ID")]
    pub kakao_app_id: Option<i64>,
    /// Switches Kakao login on, for tokens of any Kakao app
    #[arg(long, global = true, env = "BAMBITALK_KAKAO_ANY_APP", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub kakao_any_app: Option<bool>,
    /// Where Kakao answers [default: https://kapi.kakao.com]
    #[arg(long, global = true, env = "BAMBITALK_KAKAO_API_URL", value_name = "URL")]
    pub kakao_api_url: Option<String>,
    /// The largest photo, video or file that is taken in [default: 512 MiB]
    #[arg(long, global = true, env = "BAMBITALK_MAX_UPLOAD", value_name = "SIZE")]
    pub max_upload: Option<ByteSize>,
    /// What the photos, videos and files of one guest may take up together [default: 1 GiB]
    #[arg(long, global = true, env = "BAMBITALK_GUEST_STORAGE", value_name = "SIZE")]
    pub guest_storage: Option<ByteSize>,
    /// Lifts all limits on tries and connections; only where nobody else can reach the server
    #[arg(long, global = true, env = "BAMBITALK_NO_RATE_LIMITS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub no_rate_limits: Option<bool>,
    /// What to log: error, warn, info, debug, trace, also by module (info,bambitalk=debug) [default: info]
    #[arg(long, global = true, env = "BAMBITALK_LOG", value_name = "LEVELS")]
    pub log: Option<String>,
}

/// Who may make an account.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Only who holds a couple's invite code.
    #[default]
    Closed,
    /// Also who holds a server invitation.
    Invite,
    /// Anybody.
    Open,
}

/// A network, or a single address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(pub IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let single = || text.parse::<IpAddr>().map(IpNet::from).ok();
        text.parse()
            .ok()
            .or_else(single)
            .map(Self)
            .ok_or_else(|| format!("{text} is neither an address nor a network such as 10.0.0.0/8"))
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.0.to_string()
    }
}

/// The settings in force.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Address and port to answer on.
    pub listen: SocketAddr,
    /// How phones reach this server from outside, without a slash at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Who may make an account.
    pub registration: Registration,
    /// Proxies whose forwarded addresses count.
    pub trusted_proxies: Vec<Network>,
    /// Other origins whose pages may call this server.
    pub cors_origins: Vec<String>,
    /// The Kakao app whose tokens count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kakao_app_id: Option<i64>,
    /// Tokens of any Kakao app count.
    pub kakao_any_app: bool,
    /// Where Kakao answers, without a slash at the end.
    pub kakao_api_url: String,
    /// The largest photo, video or file that is taken in.
    pub max_upload: ByteSize,
    /// What the photos, videos and files of one guest may take up together.
    pub guest_storage: ByteSize,
    /// No limits on tries and connections.
    pub no_rate_limits: bool,
    /// What to log.
    pub log: String,
}

impl Settings {
    /// Reads the settings file: `path`, or where it is not given the platform's place if there is a file.
    ///
    /// # Errors
    /// When a named file cannot be read, or any file has something in it that is no setting.
    pub fn from_file(path: Option<&Path>) -> Result<Self> {
        let default = dirs::config_dir().map(|folder| folder.join("bambitalk/bambitalk.toml"));
        let path = match (path, default) {
            (Some(path), _) => path.to_owned(),
            (None, Some(path)) if path.exists() => path,
            _ => return Ok(Self::default()),
        };
        let name = path.display();
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].lines().count().max(1));
            let place = line.map(|line| format!(", line {line}")).unwrap_or_default();
            anyhow::anyhow!("{name}{place}: {}", error.message().lines().next().unwrap_or_default())
        })
    }

    /// Fills what is not given here from `other`.
    pub fn or(self, other: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(other.data_dir),
            listen: self.listen.or(other.listen),
            public_url: self.public_url.or(other.public_url),
            registration: self.registration.or(other.registration),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            cors_origins: self.cors_origins.or(other.cors_origins),
            kakao_app_id: self.kakao_app_id.or(other.kakao_app_id),
            kakao_any_app: self.kakao_any_app.or(other.kakao_any_app),
            kakao_api_url: self.kakao_api_url.or(other.kakao_api_url),
            max_upload: self.max_upload.or(other.max_upload),
            guest_storage: self.guest_storage.or(other.guest_storage),
            no_rate_limits: self.no_rate_limits.or(other.no_rate_limits),
            log: self.log.or(other.log),
        }
    }

    /// Fills in the defaults and checks everything.
    ///
    /// # Errors
    /// With one line that names the setting and says what it should be.
    pub fn checked(self) -> Result<Config> {
        let config = Config {
            data_dir: self.data_dir.map_or_else(default_data_dir, Ok)?,
            listen: self.listen.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 8080))),
            public_url: self.public_url.map(|url| origin("--public-url", &url)).transpose()?,
            registration: self.registration.unwrap_or_default(),
            trusted_proxies: self.trusted_proxies.unwrap_or_else(loopback),
            cors_origins: self
                .cors_origins
                .unwrap_or_default()
                .iter()
                .map(|url| origin("--cors-origins", url))
                .collect::<Result<_>>()?,
            kakao_app_id: self.kakao_app_id,
            kakao_any_app: self.kakao_any_app.unwrap_or_default(),
            kakao_api_url: origin(
                "--kakao-api-url",
                self.kakao_api_url.as_deref().unwrap_or("https://kapi.kakao.com"),
            )?,
            max_upload: self.max_upload.unwrap_or(ByteSize::mib(512)),
            guest_storage: self.guest_storage.unwrap_or(ByteSize::gib(1)),
            no_rate_limits: self.no_rate_limits.unwrap_or_default(),
            log: self.log.unwrap_or_else(|| "info".to_owned()),
        };
        if config.no_rate_limits && !config.listen.ip().is_loopback() {
            bail!(
                "--no-rate-limits needs a loopback --listen address such as 127.0.0.1:8080, not {}",
                config.listen
            );
        }
        if config.max_upload < ByteSize::mib(1) {
            bail!("--max-upload should be at least 1 MiB, not {}", config.max_upload);
        }
        if config.max_upload > ByteSize::tib(1) {
            bail!("--max-upload should be at most 1 TiB, not {}", config.max_upload);
        }
        if let Err(error) = config.log.parse::<Targets>() {
            bail!(
                "--log should look like info or info,bambitalk=debug, not {} ({error})",
                config.log
            );
        }
        if config.data_dir.is_relative() {
            let here = std::env::current_dir()
                .context("--data-dir is relative, and there is no current folder")?;
            return Ok(Config { data_dir: here.join(config.data_dir), ..config });
        }
        Ok(config)
    }
}

impl fmt::Display for Config {
    /// As the settings file would have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&toml::to_string(self).map_err(|_| fmt::Error)?)
    }
}

fn default_data_dir() -> Result<PathBuf> {
    let Some(folder) = dirs::data_dir() else {
        bail!("no home folder is known; say where to keep the data with --data-dir")
    };
    Ok(folder.join("bambitalk"))
}

fn loopback() -> Vec<Network> {
    ["127.0.0.0/8", "::1/128"].iter().filter_map(|net| net.parse().ok()).collect()
}

/// `scheme://host[:port]` and nothing behind it but a slash.
fn origin(setting: &str, url: &str) -> Result<String> {
    let trimmed = url.trim().trim_end_matches('/');
    let rest = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['/', '?', '#', ' ', '@']) => {
            Ok(trimmed.to_owned())
        }
        _ => bail!("{setting} should look like https://home.example, not {url}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_wins_over_the_file_and_the_file_over_defaults() {
        let typed = Settings { listen: "127.0.0.1:1".parse().ok(), ..Settings::default() };
        let file: Settings = toml::from_str(
            "listen = '127.0.0.1:2'\nregistration = 'open'\ntrusted-proxies = ['10.0.0.1']",
        )
        .expect("a file");

        let config = typed.or(file).checked().expect("settings");

        assert_eq!(config.listen.port(), 1);
        assert_eq!(config.registration, Registration::Open);
        assert_eq!(config.trusted_proxies, ["10.0.0.1/32".parse().expect("a network")]);
        assert_eq!(config.log, "info");
    }

    #[test]
    fn limits_are_lifted_only_on_loopback() {
        let settings = |listen: &str| Settings {
            no_rate_limits: Some(true),
            listen: listen.parse().ok(),
            ..Settings::default()
        };
        assert!(settings("127.0.0.1:8080").checked().is_ok());
        assert!(settings("0.0.0.0:8080").checked().is_err());
    }

    #[test]
    fn a_url_with_a_path_is_refused() {
        for url in [
            "home.example",
            "https://",
            "https://home.example/app",
            "ftp://home.example",
            "https://a b",
        ] {
            let settings = Settings { public_url: Some(url.to_owned()), ..Settings::default() };
            assert!(settings.checked().is_err(), "{url}");
        }
    }

    #[test]
    fn the_example_file_names_every_setting_with_its_default() {
        let example = include_str!("../packaging/config.example.toml");
        let file: Settings = toml::from_str(example).expect("settings");
        let here = Settings { data_dir: Some("/srv/bambitalk".into()), ..Settings::default() };
        let defaults = here.clone().checked().expect("defaults");
        assert_eq!(here.or(file).checked().expect("settings").to_string(), defaults.to_string());

        let uncommented = example
            .replace("# data-dir", "data-dir")
            .replace("# public", "public")
            .replace("# kakao-app", "kakao-app");
        let all: Settings = toml::from_str(&uncommented).expect("settings");
        let named = all.checked().expect("settings").to_string();
        assert_eq!(
            named.lines().count(),
            uncommented.lines().filter(|line| line.contains(" = ")).count()
        );
    }
}
