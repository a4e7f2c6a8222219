//! Who calls, and under which name they reached us; forwarded headers count only from proxies we trust.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;

use crate::error::{Error, Result};

/// The calling side of a request or socket.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// Where it comes from; behind a trusted proxy, what the proxy says.
    pub(crate) address: IpAddr,
    /// `https://home.example`: the setting, else how this request reached us.
    pub(crate) origin: Arc<str>,
    /// True when the way to us is encrypted, as far as we can know.
    pub(crate) is_https: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Error::Internal(anyhow::anyhow!("the address layer is missing")))
    }
}

/// What counts as one caller: an IPv4 address, or an IPv6 /64, which is what one household has.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

impl Client {
    /// As limits know the caller.
    pub(crate) fn caller(&self) -> String {
        neighbourhood(self.address).to_string()
    }
}

/// What the address layer needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Addressing {
    /// Proxies whose forwarded headers count.
    pub(crate) trusted_proxies: Arc<[IpNet]>,
    /// How the world reaches us, without a slash at the end.
    pub(crate) public_url: Option<Arc<str>>,
    /// Other origins that may call us from a browser.
    pub(crate) allowed_origins: Arc<[String]>,
}

impl Addressing {
    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&address.to_canonical()))
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let is_forwarded = self.is_trusted(peer);
        let forwarded = |name: &str| {
            headers
                .get(name)
                .filter(|_| is_forwarded)
                .and_then(|value| value.to_str().ok())
                .map(last)
        };
        let host = forwarded("x-forwarded-host")
            .or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()))
            .unwrap_or("localhost");
        let is_https =
            forwarded("x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        let scheme = if is_https { "https" } else { "http" };
        let origin = self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{host}").into());
        // One box has a public address and one at home: only who came by the public one came encrypted.
        let is_public_https = self.public_url.as_deref().is_some_and(|url| {
            url.starts_with("https://") && authority_of(url).eq_ignore_ascii_case(host)
        });
        let address = if is_forwarded { self.forwarded_for(headers).unwrap_or(peer) } else { peer };
        Client { address: address.to_canonical(), is_https: is_https || is_public_https, origin }
    }

    /// The last address that is not one of our own proxies: what stands before it, the caller may have made up.
    fn forwarded_for(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines: Vec<_> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|line| line.to_str().ok())
            .collect();
        let hops = lines.iter().flat_map(|line| line.split(',')).rev();
        let mut nearest = None;
        for hop in hops {
            let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
            nearest = Some(address);
            if !self.is_trusted(address) {
                break;
            }
        }
        nearest
    }

    /// A browser says where a request comes from; a page elsewhere may neither change anything nor open a socket.
    fn is_welcome(&self, client: &Client, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else {
            return headers.get("sec-fetch-site").is_none_or(|site| site != "cross-site");
        };
        let Ok(origin) = origin.to_str() else { return false };
        let reached = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let authority =
            origin.split_once("://").map(|(_, authority)| authority).unwrap_or_default();
        origin.eq_ignore_ascii_case(&client.origin)
            || (!authority.is_empty() && authority.eq_ignore_ascii_case(reached))
            || authority_of(&client.origin).eq_ignore_ascii_case(authority)
            || self.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}

fn authority_of(origin: &str) -> &str {
    origin.split_once("://").map_or("", |(_, authority)| authority)
}

/// The nearest proxy's word stands last.
fn last(list: &str) -> &str {
    list.rsplit(',').next().unwrap_or(list).trim()
}

/// Notes the [`Client`] on every request and turns away what a page elsewhere sends.
pub(crate) async fn identify(
    State(addressing): State<Addressing>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
    let client = addressing.client(peer, request.headers());
    let is_guarded = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || request.uri().path().starts_with("/socket.io");
    if is_guarded && !addressing.is_welcome(&client, request.headers()) {
        return Error::CrossSite.into_response();
    }
    request.extensions_mut().insert(client);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addressing() -> Addressing {
        Addressing {
            trusted_proxies: Arc::from([
                "127.0.0.0/8".parse().expect("a net"),
                "10.0.0.0/8".parse().expect("a net"),
            ]),
            public_url: None,
            allowed_origins: Arc::from(["https://friend.example".to_owned()]),
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (axum::http::HeaderName::from_static(name), value.parse().expect("a value"))
            })
            .collect()
    }

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        let cases = [
            ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("127.0.0.1", "nonsense", "127.0.0.1"),
            ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
            ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ];
        for (peer, forwarded, expected) in cases {
            let client = addressing().client(
                peer.parse().expect("an address"),
                &headers(&[("x-forwarded-for", forwarded)]),
            );
            assert_eq!(
                client.address,
                expected.parse::<IpAddr>().expect("an address"),
                "{peer} {forwarded}"
            );
        }
    }

    #[test]
    fn only_our_own_pages_and_named_ones_are_welcome() {
        let cases = [
            (&[("host", "home.example:8080")][..], true),
            (&[("host", "home.example:8080"), ("origin", "http://home.example:8080")], true),
            (&[("host", "home.example"), ("origin", "https://evil.example")], false),
            (&[("host", "home.example"), ("origin", "null")], false),
            (&[("host", "home.example"), ("origin", "https://friend.example")], true),
            (&[("host", "home.example"), ("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("host", "up:1"),
                    ("x-forwarded-host", "home.example"),
                    ("origin", "https://home.example"),
                ],
                true,
            ),
        ];
        for (pairs, expected) in cases {
            let headers = headers(pairs);
            let client = addressing().client(IpAddr::from([127, 0, 0, 1]), &headers);
            assert_eq!(addressing().is_welcome(&client, &headers), expected, "{pairs:?}");
        }
    }
}
