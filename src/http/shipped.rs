//! What of the web app's files goes over the line. The build script uses it for a release, the server for a debug build.

use std::borrow::Cow;

/// The page that calls all others, and the worker, which keeps its address whatever build it is of.
pub(crate) const PAGE: &str = "index.html";
pub(crate) const WORKER: &str = "sw.js";

/// Scripts and stylesheets call each other by relative addresses. Under their version those are of one build.
pub(crate) fn is_part(name: &str) -> bool {
    name != WORKER && [".js", ".mjs", ".css"].iter().any(|ending| name.ends_with(ending))
}

/// The page, asking for the parts of this build.
pub(crate) fn paged<'a>(text: &str, version: &str, names: impl Iterator<Item = &'a str>) -> String {
    names.filter(|name| is_part(name)).fold(text.to_owned(), |page, name| {
        page.replace(&format!("\"/{name}\""), &format!("\"/@{version}/{name}\""))
    })
}

/// Scripts and stylesheets of ours lose their comments and indentation, which only readers of the source need. Lines stay
/// lines, so that an error names its place in the source.
pub(crate) fn shipped<'a>(name: &str, content: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
    let is_ours = !name.starts_with("vendor/") && (name.ends_with(".js") || name.ends_with(".css"));
    match std::str::from_utf8(&content) {
        Ok(text) if is_ours => Cow::Owned(uncommented(text).into_bytes()),
        _ => content,
    }
}

/// Without comments that have lines of their own, and without types between code.
fn uncommented(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_comment = false;
    for line in text.lines() {
        let code = match line.find("*/") {
            Some(end) if is_comment => {
                is_comment = false;
                untyped(&line[end + 2..])
            }
            _ if is_comment || line.trim_start().starts_with("//") => String::new(),
            None if line.trim_start().starts_with("/*") => {
                is_comment = true;
                String::new()
            }
            _ => untyped(line),
        };
        kept.push_str(code.trim());
        kept.push('\n');
    }
    kept
}

/// One line without `/** … */`, and without any comment that it begins with.
fn untyped(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((start, end)) = next_comment(rest, kept.trim_start().is_empty()) {
        kept.push_str(&rest[..start]);
        rest = rest[end..].strip_prefix(' ').unwrap_or(&rest[end..]);
    }
    kept + rest
}

/// Where the next comment begins and ends.
fn next_comment(line: &str, is_first: bool) -> Option<(usize, usize)> {
    let start = match line.find("/** ") {
        _ if is_first && line.trim_start().starts_with("/*") => line.find("/*")?,
        found => found?,
    };
    Some((start, start + line[start..].find("*/")? + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(source: &str) -> String {
        String::from_utf8_lossy(&shipped("chat/page.js", source.as_bytes().into())).into_owned()
    }

    #[test]
    fn comments_go_and_lines_stay() {
        let cases = [
            ("// head\nlet a = 1;\n", "\nlet a = 1;\n"),
            ("/**\n * what\n */\nlet a;\n", "\n\n\nlet a;\n"),
            ("/** one @type {A} */\nlet a;\n", "\nlet a;\n"),
            ("  /** @type {A} */ (b).c();\n", "(b).c();\n"),
            ("f((/** @type {A} */ a, /** @type {B} */ b) => a);\n", "f((a, b) => a);\n"),
            ("/* two\n   lines */ let a;\n", "\nlet a;\n"),
        ];
        for (source, expected) in cases {
            assert_eq!(script(source), expected, "{source}");
        }
    }

    #[test]
    fn the_page_asks_for_the_parts_of_its_build_and_for_nothing_else_under_it() {
        let names = ["app.js", "chat/app.js", "style/base.css", "sw.js", "icons/icon.svg"];
        let page = r#"<a href="/app.js"><a href="/chat/app.js"><a href="/style/base.css"><a href="/sw.js"><a href="/icons/icon.svg">"#;
        let expected = r#"<a href="/@1a/app.js"><a href="/@1a/chat/app.js"><a href="/@1a/style/base.css"><a href="/sw.js"><a href="/icons/icon.svg">"#;
        assert_eq!(paged(page, "1a", names.into_iter()), expected);
    }

    #[test]
    fn what_only_looks_like_a_comment_stays() {
        let cases = [
            "const PHOTOS = 'image/*,video/*';\n",
            "const home = 'https://example.org/'; // remarked\n",
            "return html`<${Page}>\n<//>`;\n",
            "try { act(); } catch { /* it may */ }\n",
        ];
        for source in cases {
            assert_eq!(script(source), source);
        }
        let licence = "/** its licence */ export {};\n";
        assert_eq!(shipped("vendor/x.js", licence.as_bytes().into()), licence.as_bytes());
    }
}
