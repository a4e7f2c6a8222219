//! Inviting, joining, and the couple itself over REST.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;
use serde::Serialize;

use super::candidate::{self, Candidate, Claim};
use super::couple::{self, Change, Couple};
use super::pairing::{self, Joiner, announce, claimed};
use crate::accounts::{Member, current};
use crate::app::App;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::http::{Attempt, Client, Fields, Quota, Reply};
use crate::ids::UserId;

/// Everything under `/api/v1/couples`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/couples/invite-code", post(invite))
        .route("/couples/invite-code/{code}", get(preview))
        .route("/couples/join", post(join))
        .route("/couples/candidates", get(list_candidates))
        .route("/couples/candidates/{id}", post(claim_candidate))
        .route("/couples/me", get(show).patch(change))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invited {
    invite_code: String,
    expired_at: Millis,
    /// Opens the web app with the code filled in.
    invite_url: String,
    qr_svg: String,
}

async fn invite(State(app): State<App>, member: Member, client: Client) -> Result<Reply<Invited>> {
    let invites = app.invites.clone();
    // In commit order: nobody who is paired at that moment gets a code.
    let issued = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        if candidate::is_waiting(tx, member.user)? {
            return Err(Error::Waiting);
        }
        if couple::members(tx, member.couple)?.len() > 1 {
            return Err(Error::HasSpouse);
        }
        invites.issue(member.couple, member.user, tx.now)
    });
    let invite = issued.await?;
    let invite_url = format!("{}/join/{}", client.origin, invite.code);
    let qr_svg = qr_svg(&invite_url)?;
    Ok(Reply::created(Invited {
        invite_code: invite.code,
        expired_at: invite.expires_at,
        invite_url,
        qr_svg,
    }))
}

fn qr_svg(text: &str) -> Result<String> {
    let qr = QRBuilder::new(text)
        .build()
        .map_err(|error| Error::Internal(anyhow::anyhow!("no QR code: {error:?}")))?;
    Ok(SvgBuilder::default().to_str(&qr))
}

/// Counts a try with a code against whoever makes it.
pub(crate) fn attempt(app: &App, client: &Client, member: Option<Member>) -> Result<Attempt> {
    let address = client.caller();
    let user = member.map(|member| member.user.to_string());
    let mut against = vec![(Quota::InviteAddress, address.as_str()), (Quota::InviteServer, "")];
    against.extend(user.as_deref().map(|user| (Quota::InviteUser, user)));
    app.limits.attempt(&against)
}

/// Gives a try back unless the code was what was wrong.
pub(crate) fn settle<T>(attempt: Attempt, result: &Result<T>) {
    if !matches!(result, Err(Error::BadInvite)) {
        attempt.give_back();
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    nickname: String,
    role: String,
    expired_at: Millis,
}

/// Who invites. Anybody may ask; it counts as a try.
async fn preview(
    State(app): State<App>,
    client: Client,
    Path(code): Path<String>,
) -> Result<Reply<Preview>> {
    let attempt = attempt(&app, &client, None)?;
    let invite = app.invites.peek(&code, app.clock.now());
    settle(attempt, &invite);
    let invite = invite?;
    let preview = app.db.read(move |db| {
        let sql = "select nickname, role from user where id = ?1 and withdrawn_at is null";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Preview { nickname: row.get(0)?, role: row.get(1)?, expired_at: invite.expires_at })
        };
        db.prepare_cached(sql)?.query_row([invite.inviter], read).map_err(|_| Error::BadInvite)
    });
    Ok(Reply::ok(preview.await?))
}

async fn join(
    State(app): State<App>,
    member: Member,
    client: Client,
    fields: Fields,
) -> Result<Reply<()>> {
    let code = fields.text("inviteCode")?.ok_or(Error::Invalid)?.to_owned();
    let attempt = attempt(&app, &client, Some(member))?;
    let (db, invites) = (app.db.clone(), app.invites.clone());
    let joined = claimed(&app, &code, move |invite| {
        db.write(move |tx| {
            let member = current(tx, member.session)?;
            pairing::pair(
                tx,
                &invites,
                invite.couple,
                Joiner { user: member.user, couple: member.couple },
            )
        })
    })
    .await;
    settle(attempt, &joined);
    joined?;
    Ok(Reply::done())
}

async fn show(State(app): State<App>, member: Member) -> Result<Reply<Couple>> {
    Ok(Reply::ok(app.db.read(move |db| couple::show(db, member.couple)).await?))
}

async fn change(State(app): State<App>, member: Member, fields: Fields) -> Result<Reply<Couple>> {
    let change = Change::of(&fields)?;
    let changed = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        couple::update(tx, member.couple, &change)?;
        announce(tx, member.couple)?;
        couple::show(tx, member.couple)
    });
    Ok(Reply::ok(changed.await?))
}

async fn list_candidates(State(app): State<App>, member: Member) -> Result<Reply<Vec<Candidate>>> {
    Ok(Reply::ok(app.db.read(move |db| candidate::all(db, member.couple)).await?))
}

async fn claim_candidate(
    State(app): State<App>,
    member: Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<()>> {
    let candidate = UserId::new(id.parse().map_err(|_| Error::NoSuchCandidate)?);
    let claim = match fields.required_text("as")? {
        "partner" => Claim::Partner,
        "me" => Claim::Me,
        _ => return Err(Error::Invalid),
    };
    let invites = app.invites.clone();
    let claimed = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        candidate::claim(tx, &invites, member, candidate, claim)
    });
    claimed.await?;
    Ok(Reply::done())
}
