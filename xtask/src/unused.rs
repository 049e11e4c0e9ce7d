//! Dependencies that a manifest lists and no source file names.

use std::fs;
use std::path::Path;

use crate::error::{Doing, Result};
use crate::metadata::{Metadata, Package};

/// One sentence for each dependency of our crates that nothing names.
///
/// Looks for the name as a whole word outside of comments, so it may miss an
/// unused one but never accuses a used one.
pub(crate) fn find(metadata: &Metadata) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for member in metadata.members() {
        let mut source = String::new();
        read_sources(member.folder(), &mut source)?;
        for dependency in &member.dependencies {
            let package = metadata.packages.iter().find(|package| package.name == dependency.name);
            let word = match &dependency.rename {
                Some(rename) => rename.replace('-', "_"),
                None => package
                    .and_then(Package::library)
                    .unwrap_or_else(|| dependency.name.replace('-', "_")),
            };
            if !names(&source, &word) && !member.keeps_unused(&dependency.name) {
                findings
                    .push(format!("{} lists {} and does not use it", member.name, dependency.name));
            }
        }
    }
    Ok(findings)
}

fn read_sources(folder: &Path, source: &mut String) -> Result<()> {
    let reading = || format!("read {}", folder.display());
    for entry in fs::read_dir(folder).doing(reading())? {
        let path = entry.doing(reading())?.path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            read_sources(&path, source)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).doing(format_args!("read {}", path.display()))?;
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                source.push_str(line);
                source.push('\n');
            }
        }
    }
    Ok(())
}

fn names(source: &str, word: &str) -> bool {
    let part_of_word = |neighbour: char| neighbour.is_alphanumeric() || neighbour == '_';
    source.match_indices(word).any(|(at, _)| {
        let before = source.get(..at).and_then(|text| text.chars().next_back());
        let after = source.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_count_as_a_use() {
        assert!(names("use hex::encode;", "hex"));
        assert!(names("#[tokio::main]", "tokio"));
        assert!(!names("let hexes = tokio_util();", "hex"));
        assert!(!names("let hexes = tokio_util();", "tokio"));
    }

    #[test]
    fn comments_are_not_a_use() {
        let folder = tempfile::tempdir().unwrap();
        let nested = folder.path().join("src");
        fs::create_dir(&nested).unwrap();
        fs::write(nested.join("lib.rs"), "//! hex\nuse bytes::Bytes;\n").unwrap();
        let mut source = String::new();
        read_sources(folder.path(), &mut source).unwrap();
        assert!(names(&source, "bytes"));
        assert!(!names(&source, "hex"));
    }
}
