//! What a person does with their own account and the partner hears of.

use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::LinkBody;
use super::couple;
use super::pairing::announce;
use super::withdrawal;
use crate::accounts::login_link::{self, Issued};
use crate::accounts::user::{self, Profile, ProfileChange};
use crate::accounts::{
    ClientHeader, Entrance, Member, Person, ProfileBody, WithdrawalBody, confirm_password, current,
    current_person, signed_out,
};
use crate::app::App;
use crate::chat;
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::{Client, Fields, Quota, Reply, Routes, qr_svg, routes};
use crate::media;

/// What of `/api/v1/users/me` the partner hears of.
pub(super) fn routes() -> Routes<App> {
    routes![change_profile, withdraw, make_link]
}

/// Changes what the fields name of one's own profile. The partner hears of it, and so do the rooms.
#[utoipa::path(
    patch, path = "/users/me", responses((status = 200, body = Profile)),
    request_body(content = ProfileBody, example = json!({ "nickname": "안나", "avatar": null })),
    extensions(("x-codes" = json!(["3400", "3404", "6408"])))
)]
async fn change_profile(
    State(app): State<App>,
    me: Person,
    fields: Fields,
) -> Result<Reply<Profile>> {
    let change = ProfileChange::of(&fields)?;
    if change.role.is_some() {
        // Which parent a guest is nobody can say.
        me.member()?;
    }
    let acting = app.clone();
    let profile = app.db.write(move |tx| {
        let me = current_person(tx, me.session)?;
        if let Some(Some(avatar)) = change.avatar {
            media::name_own_image(tx, me.user, avatar)?;
        }
        if !change.is_empty() {
            let old = user::select_avatar(tx, me.user)?;
            user::update_profile(tx, me.user, &change)?;
            old.map(|id| media::trash_unnamed(tx, id)).transpose()?;
            chat::touch_member(tx, me.user)?;
            me.couple.map(|couple| announce(tx, &acting, couple)).transpose()?;
        }
        user::profile(tx, &acting.links, me.user)
    });
    Ok(Reply::ok(profile.await?))
}

/// Withdraws: the account is gone for good, and all its devices are signed out.
///
/// What I wrote stays with my partner, who is alone at once, under no name. Who has a password says it again. The only
/// admin has to name another one first.
#[utoipa::path(
    delete, path = "/users/me", params(ClientHeader), request_body = WithdrawalBody,
    responses((status = 200)), extensions(("x-codes" = json!(["1429", "3409", "3410"])))
)]
async fn withdraw(
    State(app): State<App>,
    me: Person,
    entrance: Entrance,
    fields: Fields,
) -> Result<impl IntoResponse> {
    let confirmed = confirm_password(&app, me.user, &entrance.client, &fields).await?;
    let acting = app.clone();
    let withdrawn = app.db.write(move |tx| {
        let me = current_person(tx, me.session)?;
        if let Some(hash) = confirmed
            && !user::is_current_hash(tx, me.user, &hash)?
        {
            return Err(Error::WrongLogin);
        }
        withdrawal::withdraw(tx, &acting, me.user, "withdrawn")
    });
    withdrawn.await?;
    signed_out(&entrance)
}

/// A way in for one more device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LoginLink {
    /// Opens the web app, for a partner at `/rescue`; the secret stands behind the `#`, which no server is sent.
    #[schema(examples("https://home.example/login-link#btl_Zk1…"))]
    url: String,
    #[schema(examples("<svg …>"))]
    qr_svg: String,
    works_at: Millis,
    expires_at: Millis,
}

/// A link that signs one more device in.
///
/// For me it works at once, once, for 15 minutes. For my partner it works after 24 hours, in which every device of theirs
/// shows it and can refuse; not while we part.
#[utoipa::path(
    post, path = "/users/me/login-link", request_body = LinkBody,
    responses((status = 201, body = LoginLink)),
    extensions(("x-codes" = json!(["1429", "3411", "5406", "5407"])))
)]
async fn make_link(
    State(app): State<App>,
    me: Person,
    client: Client,
    fields: Fields,
) -> Result<Reply<LoginLink>> {
    let (issued, door) = match fields.text("for")? {
        None | Some("me") => {
            let issued = app.db.write(move |tx| {
                let me = current_person(tx, me.session)?;
                login_link::issue(tx, me.session, me.user)
            });
            (issued.await?, "login-link")
        }
        Some("partner") => {
            app.limits.attempt(&[(Quota::Rescue, &me.member()?.user.to_string())])?;
            let asked = app.db.write(move |tx| ask_for_partner(tx, current(tx, me.session)?));
            let issued = asked.await?;
            app.rescues.note(&issued.token, app.clock.steady());
            (issued, "rescue")
        }
        Some(_) => return Err(Error::Invalid),
    };
    let url = format!("{}/{door}#{}", client.origin, issued.token);
    let qr_svg = qr_svg(&url)?;
    let (works_at, expires_at) = (issued.works_at, issued.expires_at);
    Ok(Reply::created(LoginLink { url, qr_svg, works_at, expires_at }))
}

/// Who signs in with Kakao alone has nothing that could be lost.
fn ask_for_partner(tx: &Tx<'_>, member: Member) -> Result<Issued> {
    let partner = user::select_spouse(tx, member.user)?.ok_or(Error::Alone)?;
    if couple::select_parting(tx, member.couple)?.is_some() {
        return Err(Error::Parting);
    }
    if !user::has_password(tx, partner)? {
        return Err(Error::NothingToRescue);
    }
    login_link::issue_rescue(tx, member.session, partner)
}
