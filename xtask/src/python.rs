//! `cargo xtask python`: the Python package, built, installed and checked as its users get it.
//!
//! Everything happens in a virtual environment under the target folder, which is made the first time and kept.

use std::{path::PathBuf, process::Command};

use crate::{
    command::{must, root, step},
    error::Error,
    tally::Tally,
};

/// What is installed beside the package. A change makes the environment anew.
const REQUIREMENTS: &[&str] = &[
    "maturin==1.16.*",
    "hypothesis==6.*",
    "mypy==2.*",
    "numpy==2.*",
    "pandas",
    "pyarrow",
    "pytest==9.*",
    "pytest-xdist==3.*",
];

/// Which Python the package is for.
const CHECK_VERSION: &str = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))";

/// Builds the wheel, installs it, runs the tests on what was installed, and checks the types of all of it.
///
/// `filter` goes to pytest as it stands.
///
/// # Errors
///
/// When there is no Python to run, or a step fails.
pub(crate) fn run(filter: &[String], tally: &mut Tally) -> Result<(), Error> {
    let folder = root().join("crates").join("python");
    let environment = Environment::provide()?;
    let wheels = environment.folder.join("wheels");
    // Wheels of other versions would be installed in place of this one.
    if wheels.exists() {
        std::fs::remove_dir_all(&wheels)
            .map_err(|source| Error::Start { command: format!("rm {}", wheels.display()), source })?;
    }
    let mut build = environment.program("maturin");
    build.args(["build", "--quiet", "--profile", "dev", "--out"]).arg(&wheels);
    must("wheel", build.current_dir(&folder))?;
    let mut install = environment.python();
    install.args(["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", "--no-index"]);
    install.args(["--find-links"]).arg(&wheels).arg("anabranch");
    must("install", &mut install)?;

    let mut pytest = environment.python();
    pytest.args(["-m", "pytest", "-q", "-n", "2"]).args(filter).current_dir(&folder);
    let finished = step("pytest", &mut pytest)?;
    *tally += Tally::of_pytest(&finished.output);
    finished.succeeded()?;
    if filter.is_empty() {
        let mut mypy = environment.python();
        must("mypy", mypy.args(["-m", "mypy"]).current_dir(&folder))?;
        let mut stubtest = environment.python();
        stubtest.args(["-m", "mypy.stubtest", "anabranch", "--allowlist", "stubtest.txt"]);
        stubtest.args(["--mypy-config-file", "pyproject.toml", "--ignore-unused-allowlist"]);
        must("stubtest", stubtest.current_dir(&folder))?;
    }
    Ok(())
}

/// A virtual environment with what the checks need.
struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The environment, made if it is not there or was made for other requirements.
    fn provide() -> Result<Self, Error> {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        let environment = Self { folder: root().join(target).join("python") };
        let stamp = environment.folder.join("requirements.txt");
        let wanted = REQUIREMENTS.join("\n");
        if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(environment);
        }
        let python = python()?;
        println!("an environment for Python is made now, in {}", environment.folder.display());
        must("venv", Command::new(python).args(["-m", "venv", "--clear"]).arg(&environment.folder))?;
        let mut install = environment.python();
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(REQUIREMENTS);
        must("pip", &mut install)?;
        std::fs::write(&stamp, wanted)
            .map_err(|source| Error::Start { command: format!("write {}", stamp.display()), source })?;
        Ok(environment)
    }

    fn bin(&self) -> PathBuf {
        self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin().join(name));
        // The library must not be built against another interpreter that happens to be in the path.
        command.env("PYO3_PYTHON", self.bin().join("python")).env("VIRTUAL_ENV", &self.folder);
        command
    }

    fn python(&self) -> Command {
        let mut command = self.program("python");
        // As little as possible of the machine's own.
        command.env_remove("PYTHONPATH").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// A Python of 3.10 or newer that can make environments.
fn python() -> Result<PathBuf, Error> {
    let given = std::env::var_os("PYTHON").map(PathBuf::from);
    let candidates = given.into_iter().chain(["python3", "python"].map(PathBuf::from));
    let is_right = |candidate: &PathBuf| {
        let run = Command::new(candidate).args(["-c", CHECK_VERSION]).output();
        run.is_ok_and(|output| output.status.success())
    };
    candidates.into_iter().find(is_right).ok_or(Error::NoPython)
}
