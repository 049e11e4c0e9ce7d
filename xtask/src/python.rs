//! Virtual environments, made once for each state of their list of packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Doing, Error, Result};
use crate::process::output;

/// A virtual environment with everything on its list installed.
#[derive(Debug)]
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Its interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// A program that one of its packages installs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}

/// The environment in `folder` for the packages listed in `requirements`.
///
/// Made anew when the list or the interpreter is not the one it was made for.
pub(crate) fn environment(folder: &Path, requirements: &Path) -> Result<Environment> {
    let wanted =
        fs::read_to_string(requirements).doing(format_args!("read {}", requirements.display()))?;
    let version = output(Command::new("python3").arg("-VV"))
        .map_err(|error| Error::new(format!("Python 3 is needed as `python3`: {error}")))?;
    let made = Environment { folder: folder.to_path_buf() };
    once(folder, &format!("{version}{wanted}"), || {
        output(Command::new("python3").args(["-m", "venv"]).arg(folder)).map_err(|error| {
            Error::new(format!(
                "no virtual environment (some distributions ship `venv` apart): {error}"
            ))
        })?;
        let mut pip = Command::new(made.python());
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ]);
        output(pip.arg(requirements)).map(drop)
    })?;
    Ok(made)
}

/// Makes `folder` from nothing, unless it was made from the same `inputs` before.
pub(crate) fn once(folder: &Path, inputs: &str, make: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = folder.join("made-from.txt");
    if fs::read_to_string(&stamp).is_ok_and(|previous| previous == inputs) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format_args!("empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).doing(format_args!("make {}", folder.display()))?;
    make()?;
    fs::write(&stamp, inputs).doing(format_args!("write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_again_only_when_its_inputs_change_or_it_failed() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("made");
        let attempt = |inputs: &str, good: bool| {
            let mut ran = false;
            let result = once(&folder, inputs, || {
                ran = true;
                if good { Ok(()) } else { Err(Error::new("no")) }
            });
            (ran, result.is_ok())
        };
        assert_eq!(attempt("one", false), (true, false));
        assert_eq!(attempt("one", true), (true, true));
        assert_eq!(attempt("one", true), (false, true));
        assert_eq!(attempt("two", true), (true, true));
    }
}
