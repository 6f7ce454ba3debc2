//! The programs that the checks need, installed when a machine does not have them.

use std::process::{Command, Stdio};

use crate::{
    command::{cargo, must},
    error::Error,
};

/// A cargo subcommand that the checks call.
pub(crate) struct Tool {
    subcommand: &'static str,
    source: Source,
}

enum Source {
    /// A component of the toolchain.
    Rustup,
    /// A crate: building one takes minutes, so one that is there is taken whatever its version.
    Crate { version: &'static str },
}

pub(crate) const RUSTFMT: Tool = Tool { subcommand: "fmt", source: Source::Rustup };
pub(crate) const CLIPPY: Tool = Tool { subcommand: "clippy", source: Source::Rustup };
pub(crate) const NEXTEST: Tool = Tool { subcommand: "nextest", source: Source::Crate { version: "0.9.143" } };
pub(crate) const DENY: Tool = Tool { subcommand: "deny", source: Source::Crate { version: "0.20.2" } };

/// Installs a tool if it is missing.
///
/// # Errors
///
/// Those of the installer.
pub(crate) fn provide(tool: &Tool) -> Result<(), Error> {
    if is_there(tool) {
        return Ok(());
    }
    println!("cargo {} is missing and is installed now", tool.subcommand);
    match tool.source {
        Source::Rustup => {
            let component = match tool.subcommand {
                "fmt" => "rustfmt",
                other => other,
            };
            must("install", Command::new("rustup").args(["component", "add", component]))
        }
        Source::Crate { version } => {
            let package = format!("cargo-{}", tool.subcommand);
            must("install", &mut cargo(&["install", "--locked", "--version", version, &package]))
        }
    }
}

/// A rustup proxy stands in the path even without its component, so only a run tells.
fn is_there(tool: &Tool) -> bool {
    cargo(&[tool.subcommand, "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
