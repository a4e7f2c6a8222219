//! Set-up, sign-up and the mobile app's Kakao login over REST.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::account::{self, Made};
use super::bodies::{KakaoSignupBody, SetupBody, SignupBody};
use super::invitation;
use crate::accounts::bodies::{ClientHeader, KakaoBody};
use crate::accounts::user::{self, NewUser, Proof, Role};
use crate::accounts::{self, Client, Entrance, SignedIn, checked_password, signed_in};
use crate::app::App;
use crate::config::Registration;
use crate::couples::{Invite, Joiner, candidate, claimed, couple, pair};
use crate::db::Tx;
use crate::error::{Error, Language, Result};
use crate::http::{Fields, Quota, Reply, Routes, routes};

/// Everything under `/api/v1` that makes an account.
pub(crate) fn routes() -> Routes<App> {
    routes![set_up, kakao_login, kakao_signup, password_signup].merge(super::guest::routes())
}

/// A person with a password, as a request or a command describes them.
pub(crate) struct Applicant {
    pub(crate) login_id: String,
    pub(crate) password: String,
    pub(crate) nickname: String,
    pub(crate) role: Role,
    pub(crate) locale: &'static str,
    pub(crate) time_zone: String,
}

impl Applicant {
    /// The first field that fails decides.
    pub(crate) fn of(fields: &Fields) -> Result<Self> {
        Ok(Self {
            login_id: user::login_id(fields)?,
            password: checked_password(fields.required_text("password")?)?,
            nickname: user::nickname(fields)?,
            role: Role::of(fields)?,
            locale: user::locale(fields)?.unwrap_or(user::locale_of(Language::default())),
            time_zone: couple::time_zone(fields)?.unwrap_or_else(couple::default_time_zone),
        })
    }

    /// Hashes the password; the rest is ready to be written.
    pub(crate) async fn hashed(self, app: &App, is_admin: bool) -> Result<(NewUser, String)> {
        let password_hash = app.passwords.hash(self.password).await?;
        let proof = Proof::Password { login_id: self.login_id, password_hash };
        Ok((
            NewUser {
                proof,
                nickname: self.nickname,
                role: self.role,
                locale: self.locale,
                is_admin,
            },
            self.time_zone,
        ))
    }
}

/// The admin's account, for whoever can read the terminal.
#[utoipa::path(
    post, path = "/setup", security(()), params(ClientHeader), request_body = SetupBody,
    responses((status = 201, body = SignedIn)),
    extensions(("x-codes" = json!(["1429", "3400", "3404", "3406", "3407", "3408", "9401", "9409"])))
)]
async fn set_up(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<SignedIn>> {
    if app.setup_code.show().is_none() {
        return Err(Error::AlreadySetUp);
    }
    let address = entrance.address();
    let attempt = app.limits.attempt(&[(Quota::Setup, &address)])?;
    if !app.setup_code.is_right(fields.required_text("setupCode")?) {
        return Err(Error::SetupCode);
    }
    attempt.give_back();
    let (new, time_zone) = Applicant::of(&fields)?.hashed(&app, true).await?;
    let (client, device) = (entrance.session_client(), entrance.device.clone());
    let signed = app.db.write(move |tx| {
        let user = account::create_admin(tx, &new, &time_zone)?;
        accounts::open(tx, user, client, &device)
    });
    let signed = signed.await?;
    app.setup_code.burn();
    let (body, cookie) = signed_in(&app, &entrance, signed).await?;
    Ok(Reply::created(body).with_cookie(cookie))
}

/// What a sign-up with a password rests on.
enum Ticket {
    Open,
    Invitation(String),
    Code(String),
}

impl Ticket {
    fn of(app: &App, fields: &Fields) -> Result<Self> {
        if let Some(code) = fields.text("inviteCode")? {
            return Ok(Self::Code(code.to_owned()));
        }
        match (app.config.registration, fields.text("invitation")?) {
            (Registration::Open, _) => Ok(Self::Open),
            (Registration::Invite, Some(invitation)) => Ok(Self::Invitation(invitation.to_owned())),
            _ => Err(Error::RegistrationClosed),
        }
    }
}

/// Makes an account with a password; with an invite code it joins in the same act.
#[utoipa::path(
    post, path = "/auth/password/signup", security(()), params(ClientHeader),
    request_body = SignupBody, responses((status = 201, body = SignedIn)),
    extensions(("x-codes" = json!(["1429", "3400", "3404", "3405", "3406", "3407", "3408", "5400", "5401", "5403"])))
)]
async fn password_signup(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<SignedIn>> {
    let ticket = Ticket::of(&app, &fields)?;
    let applicant = Applicant::of(&fields)?;
    let signed = match ticket {
        Ticket::Open => {
            app.limits.attempt(&[(Quota::SignUp, &entrance.address())])?;
            write(&app, &entrance, applicant, |_, _| Ok(())).await?
        }
        Ticket::Invitation(invitation) => {
            let attempt = app.limits.attempt(&[(Quota::Setup, &entrance.address())])?;
            let signed = write(&app, &entrance, applicant, move |tx, made| {
                invitation::redeem(tx, &invitation, made.user)
            })
            .await;
            if !matches!(signed, Err(Error::RegistrationClosed)) {
                attempt.give_back();
            }
            signed?
        }
        Ticket::Code(code) => with_code(&app, &entrance, applicant, &code).await?,
    };
    let (body, cookie) = signed_in(&app, &entrance, signed).await?;
    Ok(Reply::created(body).with_cookie(cookie))
}

/// Signs up and joins in one act. The password is hashed before the code is claimed: that takes a while.
async fn with_code(
    app: &App,
    entrance: &Entrance,
    applicant: Applicant,
    code: &str,
) -> Result<accounts::Signed> {
    let attempt = app.limits.attempt_invite(&entrance.address(), None)?;
    let peeked = app.invites.peek(code, app.clock.now());
    if peeked.is_err() {
        attempt.settle(&peeked);
        return Err(Error::BadInvite);
    }
    let (new, time_zone) = applicant.hashed(app, false).await?;
    let (client, device) = (entrance.session_client(), entrance.device.clone());
    let acting = app.clone();
    let signed = claimed(app, code, move |invite: Invite| async move {
        let pairing = acting.clone();
        let signed = acting.db.write(move |tx| {
            let made = account::create(tx, &new, &time_zone)?;
            let joiner = Joiner { user: made.user, couple: made.couple };
            pair(tx, &pairing, invite.couple, joiner)?;
            accounts::open(tx, made.user, client, &device)
        });
        signed.await
    })
    .await;
    attempt.settle(&signed);
    signed
}

/// Makes the account and whatever has to come with it in one change, and signs in.
async fn write<F>(
    app: &App,
    entrance: &Entrance,
    applicant: Applicant,
    along: F,
) -> Result<accounts::Signed>
where
    F: FnOnce(&Tx<'_>, Made) -> Result<()> + Send + 'static,
{
    let (new, time_zone) = applicant.hashed(app, false).await?;
    let (client, device) = (entrance.session_client(), entrance.device.clone());
    let signed = app.db.write(move |tx| {
        let made = account::create(tx, &new, &time_zone)?;
        along(tx, made)?;
        accounts::open(tx, made.user, client, &device)
    });
    signed.await
}

/// The app's two answers to a Kakao login.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum KakaoLogin {
    #[serde(rename_all = "camelCase")]
    Unknown {
        #[schema(examples(true))]
        need_signup: bool,
        #[schema(examples(2_570_142_931_i64))]
        kakao_id: i64,
    },
    #[serde(rename_all = "camelCase")]
    Known {
        need_signup: bool,
        #[serde(flatten)]
        signed_in: SignedIn,
    },
}

/// Signs in with Kakao, or says that this account has to sign up.
#[utoipa::path(
    post, path = "/auth/login", security(()), request_body = KakaoBody,
    responses((status = 201, body = KakaoLogin)), extensions(("x-codes" = json!(["2500"])))
)]
async fn kakao_login(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<KakaoLogin>> {
    let token = fields.text("accessToken")?.ok_or(Error::Invalid)?;
    let kakao_id = app.kakao.identify(token).await?;
    let device = entrance.device.clone();
    let opened = app.db.write(move |tx| match user::select_by_kakao(tx, kakao_id)? {
        Some(user) => accounts::open(tx, user, Client::App, &device).map(Some),
        None => Ok(None),
    });
    app.proofs.note(kakao_id, app.clock.now());
    let Some(signed) = opened.await? else {
        return Ok(Reply::created(KakaoLogin::Unknown { need_signup: true, kakao_id }));
    };
    let (signed_in, cookie) = signed_in(&app, &entrance, signed).await?;
    Ok(Reply::created(KakaoLogin::Known { need_signup: false, signed_in }).with_cookie(cookie))
}

/// Signs up with Kakao.
///
/// Only for a Kakao account that proved itself a moment ago: anybody could take anybody's id otherwise.
#[utoipa::path(
    post, path = "/auth/signup", security(()), request_body = KakaoSignupBody,
    responses((status = 201, body = SignedIn)),
    extensions(("x-codes" = json!(["2400", "3400", "3402", "3404", "3405"])))
)]
async fn kakao_signup(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<SignedIn>> {
    let kakao_id = fields.required_number("kakaoId")?;
    let (nickname, role) = (user::nickname(&fields)?, Role::of(&fields)?);
    let now = app.clock.now();
    // First of all: nobody learns from the answer which Kakao ids have accounts here.
    if !app.proofs.holds(kakao_id, now) {
        return Err(Error::SignedOut);
    }
    if app.db.read(move |db| user::select_by_kakao(db, kakao_id)).await?.is_some() {
        return Err(Error::AlreadySignedUp);
    }
    let is_open = app.config.registration == Registration::Open;
    let waiting = if is_open { Vec::new() } else { app.invites.waiting_couples(now) };
    if !is_open && waiting.is_empty() {
        return Err(Error::RegistrationClosed);
    }
    let new = NewUser {
        proof: Proof::Kakao(kakao_id),
        nickname,
        role,
        locale: user::locale_of(Language::default()),
        is_admin: false,
    };
    let (time_zone, device) = (couple::default_time_zone(), entrance.device.clone());
    let signed = app.db.write(move |tx| {
        let made = account::create(tx, &new, &time_zone)?;
        if candidate::insert(tx, made.user, &waiting)? == 0 && !is_open {
            return Err(Error::RegistrationClosed);
        }
        accounts::open(tx, made.user, Client::App, &device)
    });
    let signed = signed.await?;
    let (body, cookie) = signed_in(&app, &entrance, signed).await?;
    Ok(Reply::created(body).with_cookie(cookie))
}
