//! Time zones by name, out of the database that comes with the program and of no other: many a machine's lacks names
//! that browsers send (Asia/Calcutta, Europe/Kiev), and a file of this machine means nothing on the next.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Where most of our couples live.
const DEFAULT: &str = "Asia/Seoul";

/// The zone of this name, if there is one.
pub(crate) fn by_name(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The zone that was kept under this name. Where this version does not know it, the clocks are the server's: a calendar
/// may be off by hours until its people choose another, but it is there.
pub(crate) fn kept(name: &str) -> TimeZone {
    by_name(name).unwrap_or_else(of_the_server)
}

/// The server's zone; where that is UTC, as in containers, or has no name, Seoul's.
pub(crate) fn of_the_server() -> TimeZone {
    let system = TimeZone::try_system().ok();
    let name = system.as_ref().and_then(TimeZone::iana_name).filter(|name| !is_nowhere(name));
    name.and_then(by_name).or_else(|| by_name(DEFAULT)).unwrap_or(TimeZone::UTC)
}

fn is_nowhere(name: &str) -> bool {
    matches!(name, "UTC" | "Etc/UTC" | "Etc/Unknown" | "GMT")
}
