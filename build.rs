//! Puts the web app into a release: each file as it is shipped and, where that helps, compressed beside it.
//!
//! A debug build reads `assets/` from disk and needs none of this.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

#[path = "src/http/shipped.rs"]
mod shipped;

/// Less than this much smaller is not worth a second copy.
const WORTH_PERCENT: usize = 95;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/http/shipped.rs");
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "debug") {
        return Ok(());
    }
    println!("cargo::rerun-if-changed=assets");
    let variable = |name| std::env::var_os(name).map(PathBuf::from).unwrap_or_default();
    let to = variable("OUT_DIR").join("app");
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    let mut files = BTreeMap::new();
    read(&variable("CARGO_MANIFEST_DIR").join("assets"), "", &mut files)?;
    // As the server reckons it for a debug build (src/http/assets.rs).
    let hashes: Vec<u8> = files.values().flat_map(Sha256::digest).collect();
    let version: String =
        Sha256::digest(&hashes)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=APP_VERSION={version}");
    for (name, content) in &files {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&to))?;
        if name == shipped::PAGE {
            let page = String::from_utf8_lossy(content);
            let page = shipped::paged(&page, &version, files.keys().map(String::as_str));
            write(&path, name, page.as_bytes())?;
        } else {
            write(&path, name, content)?;
        }
    }
    Ok(())
}

/// Reads what lies in the folder `within` of `assets`, as it is shipped.
fn read(assets: &Path, within: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(assets.join(within))? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let name = format!("{within}{}", name.to_string_lossy());
        if path.is_dir() {
            read(assets, &format!("{name}/"), files)?;
        // The others are for the type checker alone.
        } else if !name.ends_with(".d.ts") && !name.ends_with(".d.mts") {
            let content = shipped::shipped(&name, fs::read(&path)?.into()).into_owned();
            files.insert(name, content);
        }
    }
    Ok(())
}

/// A file and, where that helps, its compressed copies.
fn write(path: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    fs::write(path, content)?;
    if is_text(name) {
        let copy = |kind: &str| PathBuf::from(format!("{}.{kind}", path.display()));
        write_if_smaller(&copy("br"), brotli(content)?, content.len())?;
        write_if_smaller(&copy("gz"), gzip(content)?, content.len())?;
    }
    Ok(())
}

fn is_text(name: &str) -> bool {
    let kind = name.rsplit('.').next().unwrap_or_default();
    ["html", "css", "js", "mjs", "svg", "webmanifest"].contains(&kind)
}

fn write_if_smaller(path: &Path, compressed: Vec<u8>, plain: usize) -> io::Result<()> {
    if compressed.len() * 100 < plain * WORTH_PERCENT {
        fs::write(path, compressed)?;
    }
    Ok(())
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
