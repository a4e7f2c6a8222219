//! Every way to fail: one table of status, code and text in Korean and English.
//!
//! A code never changes its meaning; texts may change. Codes up to 6400 are the mobile app's.

use axum::http::StatusCode;

/// The result of anything a request asks.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Named for the caller's situation, not for the mechanism.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("a required field is missing")]
    Missing,
    #[error("a field has the wrong form")]
    Invalid,
    #[error("the request comes from another site")]
    CrossSite,
    #[error("no such path")]
    NoSuchPath,
    #[error("this path has no such method")]
    WrongMethod,
    #[error("the request took too long to arrive")]
    TooSlow,
    #[error("the body is too large")]
    TooLarge,
    #[error("the body is not JSON")]
    WrongType,
    #[error("too many tries, again in {retry_after_s} s")]
    TooMany { retry_after_s: i64 },
    #[error("the server is stopping")]
    Stopping,
    #[error("internal: {0:#}")]
    Internal(#[from] anyhow::Error),
    #[error("database: {0}")]
    Database(rusqlite::Error),

    #[error("no session, or a dead one")]
    SignedOut,
    #[error("the refresh token has expired")]
    SessionExpired,
    #[error("Kakao did not vouch for this token")]
    KakaoRefused,

    #[error("nickname length")]
    Nickname,
    #[error("this Kakao account is already somebody's")]
    AlreadySignedUp,
    #[error("no such user")]
    NoSuchUser,
    #[error("role is not DAD or MOM")]
    Role,
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("login id taken")]
    LoginIdTaken,
    #[error("login id form")]
    LoginIdForm,
    #[error("password form")]
    PasswordForm,
    #[error("wrong login or password")]
    WrongLogin,
    #[error("the only admin cannot go")]
    LastAdmin,

    #[error("already has a spouse")]
    HasSpouse,
    #[error("invite code unknown, expired or used")]
    BadInvite,
    #[error("own invite code")]
    OwnInvite,
    #[error("no couple")]
    NoCouple,
    #[error("a candidate waits for the couple's word")]
    Waiting,
    #[error("no such candidate")]
    NoSuchCandidate,

    #[error("limit outside 1 to 50")]
    PageLimit,
    #[error("visible, but not allowed")]
    NotYours,
    #[error("no such room or message")]
    NoSuchRoom,
    #[error("text length")]
    TextLength,
    #[error("too many messages wait to be written")]
    TooFast,

    #[error("wrong set-up code")]
    SetupCode,
    #[error("already set up")]
    AlreadySetUp,
    #[error("disk full")]
    DiskFull,
}

/// One row of the table.
pub(crate) struct Entry {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    ko: &'static str,
    en: &'static str,
}

/// A language the server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// The mobile app's language, and the default.
    #[default]
    Korean,
    English,
}

impl Entry {
    /// The text for people.
    pub(crate) fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Korean => self.ko,
            Language::English => self.en,
        }
    }
}

const fn row(status: StatusCode, code: &'static str, ko: &'static str, en: &'static str) -> Entry {
    Entry { status, code, ko, en }
}

impl Error {
    /// Where this failure stands in the table.
    #[rustfmt::skip]
    pub(crate) fn entry(&self) -> Entry {
        use StatusCode as S;
        match self {
            Self::Missing => row(S::BAD_REQUEST, "1400", "필수 필드가 누락되었습니다.", "A required field is missing."),
            Self::Invalid => row(S::BAD_REQUEST, "1401", "query string 값이 올바르지 않습니다.", "A value is not valid."),
            Self::CrossSite => row(S::FORBIDDEN, "1403", "다른 사이트에서 온 요청은 받을 수 없습니다.", "Requests from another site are not accepted."),
            Self::NoSuchPath => row(S::NOT_FOUND, "1404", "존재하지 않는 경로입니다.", "There is nothing at this address."),
            Self::WrongMethod => row(S::METHOD_NOT_ALLOWED, "1405", "허용되지 않는 메서드입니다.", "This address does not take that method."),
            Self::TooSlow => row(S::REQUEST_TIMEOUT, "1408", "요청이 너무 오래 걸렸습니다.", "The request took too long to arrive."),
            Self::TooLarge => row(S::PAYLOAD_TOO_LARGE, "1413", "요청 본문이 너무 큽니다.", "The request is too large."),
            Self::WrongType => row(S::UNSUPPORTED_MEDIA_TYPE, "1415", "지원하지 않는 형식입니다.", "The request must be JSON."),
            Self::TooMany { .. } => row(S::TOO_MANY_REQUESTS, "1429", "요청이 너무 많습니다. 잠시 후 다시 시도해주세요.", "Too many tries. Please wait a little and try again."),
            Self::Internal(_) => row(S::INTERNAL_SERVER_ERROR, "1500", "서버에서 요청을 처리할 수 없습니다.", "The server could not handle the request."),
            Self::Database(_) => row(S::INTERNAL_SERVER_ERROR, "1501", "DB에 문제가 발생하였습니다.", "The database had a problem."),
            Self::Stopping => row(S::SERVICE_UNAVAILABLE, "1503", "서버가 종료되거나 복원되는 중입니다. 잠시 후 다시 시도해주세요.", "The server is stopping or restoring. Please try again shortly."),

            Self::SignedOut => row(S::UNAUTHORIZED, "2400", "인증에 실패하였습니다.", "Please sign in."),
            Self::SessionExpired => row(S::UNAUTHORIZED, "2403", "토큰이 만료되었습니다. 다시 로그인해주세요.", "Your session has expired. Please sign in again."),
            Self::KakaoRefused => row(S::INTERNAL_SERVER_ERROR, "2500", "인증 서버에서 문제가 발생하였습니다.", "The sign-in service had a problem."),

            Self::Nickname => row(S::BAD_REQUEST, "3400", "닉네임은 2-10자 사이여야 합니다.", "A nickname has 2 to 10 characters."),
            Self::AlreadySignedUp => row(S::CONFLICT, "3402", "이미 가입된 사용자입니다.", "This account has already signed up."),
            Self::NoSuchUser => row(S::NOT_FOUND, "3403", "사용자를 찾을 수 없습니다.", "There is no such person."),
            Self::Role => row(S::BAD_REQUEST, "3404", "역할은 DAD, MOM 중 하나여야 합니다.", "A role is DAD or MOM."),
            Self::RegistrationClosed => row(S::FORBIDDEN, "3405", "초대를 받은 사람만 가입할 수 있습니다.", "Signing up needs an invitation."),
            Self::LoginIdTaken => row(S::CONFLICT, "3406", "이미 사용 중인 아이디입니다.", "This login id is taken."),
            Self::LoginIdForm => row(S::BAD_REQUEST, "3407", "아이디는 영문 소문자, 숫자, ._- 로 3-32자여야 합니다.", "A login id has 3 to 32 of a-z, 0-9 and . _ -"),
            Self::PasswordForm => row(S::BAD_REQUEST, "3408", "비밀번호는 8자 이상 1,024바이트 이하여야 하고 흔하지 않아야 합니다.", "A password has at least 8 characters, at most 1,024 bytes, and is not a common one."),
            Self::WrongLogin => row(S::UNAUTHORIZED, "3409", "아이디 또는 비밀번호가 올바르지 않습니다.", "The login id or password is wrong."),
            Self::LastAdmin => row(S::CONFLICT, "3410", "마지막 관리자는 삭제할 수 없습니다.", "The only admin cannot be removed."),

            Self::HasSpouse => row(S::CONFLICT, "5400", "이미 배우자가 등록되어 있어 초대코드를 발급할 수 없습니다.", "Already paired, so no invite code can be issued."),
            Self::BadInvite => row(S::BAD_REQUEST, "5401", "초대코드가 유효하지 않거나 만료되었습니다.", "This invite code is not valid or has expired."),
            Self::OwnInvite => row(S::CONFLICT, "5402", "이미 커플로 연결되어 있습니다.", "You are already in this couple."),
            Self::NoCouple => row(S::NOT_FOUND, "5403", "커플 정보를 찾을 수 없습니다.", "There is no such couple."),
            Self::Waiting => row(S::FORBIDDEN, "5404", "배우자의 확인을 기다리고 있어 초대할 수 없습니다.", "Waiting for the couple to confirm; inviting is not possible yet."),
            Self::NoSuchCandidate => row(S::NOT_FOUND, "5405", "확인을 기다리는 사람이 없습니다.", "Nobody of that id is waiting."),

            Self::PageLimit => row(S::BAD_REQUEST, "6400", "limit은 최소 1, 최대 50까지만 설정할 수 있습니다.", "limit is 1 to 50."),
            Self::NotYours => row(S::FORBIDDEN, "6403", "이 작업을 할 수 없습니다.", "You may not do that here."),
            Self::NoSuchRoom => row(S::NOT_FOUND, "6404", "존재하지 않는 대화방 또는 메시지입니다.", "There is no such room or message."),
            Self::TextLength => row(S::BAD_REQUEST, "6405", "메시지는 1-5,000자여야 합니다.", "A message has 1 to 5,000 characters."),
            Self::TooFast => row(S::TOO_MANY_REQUESTS, "6407", "메시지를 너무 빨리 보내고 있습니다. 잠시 후 다시 시도해주세요.", "Messages are coming too fast. Please wait a moment."),

            Self::SetupCode => row(S::FORBIDDEN, "9401", "설정 코드가 올바르지 않습니다.", "The set-up code is wrong."),
            Self::AlreadySetUp => row(S::CONFLICT, "9409", "이미 설정이 끝났습니다.", "The set-up is already done."),
            Self::DiskFull => row(S::INSUFFICIENT_STORAGE, "9507", "저장 공간이 부족합니다.", "The disk is full."),
        }
    }

    /// Seconds after which it makes sense to try again.
    pub(crate) fn retry_after_s(&self) -> Option<i64> {
        match self {
            Self::TooMany { retry_after_s } => Some(*retry_after_s),
            Self::TooFast | Self::Stopping => Some(1),
            _ => None,
        }
    }

    /// Logs what is the server's own fault; refusals are the caller's and stay quiet.
    pub(crate) fn log(&self) {
        match self {
            Self::Internal(_) | Self::Database(_) | Self::DiskFull => tracing::error!("{self}"),
            _ => tracing::debug!("refused: {self}"),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Database(error),
        }
    }
}

/// Turns a unique constraint that people can hit into what it means to them.
pub(crate) fn on_conflict(error: rusqlite::Error, meaning: Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => meaning,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> Vec<Error> {
        use Error::*;
        vec![
            Missing,
            Invalid,
            CrossSite,
            NoSuchPath,
            WrongMethod,
            TooSlow,
            TooLarge,
            WrongType,
            TooMany { retry_after_s: 1 },
            Internal(anyhow::anyhow!("?")),
            Database(rusqlite::Error::InvalidQuery),
            Stopping,
            SignedOut,
            SessionExpired,
            KakaoRefused,
            Nickname,
            AlreadySignedUp,
            NoSuchUser,
            Role,
            RegistrationClosed,
            LoginIdTaken,
            LoginIdForm,
            PasswordForm,
            WrongLogin,
            LastAdmin,
            HasSpouse,
            BadInvite,
            OwnInvite,
            NoCouple,
            Waiting,
            NoSuchCandidate,
            PageLimit,
            NotYours,
            NoSuchRoom,
            TextLength,
            TooFast,
            SetupCode,
            AlreadySetUp,
            DiskFull,
        ]
    }

    #[test]
    fn the_page_in_the_documents_says_the_same_as_the_table() {
        let rows = every().into_iter().map(|error| {
            let entry = error.entry();
            format!("| {} | {} | {} | {} |", entry.code, entry.status.as_u16(), entry.ko, entry.en)
        });
        let page = include_str!("../packaging/errors.md");
        let documented: Vec<&str> = page
            .lines()
            .filter(|line| line.chars().nth(2).is_some_and(|c| c.is_ascii_digit()))
            .collect();
        assert_eq!(rows.collect::<Vec<_>>(), documented);
    }

    #[test]
    fn a_code_has_one_meaning_and_every_variant_is_in_the_table() {
        let mut codes: Vec<&str> = every().iter().map(|error| error.entry().code).collect();
        let lines = include_str!("error.rs")
            .lines()
            .filter(|line| line.trim_start().starts_with("Self::") && line.contains("=> row("))
            .count();
        assert_eq!(codes.len(), lines);
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), lines);
    }
}
