//! What an import says in the end, and its exit code.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use rollbook_domain::{Import, ImportStatus};

use super::ImportCommand;
use super::refused::RefusedFile;

/// What is said in the end.
pub(super) struct Summary<'a> {
    pub(super) command: &'a ImportCommand,
    pub(super) refused: &'a RefusedFile,
    /// When this run began, and how many users were in already.
    pub(super) since: Option<(Instant, i64)>,
    /// The key of the instance, if nobody was told it yet.
    pub(super) new_key: Option<&'a str>,
}

impl Summary<'_> {
    /// Prints what became of the import; 0 if every row went in.
    pub(super) fn print(&self, import: &Import) -> ExitCode {
        if self.command.json {
            self.print_json(import);
        } else {
            self.print_text(import);
        }
        let all = import.refused == 0 && import.status == ImportStatus::Completed;
        if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn print_json(&self, import: &Import) {
        let mut body = serde_json::json!({
            "id": import.id,
            "dry_run": self.command.dry_run,
            "status": import.status.as_str(),
            "format": import.format,
            "accepted": import.accepted,
            "refused": import.refused,
            "refused_file": self.refused_path(import),
        });
        if let (Some(key), Some(members)) = (self.new_key, body.as_object_mut()) {
            members.insert("secret_key".to_owned(), key.into());
        }
        println!("{body}");
    }

    fn print_text(&self, import: &Import) {
        let refused = self.refused_path(import).map_or_else(String::new, |path| {
            format!(", {} rows refused: see {}", import.refused, path.display())
        });
        let took = self.since.map_or_else(String::new, |(since, before)| {
            let seconds = since.elapsed().as_secs_f64();
            format!(" ({} in {seconds:.1} s)", import.accepted - before)
        });
        let end = match import.status {
            ImportStatus::Cancelled => "; cancelled before the end",
            ImportStatus::Running | ImportStatus::Completed | ImportStatus::Failed => "",
        };
        let done = if self.command.dry_run { "would be imported" } else { "imported" };
        println!("{} users {done}{refused}{took}{end}", import.accepted);
    }

    fn refused_path(&self, import: &Import) -> Option<&Path> {
        self.refused.path().filter(|_| import.refused > 0)
    }
}
