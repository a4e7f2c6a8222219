//! What is looked for, and where it stands in a text: as people read, not as phones spell.
//!
//! A word of the search stands in a text where its characters stand in a row. Large and small letters are the same, so
//! are composed and decomposed ones, and a bare initial (ㅂ) stands for each syllable that begins with it (병).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use unicode_normalization::char::{compose, decompose_canonical};
use utoipa::ToSchema;

use super::card::Card;
use crate::error::{Error, Result};

/// Characters of a search.
const QUERY_MAX_CHARS: usize = 100;
/// Places in one text that are marked.
const MARKS_MAX: usize = 50;
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];
/// What a keyboard makes of two initials that are typed one after the other.
const CLUSTERS: [(char, [char; 2]); 11] = [
    ('ㄳ', ['ㄱ', 'ㅅ']),
    ('ㄵ', ['ㄴ', 'ㅈ']),
    ('ㄶ', ['ㄴ', 'ㅎ']),
    ('ㄺ', ['ㄹ', 'ㄱ']),
    ('ㄻ', ['ㄹ', 'ㅁ']),
    ('ㄼ', ['ㄹ', 'ㅂ']),
    ('ㄽ', ['ㄹ', 'ㅅ']),
    ('ㄾ', ['ㄹ', 'ㅌ']),
    ('ㄿ', ['ㄹ', 'ㅍ']),
    ('ㅀ', ['ㄹ', 'ㅎ']),
    ('ㅄ', ['ㅂ', 'ㅅ']),
];
const SYLLABLES: std::ops::RangeInclusive<char> = '가'..='힣';
const SYLLABLES_PER_INITIAL: u32 = 588;
/// The initials as parts of a decomposed syllable.
const BARE_INITIALS: std::ops::RangeInclusive<char> = '\u{1100}'..='\u{1112}';
/// What follows an initial in a decomposed syllable.
const BARE_REST: std::ops::RangeInclusive<char> = '\u{1160}'..='\u{11ff}';
/// Where no letter is: what the index takes for a gap between pieces is moved there.
const PRIVATE_USE: u32 = 0xe000;

/// What somebody looks for: words that must all be there.
pub(super) struct Needle(Vec<Vec<char>>);

/// A place of the text, in the units by which phones count: UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub(super) struct Mark {
    #[schema(examples(0))]
    start: usize,
    /// Behind its last unit.
    #[schema(examples(2))]
    end: usize,
}

impl Needle {
    /// The words of `query`; at least one of them must have two characters, or be an emoji.
    pub(super) fn of(query: &str) -> Result<Self> {
        if query.chars().nth(QUERY_MAX_CHARS).is_some() {
            return Err(Error::QueryLength);
        }
        let needle = Self(words(&folded(query)).map(letters).collect());
        if needle.pieces().is_empty() { Err(Error::QueryLength) } else { Ok(needle) }
    }

    /// What the index is asked: all pieces that a text with these words has.
    pub(super) fn match_expression(&self) -> String {
        let quoted: Vec<_> = self.pieces().iter().map(|piece| format!("\"{piece}\"")).collect();
        quoted.join(" AND ")
    }

    fn pieces(&self) -> BTreeSet<String> {
        let mut pieces = BTreeSet::new();
        for word in &self.0 {
            for pair in word.windows(2) {
                let is_vague = pair.iter().any(|letter| INITIALS.contains(letter));
                pieces.insert(if is_vague { piece(pair, initial) } else { piece(pair, same) });
            }
            insert_emoji(word, &mut pieces);
        }
        pieces
    }

    /// Where the words stand in the text, in order; none unless all of them do.
    pub(super) fn marks(&self, text: &str) -> Option<Vec<Mark>> {
        let spots = folded(text);
        let mut marks = Vec::new();
        for word in &self.0 {
            let before = marks.len();
            let mut at = 0;
            while let Some(found) = find(&spots[at..], word) {
                let (first, last) = (spots[at + found], spots[at + found + word.len() - 1]);
                marks.push(Mark { start: first.start, end: last.end });
                at += found + word.len();
                if marks.len() - before == MARKS_MAX {
                    break;
                }
            }
            if marks.len() == before {
                return None;
            }
        }
        Some(merged(marks))
    }
}

/// What can be found in a message: a text, a file's name, a card's title.
pub(super) fn said<'a>(kind: &str, content: &'a str) -> Cow<'a, str> {
    match kind {
        "TEXT" | "FILE" => Cow::Borrowed(content),
        "SCHEDULE" => serde_json::from_str(content)
            .map_or(Cow::Borrowed(""), |card: Card| Cow::Owned(card.title)),
        _ => Cow::Borrowed(""),
    }
}

/// The pieces by which the index finds a text, with a space between them.
pub(super) fn pieces(text: &str) -> String {
    let mut pieces = BTreeSet::new();
    for word in words(&folded(text)).map(letters) {
        for pair in word.windows(2) {
            pieces.insert(piece(pair, same));
            pieces.insert(piece(pair, initial));
        }
        insert_emoji(&word, &mut pieces);
    }
    pieces.into_iter().collect::<Vec<_>>().join(" ")
}

/// An emoji says something alone.
fn insert_emoji(word: &[char], pieces: &mut BTreeSet<String>) {
    pieces.extend(word.iter().filter(|letter| **letter > '\u{ffff}').map(char::to_string));
}

fn piece(pair: &[char], form: fn(char) -> char) -> String {
    let kept = |letter: char| match letter.is_ascii() && !letter.is_ascii_alphanumeric() {
        true => char::from_u32(PRIVATE_USE + letter as u32).unwrap_or(letter),
        false => letter,
    };
    pair.iter().map(|letter| kept(form(*letter))).collect()
}

fn same(letter: char) -> char {
    letter
}

/// A syllable's initial; anything else is itself.
fn initial(letter: char) -> char {
    if !SYLLABLES.contains(&letter) {
        return letter;
    }
    let number = (letter as u32 - *SYLLABLES.start() as u32) / SYLLABLES_PER_INITIAL;
    INITIALS[number as usize]
}

/// A letter as it is compared, and where it stands.
#[derive(Clone, Copy)]
struct Spot {
    letter: char,
    start: usize,
    end: usize,
}

fn folded(text: &str) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::with_capacity(text.len());
    let mut start = 0;
    for written in text.chars() {
        let end = start + written.len_utf16();
        decompose_canonical(written, |part| match spots.last_mut() {
            Some(last) if let Some(whole) = syllable(last.letter, part) => {
                (last.letter, last.end) = (whole, end);
            }
            _ => {
                let letters = part.to_lowercase().flat_map(apart);
                spots.extend(letters.map(|letter| Spot { letter, start, end }));
            }
        });
        start = end;
    }
    for spot in spots.iter_mut().filter(|spot| BARE_INITIALS.contains(&spot.letter)) {
        spot.letter = INITIALS[(spot.letter as u32 - *BARE_INITIALS.start() as u32) as usize];
    }
    spots
}

/// Two initials in one character are two.
fn apart(letter: char) -> impl Iterator<Item = char> {
    let cluster = CLUSTERS.iter().find(|(cluster, _)| *cluster == letter);
    let [first, second] = cluster.map_or([Some(letter), None], |(_, initials)| initials.map(Some));
    first.into_iter().chain(second)
}

fn syllable(before: char, part: char) -> Option<char> {
    if BARE_REST.contains(&part) { compose(before, part) } else { None }
}

fn words(spots: &[Spot]) -> impl Iterator<Item = &[Spot]> {
    spots.split(|spot| spot.letter.is_whitespace()).filter(|word| !word.is_empty())
}

fn letters(word: &[Spot]) -> Vec<char> {
    word.iter().map(|spot| spot.letter).collect()
}

fn find(spots: &[Spot], word: &[char]) -> Option<usize> {
    spots.windows(word.len()).position(|window| {
        word.iter().zip(window).all(|(sought, spot)| stands_for(*sought, spot.letter))
    })
}

fn stands_for(sought: char, letter: char) -> bool {
    sought == letter || INITIALS.contains(&sought) && sought == initial(letter)
}

/// In order, with something between them.
fn merged(mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort();
    let mut merged: Vec<Mark> = Vec::new();
    for mark in marks {
        match merged.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            _ => merged.push(mark),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn marks(query: &str, text: &str) -> Option<Vec<(usize, usize)>> {
        let needle = Needle::of(query).expect("a query");
        let found = needle.marks(text);
        let indexed = pieces(text);
        let indexed: BTreeSet<&str> = indexed.split(' ').collect();
        let is_candidate = needle.pieces().iter().all(|piece| indexed.contains(piece.as_str()));
        assert!(is_candidate || found.is_none(), "the index misses {query} in {text}");
        found.map(|marks| marks.iter().map(|mark| (mark.start, mark.end)).collect())
    }

    #[test]
    fn words_stand_where_their_characters_do() {
        for (query, text, places) in [
            ("병원", "내일 병원에 가자", vec![(3, 5)]),
            ("ㅂㅇ", "내일 병원에 가자", vec![(3, 5)]),
            ("병ㅇ", "내일 병원에 가자", vec![(3, 5)]),
            ("ㅂ원에", "내일 병원에 가자", vec![(3, 6)]),
            ("원에", "병원에 병원에", vec![(1, 3), (5, 7)]),
            ("가자 내일", "내일 병원에 가자", vec![(0, 2), (7, 9)]),
            ("에 병원", "병원에", vec![(0, 3)]),
            ("ㅋㅋ", "ㅋㅋㅋ 크크", vec![(0, 2), (4, 6)]),
            ("ㅋ크", "ㅋ크", vec![(0, 2)]),
            ("까까", "까까 먹자", vec![(0, 2)]),
            ("ㄳ", "감사합니다", vec![(0, 2)]),
            ("ㄱㅅ", "ㄳ해요", vec![(0, 1)]),
            ("ㄳㄳ", "ㄱㅅㄳ!", vec![(0, 3)]),
            ("hello", "Say HELLO", vec![(4, 9)]),
            ("HELLO", "hello", vec![(0, 5)]),
            ("straße", "STRASSE Straße", vec![(8, 14)]),
            ("cafe", "Café", vec![(0, 4)]),
            ("👶", "우리 👶 아기", vec![(3, 5)]),
            ("아기", "👶👶아기", vec![(4, 6)]),
            ("\"*", "say \"*\"", vec![(4, 6)]),
            ("a\0b", "xa\0bx", vec![(1, 4)]),
            ("3시", "오후 3시에", vec![(3, 5)]),
            ("ㅇㅇ", "아이 아이", vec![(0, 2), (3, 5)]),
        ] {
            assert_eq!(marks(query, text), Some(places.clone()), "{query} in {text}");
            let decomposed: String = query.nfd().collect();
            assert_eq!(marks(&decomposed, text), Some(places), "decomposed {query} in {text}");
            let decomposed: String = text.nfd().collect();
            assert!(marks(query, &decomposed).is_some(), "{query} in decomposed {text}");
        }
        for (query, text) in [
            ("병원", "병 원"),
            ("ㅂㅇ", "방가"),
            ("병원", "ㅂㅇ"),
            ("ㄱㄱ", "까까"),
            ("병원 내일", "병원"),
            ("아기가", "아기 기가"),
            ("a_c", "abc"),
        ] {
            assert_eq!(marks(query, text), None, "{query} in {text}");
        }
    }

    #[test]
    fn a_search_has_two_characters_or_an_emoji_and_at_most_a_hundred() {
        for good in ["병원", "ㅂㅇ", "ㄳ", "👶", "\"\"", "밥 먹자", &"가".repeat(100)] {
            assert!(Needle::of(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "가", "ㅂ", "a", "a b", "\"", &"가".repeat(101)] {
            assert!(matches!(Needle::of(bad), Err(Error::QueryLength)), "{bad}");
        }
    }

    #[test]
    fn the_index_is_never_told_anything_but_pieces() {
        for text in ["\" OR 1", "NEAR(a b)", "pieces:a*", "^ab", "a\"b", "-ab", "가\u{0}나", "{ab}"]
        {
            let expression = Needle::of(text).expect("a query").match_expression();
            let db = crate::db::scratch();
            let insert = "insert into search_index (rowid, pieces) values (1, ?1)";
            db.execute(insert, [pieces(text)]).expect("indexed");
            let sql = "select count(*) from search_index where search_index match ?1";
            let count: i64 = db.query_row(sql, [&expression], |row| row.get(0)).expect("an answer");
            assert_eq!(count, 1, "{text}: {expression}");
        }
    }
}
