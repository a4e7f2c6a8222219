//! What the terminal shows at the start.

use std::net::{IpAddr, SocketAddr};

use fast_qr::QRBuilder;

use crate::app::App;
use crate::error::Result;

/// Version, data folder and what is in it, addresses, a QR of the one for phones, the set-up code.
pub(super) async fn print(app: &App, address: SocketAddr) {
    println!("BambiTalk {}", env!("CARGO_PKG_VERSION"));
    let contents = contents(app).await.unwrap_or_else(|error| format!("unreadable: {error}"));
    println!("Data    {} ({contents})", app.config.data_dir.display());
    let urls = urls(app, address);
    for (at, url) in urls.iter().enumerate() {
        println!("{}{url}", if at == 0 { "Open    " } else { "        " });
    }
    let is_own = |url: &&String| url.contains("127.0.0.1") || url.contains("[::1]");
    let public = app.config.public_url.as_ref();
    let for_phones = urls.iter().find(|url| !is_own(url) && Some(*url) != public);
    if let Some(qr) = for_phones.and_then(|url| QRBuilder::new(url.as_str()).build().ok()) {
        println!("\nOn a phone in the same network, scan:\n{}", qr.to_str());
    }
    if let Some(code) = app.setup_code.show() {
        println!("\nSet-up code: {code}");
        println!("It makes the first account, which is the admin's, and dies with use.");
        println!("It is also in {}.", app.config.data_dir.join("setup-code").display());
    }
    println!();
}

async fn contents(app: &App) -> Result<String> {
    let (people, messages): (i64, i64) = app
        .db
        .read(|db| {
            let sql = "
                select (select count(*) from user where withdrawn_at is null), (select coalesce(sum(last_message_id), 0) from room)";
            Ok(db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
        .await?;
    let count = |number: i64, one: &str, many: &str| {
        format!("{number} {}", if number == 1 { one } else { many })
    };
    Ok(match people {
        0 => "new and empty".to_owned(),
        _ => format!(
            "{}, {}",
            count(people, "person", "people"),
            count(messages, "message", "messages")
        ),
    })
}

/// The public one, then how the home network reaches us.
fn urls(app: &App, address: SocketAddr) -> Vec<String> {
    let mut urls: Vec<String> = app.config.public_url.iter().cloned().collect();
    if !address.ip().is_unspecified() {
        urls.push(format!("http://{address}"));
        return urls;
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let reachable = interfaces
        .into_iter()
        .filter(|interface| !interface.is_loopback())
        .map(|interface| interface.ip());
    let reachable =
        reachable.filter(|ip| (ip.is_ipv4() || address.is_ipv6()) && !is_link_local(*ip));
    urls.extend(reachable.map(|ip| format!("http://{}", SocketAddr::new(ip, address.port()))));
    let own = if address.is_ipv4() {
        IpAddr::from([127, 0, 0, 1])
    } else {
        IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])
    };
    urls.push(format!("http://{}", SocketAddr::new(own, address.port())));
    urls
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
