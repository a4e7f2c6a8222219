//! Every way to fail: one table of status, code and text in Korean and English.
//!
//! A code never changes its meaning; texts may change. Codes up to 6400 are the mobile app's.

use axum::http::{HeaderValue, StatusCode};

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
    #[error("a kind of content that is not accepted")]
    WrongType,
    #[error("no part of a file of {size} bytes")]
    NoSuchRange { size: u64 },
    #[error("no file in the form")]
    NoFile,
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
    #[error("a login link unknown, expired or used")]
    BadLoginLink,
    #[error("a login link that does not work yet")]
    LoginLinkWaits,
    #[error("guests may not do this")]
    GuestsMayNot,
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
    #[error("signs in with Kakao alone")]
    NothingToRescue,

    #[error("a schedule's date has no known form")]
    ScheduleDate,
    #[error("no such colour")]
    Color,
    #[error("done is neither true nor false")]
    Completed,
    #[error("a schedule's id is not a number")]
    ScheduleNumber,
    #[error("no such schedule")]
    NoSuchSchedule,
    #[error("the couple's calendar is full")]
    TooManySchedules,

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
    #[error("nobody to part from")]
    Alone,
    #[error("the couple is parting")]
    Parting,
    #[error("two who have too much to come together")]
    TooMuchTogether,

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
    #[error("no such media, or not for this person")]
    NoSuchMedia,
    #[error("there is a picture of it already")]
    HasPoster,
    #[error("too many members")]
    TooManyMembers,
    #[error("too many rooms")]
    TooManyRooms,
    #[error("too many links into one room")]
    TooManyInvites,
    #[error("not one real emoji")]
    Emoji,
    #[error("too many kinds of reactions")]
    TooManyReactions,
    #[error("brought into too many rooms by others")]
    BroughtTooOften,
    #[error("a guest's files take up all they may")]
    GuestStorage,
    #[error("a room's title has the wrong form")]
    RoomTitle,
    #[error("what is looked for has the wrong length")]
    QueryLength,
    #[error("the room is archived")]
    Archived,

    #[error("a child's name has the wrong form")]
    ChildName,
    #[error("a child's date has the wrong form, or is not possible")]
    ChildDate,
    #[error("gender is not GIRL or BOY")]
    Gender,
    #[error("status is not FETAL or BORN")]
    ChildStatus,
    #[error("no such child")]
    NoSuchChild,
    #[error("the couple has too many children")]
    TooManyChildren,
    #[error("the due date was revised too often")]
    TooManyDueDates,

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
            Self::NoFile => row(S::BAD_REQUEST, "1402", "업로드할 파일이 존재하지 않습니다.", "There is no file to upload."),
            Self::CrossSite => row(S::FORBIDDEN, "1403", "다른 사이트에서 온 요청은 받을 수 없습니다.", "Requests from another site are not accepted."),
            Self::NoSuchPath => row(S::NOT_FOUND, "1404", "존재하지 않는 경로입니다.", "There is nothing at this address."),
            Self::WrongMethod => row(S::METHOD_NOT_ALLOWED, "1405", "허용되지 않는 메서드입니다.", "This address does not take that method."),
            Self::TooSlow => row(S::REQUEST_TIMEOUT, "1408", "요청이 너무 오래 걸렸습니다.", "The request took too long to arrive."),
            Self::TooLarge => row(S::PAYLOAD_TOO_LARGE, "1413", "요청 본문이 너무 큽니다.", "The request is too large."),
            Self::WrongType => row(S::UNSUPPORTED_MEDIA_TYPE, "1415", "지원하지 않는 형식입니다.", "This kind of content is not accepted."),
            Self::NoSuchRange { .. } => row(S::RANGE_NOT_SATISFIABLE, "1416", "요청한 범위가 파일을 벗어났습니다.", "The file has no such part."),
            Self::TooMany { .. } => row(S::TOO_MANY_REQUESTS, "1429", "요청이 너무 많습니다. 잠시 후 다시 시도해주세요.", "Too many tries. Please wait a little and try again."),
            Self::Internal(_) => row(S::INTERNAL_SERVER_ERROR, "1500", "서버에서 요청을 처리할 수 없습니다.", "The server could not handle the request."),
            Self::Database(_) => row(S::INTERNAL_SERVER_ERROR, "1501", "DB에 문제가 발생하였습니다.", "The database had a problem."),
            Self::Stopping => row(S::SERVICE_UNAVAILABLE, "1503", "서버가 종료되거나 복원되는 중입니다. 잠시 후 다시 시도해주세요.", "The server is stopping or restoring. Please try again shortly."),

            Self::SignedOut => row(S::UNAUTHORIZED, "2400", "인증에 실패하였습니다.", "Please sign in."),
            Self::BadLoginLink => row(S::BAD_REQUEST, "2401", "로그인 링크가 유효하지 않거나 만료되었습니다.", "This login link is not valid or has expired."),
            Self::LoginLinkWaits => row(S::FORBIDDEN, "2402", "아직 사용할 수 없는 로그인 링크입니다. 요청하고 24시간이 지나야 합니다.", "This login link does not work yet: only 24 hours after it was asked for."),
            Self::SessionExpired => row(S::UNAUTHORIZED, "2403", "토큰이 만료되었습니다. 다시 로그인해주세요.", "Your session has expired. Please sign in again."),
            Self::GuestsMayNot => row(S::FORBIDDEN, "2410", "손님은 초대받은 대화방만 사용할 수 있습니다.", "A guest has only the rooms they were invited to."),
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
            Self::LastAdmin => row(S::CONFLICT, "3410", "유일한 관리자입니다. 먼저 다른 관리자를 지정해주세요.", "This is the only admin. Name another one first."),
            Self::NothingToRescue => row(S::CONFLICT, "3411", "카카오로 로그인하는 계정이라 로그인 링크가 필요하지 않습니다.", "This person signs in with Kakao and needs no login link."),

            Self::ScheduleDate => row(S::BAD_REQUEST, "4400", "날짜 형식이 유효하지 않습니다.", "The date is not valid."),
            Self::Color => row(S::BAD_REQUEST, "4401", "색상은 RED, ORANGE, YELLOW, GREEN, BLUE, PURPLE 중 하나여야 합니다.", "A colour is RED, ORANGE, YELLOW, GREEN, BLUE or PURPLE."),
            Self::Completed => row(S::BAD_REQUEST, "4402", "isCompleted는 true 또는 false여야 합니다.", "isCompleted is true or false."),
            Self::ScheduleNumber => row(S::BAD_REQUEST, "4403", "scheduleId는 숫자여야 합니다.", "A schedule's id is a number."),
            Self::NoSuchSchedule => row(S::NOT_FOUND, "4404", "존재하지 않는 일정입니다.", "There is no such schedule."),
            Self::TooManySchedules => row(S::CONFLICT, "4405", "일정은 모두 20,000개, 하루에 100개까지 등록할 수 있습니다.", "A calendar holds up to 20,000 schedules, 100 a day."),

            Self::HasSpouse => row(S::CONFLICT, "5400", "이미 배우자가 등록되어 있어 초대코드를 발급할 수 없습니다.", "Already paired, so no invite code can be issued."),
            Self::BadInvite => row(S::BAD_REQUEST, "5401", "초대코드가 유효하지 않거나 만료되었습니다.", "This invite code is not valid or has expired."),
            Self::OwnInvite => row(S::CONFLICT, "5402", "이미 커플로 연결되어 있습니다.", "You are already in this couple."),
            Self::NoCouple => row(S::NOT_FOUND, "5403", "커플 정보를 찾을 수 없습니다.", "There is no such couple."),
            Self::Waiting => row(S::FORBIDDEN, "5404", "배우자의 확인을 기다리고 있어 초대할 수 없습니다.", "Waiting for the couple to confirm; inviting is not possible yet."),
            Self::NoSuchCandidate => row(S::NOT_FOUND, "5405", "확인을 기다리는 사람이 없습니다.", "Nobody of that id is waiting."),
            Self::Alone => row(S::CONFLICT, "5406", "연결된 배우자가 없습니다.", "There is no partner to do that with."),
            Self::Parting => row(S::CONFLICT, "5407", "헤어지기가 제안되어 있는 동안에는 할 수 없습니다.", "Not possible while parting is proposed."),
            Self::TooMuchTogether => row(S::CONFLICT, "5408", "두 사람의 일정이나 아이를 합치면 너무 많아 연결할 수 없습니다. 일부를 삭제해주세요. 삭제한 것도 30일 동안은 셉니다.", "Together you would have too many schedules or children. Delete some first; what was deleted counts for 30 days."),

            Self::PageLimit => row(S::BAD_REQUEST, "6400", "limit은 최소 1, 최대 50까지만 설정할 수 있습니다.", "limit is 1 to 50."),
            Self::NotYours => row(S::FORBIDDEN, "6403", "이 작업을 할 수 없습니다.", "You may not do that here."),
            Self::NoSuchRoom => row(S::NOT_FOUND, "6404", "존재하지 않는 대화방 또는 메시지입니다.", "There is no such room or message."),
            Self::TextLength => row(S::BAD_REQUEST, "6405", "메시지는 1-5,000자여야 합니다.", "A message has 1 to 5,000 characters."),
            Self::TooManyMembers => row(S::CONFLICT, "6406", "대화방에는 50명까지 참여할 수 있습니다.", "A room holds up to 50 people."),
            Self::TooFast => row(S::TOO_MANY_REQUESTS, "6407", "메시지를 너무 빨리 보내고 있습니다. 잠시 후 다시 시도해주세요.", "Messages are coming too fast. Please wait a moment."),
            Self::NoSuchMedia => row(S::NOT_FOUND, "6408", "존재하지 않는 사진 또는 파일입니다.", "There is no such photo or file."),
            Self::HasPoster => row(S::CONFLICT, "6409", "이미 미리보기가 있습니다.", "There is a preview of it already."),
            Self::TooManyRooms => row(S::CONFLICT, "6410", "대화방은 한 사람당 200개까지 참여할 수 있습니다.", "A person can be in up to 200 rooms."),
            Self::RoomTitle => row(S::BAD_REQUEST, "6411", "대화방 이름은 1-40자여야 합니다.", "A room's name has 1 to 40 characters."),
            Self::TooManyInvites => row(S::CONFLICT, "6412", "초대 링크는 대화방마다 20개까지 만들 수 있습니다.", "A room has up to 20 invitation links at once."),
            Self::Emoji => row(S::BAD_REQUEST, "6413", "반응은 이모지 하나여야 합니다.", "A reaction is one emoji."),
            Self::TooManyReactions => row(S::CONFLICT, "6414", "한 메시지에는 20가지 반응까지 남길 수 있습니다.", "A message holds up to 20 kinds of reactions."),
            Self::QueryLength => row(S::BAD_REQUEST, "6415", "검색어는 2-100자여야 합니다.", "A search has 2 to 100 characters."),
            Self::BroughtTooOften => row(S::CONFLICT, "6416", "다른 사람이 초대할 수 있는 대화방은 한 사람당 100개까지입니다. 초대 링크로는 스스로 참여할 수 있습니다.", "Others can bring a person into up to 100 rooms. With an invitation link they come in by themselves."),
            Self::GuestStorage => row(S::CONFLICT, "6417", "손님이 사진과 파일을 올릴 수 있는 저장 공간을 다 썼습니다.", "The space that a guest has for photos and files is used up."),
            Self::Archived => row(S::FORBIDDEN, "6420", "보관된 대화방이라 읽기만 할 수 있습니다.", "This room is archived: it can only be read."),

            Self::ChildName => row(S::BAD_REQUEST, "7400", "이름과 태명은 1-20자여야 합니다.", "A name has 1 to 20 characters."),
            Self::ChildDate => row(S::BAD_REQUEST, "7401", "예정일 또는 생일이 올바르지 않습니다.", "The due date or birth date is not valid."),
            Self::Gender => row(S::BAD_REQUEST, "7402", "성별은 GIRL, BOY 중 하나여야 합니다.", "A gender is GIRL or BOY."),
            Self::ChildStatus => row(S::BAD_REQUEST, "7403", "상태는 FETAL, BORN 중 하나여야 합니다.", "A status is FETAL or BORN."),
            Self::NoSuchChild => row(S::NOT_FOUND, "7404", "존재하지 않는 아이입니다.", "There is no such child."),
            Self::TooManyChildren => row(S::CONFLICT, "7405", "아이는 20명까지 등록할 수 있습니다.", "A couple has up to 20 children here."),
            Self::TooManyDueDates => row(S::CONFLICT, "7406", "예정일은 100번까지 바꿀 수 있습니다.", "A due date can be revised up to 100 times."),

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

    /// How long the file is of which no part was asked for (RFC 9110, section 14.4).
    pub(crate) fn content_range(&self) -> Option<HeaderValue> {
        let Self::NoSuchRange { size } = self else { return None };
        HeaderValue::try_from(format!("bytes */{size}")).ok()
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

impl Error {
    /// One of each, in the order of the table.
    pub(crate) fn every() -> Vec<Self> {
        use Error::*;
        vec![
            Missing,
            Invalid,
            NoFile,
            CrossSite,
            NoSuchPath,
            WrongMethod,
            TooSlow,
            TooLarge,
            WrongType,
            NoSuchRange { size: 1 },
            TooMany { retry_after_s: 1 },
            Internal(anyhow::anyhow!("?")),
            Database(rusqlite::Error::InvalidQuery),
            Stopping,
            SignedOut,
            BadLoginLink,
            LoginLinkWaits,
            SessionExpired,
            GuestsMayNot,
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
            NothingToRescue,
            ScheduleDate,
            Color,
            Completed,
            ScheduleNumber,
            NoSuchSchedule,
            TooManySchedules,
            HasSpouse,
            BadInvite,
            OwnInvite,
            NoCouple,
            Waiting,
            NoSuchCandidate,
            Alone,
            Parting,
            TooMuchTogether,
            PageLimit,
            NotYours,
            NoSuchRoom,
            TextLength,
            TooManyMembers,
            TooFast,
            NoSuchMedia,
            HasPoster,
            TooManyRooms,
            RoomTitle,
            TooManyInvites,
            Emoji,
            TooManyReactions,
            QueryLength,
            BroughtTooOften,
            GuestStorage,
            Archived,
            ChildName,
            ChildDate,
            Gender,
            ChildStatus,
            NoSuchChild,
            TooManyChildren,
            TooManyDueDates,
            SetupCode,
            AlreadySetUp,
            DiskFull,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documents_says_the_same_as_the_table() {
        let rows = Error::every().into_iter().map(|error| {
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
        let mut codes: Vec<&str> = Error::every().iter().map(|error| error.entry().code).collect();
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
