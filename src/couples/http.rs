//! Inviting, joining, and the couple itself over REST.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::{ClaimBody, CoupleBody, JoinBody};
use super::candidate::{self, Candidate, Claim};
use super::couple::{self, Change, Couple};
use super::pairing::{self, Joiner, announce, claimed};
use super::parting;
use crate::accounts::user::Role;
use crate::accounts::{Member, current, refuse_waiting};
use crate::app::App;
use crate::chat;
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::{Client, Fields, Reply, Routes, qr_svg, routes};
use crate::ids::{UserId, number};

/// Everything under `/api/v1/couples`.
pub(crate) fn routes() -> Routes<App> {
    routes![invite, preview, join, list_candidates, claim_candidate, show, change, part, stay]
        .merge(super::me_http::routes())
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Invited {
    #[schema(examples("K7M2QX"))]
    invite_code: String,
    expired_at: Millis,
    /// Opens the web app with the code filled in.
    #[schema(examples("https://home.example/join/K7M2QX"))]
    invite_url: String,
    #[schema(examples("<svg …>"))]
    qr_svg: String,
}

/// A code for the partner; while it is alive, the same one.
#[utoipa::path(
    post, path = "/couples/invite-code", responses((status = 201, body = Invited)),
    extensions(("x-codes" = json!(["5400", "5404"])))
)]
async fn invite(State(app): State<App>, member: Member, client: Client) -> Result<Reply<Invited>> {
    let invites = app.invites.clone();
    // In commit order: nobody who is paired at that moment gets a code.
    let issued = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        refuse_waiting(tx, member.user)?;
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

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Preview {
    #[schema(examples("안나"))]
    nickname: String,
    #[schema(value_type = Role)]
    role: String,
    expired_at: Millis,
}

/// Who invites. Anybody may ask; it counts as a try.
#[utoipa::path(
    get, path = "/couples/invite-code/{code}", security(()),
    responses((status = 200, body = Preview)), extensions(("x-codes" = json!(["1429", "5401"])))
)]
async fn preview(
    State(app): State<App>,
    client: Client,
    Path(code): Path<String>,
) -> Result<Reply<Preview>> {
    let attempt = app.limits.attempt_invite(&client.caller(), None)?;
    let invite = app.invites.peek(&code, app.clock.now());
    attempt.settle(&invite);
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

/// Joins the couple of whoever made the code.
#[utoipa::path(
    post, path = "/couples/join", request_body = JoinBody, responses((status = 200)),
    extensions(("x-codes" = json!(["1429", "5400", "5401", "5402", "5403", "5408"])))
)]
async fn join(
    State(app): State<App>,
    member: Member,
    client: Client,
    fields: Fields,
) -> Result<Reply<()>> {
    let code = fields.text("inviteCode")?.ok_or(Error::Invalid)?.to_owned();
    let attempt = app.limits.attempt_invite(&client.caller(), Some(member.user))?;
    let acting = app.clone();
    let joined = claimed(&app, &code, move |invite| {
        acting.clone().db.write(move |tx| {
            let member = current(tx, member.session)?;
            pairing::pair(
                tx,
                &acting,
                invite.couple,
                Joiner { user: member.user, couple: member.couple },
            )
        })
    })
    .await;
    attempt.settle(&joined);
    joined?;
    Ok(Reply::done())
}

/// My couple, of one or two.
#[utoipa::path(
    get, path = "/couples/me", responses((status = 200, body = Couple)),
    extensions(("x-codes" = json!(["5403"])))
)]
async fn show(State(app): State<App>, member: Member) -> Result<Reply<Couple>> {
    let links = app.links.clone();
    Ok(Reply::ok(app.db.read(move |db| couple::show(db, &links, member.couple)).await?))
}

/// Changes what the fields name.
#[utoipa::path(
    patch, path = "/couples/me", request_body = CoupleBody,
    responses((status = 200, body = Couple)), extensions(("x-codes" = json!(["5403"])))
)]
async fn change(State(app): State<App>, member: Member, fields: Fields) -> Result<Reply<Couple>> {
    let change = Change::of(&fields)?;
    let acting = app.clone();
    let changed = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        couple::update(tx, member.couple, &change)?;
        chat::calendar_changed(tx, &acting.links, member.couple)?;
        announce(tx, &acting, member.couple)?;
        couple::show(tx, &acting.links, member.couple)
    });
    Ok(Reply::ok(changed.await?))
}

/// Proposes parting, or confirms what the partner proposed. Confirmed, each is a couple of one at once.
///
/// The room that was theirs stays, to be read; each keeps the calendar and the children.
#[utoipa::path(
    delete, path = "/couples/me", responses((status = 200, body = Couple)),
    extensions(("x-codes" = json!(["5403", "5406"])))
)]
async fn part(State(app): State<App>, member: Member) -> Result<Reply<Couple>> {
    settle_parting(&app, member, parting::part).await
}

/// Cancels parting, whoever of the two proposed it.
#[utoipa::path(
    post, path = "/couples/me/stay", responses((status = 200, body = Couple)),
    extensions(("x-codes" = json!(["5403"])))
)]
async fn stay(State(app): State<App>, member: Member) -> Result<Reply<Couple>> {
    settle_parting(&app, member, parting::stay).await
}

async fn settle_parting(
    app: &App,
    member: Member,
    act: fn(&Tx<'_>, &App, Member) -> Result<()>,
) -> Result<Reply<Couple>> {
    let acting = app.clone();
    let settled = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        act(tx, &acting, member)?;
        couple::show(tx, &acting.links, member.couple)
    });
    Ok(Reply::ok(settled.await?))
}

/// Who signed up in the mobile app and waits for our word.
#[utoipa::path(get, path = "/couples/candidates", responses((status = 200, body = Vec<Candidate>)))]
async fn list_candidates(State(app): State<App>, member: Member) -> Result<Reply<Vec<Candidate>>> {
    Ok(Reply::ok(app.db.read(move |db| candidate::all(db, member.couple)).await?))
}

/// Says who a candidate is.
#[utoipa::path(
    post, path = "/couples/candidates/{id}", request_body = ClaimBody, responses((status = 200)),
    extensions(("x-codes" = json!(["3402", "5400", "5403", "5405", "5408", "6410"])))
)]
async fn claim_candidate(
    State(app): State<App>,
    member: Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<()>> {
    let candidate = UserId::new(number(&id).ok_or(Error::NoSuchCandidate)?);
    let claim = match fields.required_text("as")? {
        "partner" => Claim::Partner,
        "me" => Claim::Me,
        _ => return Err(Error::Invalid),
    };
    let acting = app.clone();
    let claimed = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        candidate::claim(tx, &acting, member, candidate, claim)
    });
    claimed.await?;
    Ok(Reply::done())
}
