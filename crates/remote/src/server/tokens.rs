//! Who may do what: tokens, of which a server keeps hashes only.
//!
//! A token reads `anb_ID_SECRET`. The file has a line for each: id, scope, databases (`*` for all), when it was made, the
//! hash of the secret, and a name for people. Secrets are 256 random bits, so that a fast hash protects them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The BLAKE3 derive-key context of the hash of a secret.
const CONTEXT: &str = "anabranch 2026 token v1";
/// How often the file is looked at while requests come in.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Reading, and following changes.
    Read,
    /// Adding definitions, blobs and commits too.
    Write,
    /// Removing commits and blobs too.
    Admin,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        })
    }
}

impl FromStr for Scope {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "admin" => Ok(Self::Admin),
            other => Err(TokenError::Scope { text: other.to_owned() }),
        }
    }
}

/// What can go wrong with tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// A scope is none.
    #[error("`{text}` is not a scope; the scopes are read, write and admin")]
    Scope {
        /// What was given.
        text: String,
    },
    /// A name cannot stand in the file.
    #[error("`{text}` cannot be the {what}; leave out spaces, commas and line breaks")]
    Name {
        /// What it was to be the name of.
        what: &'static str,
        /// What was given.
        text: String,
    },
    /// There is no such token.
    #[error("there is no token {id} in {}; list them with `token ls`", path.display())]
    Unknown {
        /// The id that was given.
        id: String,
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("the token file {}: {source}; check the path and its permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line of the file is no token.
    #[error("line {line} of the token file {} is no token; remove it, or restore the file", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The system gave no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

/// One token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Names it, in the file and at the start of the token.
    pub id: String,
    /// What it allows.
    pub scope: Scope,
    /// The databases that it opens; all of them, if there are none.
    pub databases: Vec<String>,
    /// When it was made: milliseconds since the epoch.
    pub created: i64,
    /// What people call it; may be empty.
    pub name: String,
    hash: blake3::Hash,
}

impl Token {
    /// Whether it opens this database.
    pub fn opens(&self, database: &str) -> bool {
        self.databases.is_empty() || self.databases.iter().any(|name| name == database)
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.splitn(6, ' ');
        let id = words.next().filter(|id| is_id(id))?.to_owned();
        let scope = words.next()?.parse().ok()?;
        let databases = match words.next()? {
            "*" => Vec::new(),
            names => names.split(',').map(str::to_owned).collect(),
        };
        let created = words.next()?.parse().ok()?;
        let hash = blake3::Hash::from_hex(words.next()?).ok()?;
        Some(Self { id, scope, databases, created, hash, name: words.next().unwrap_or("").to_owned() })
    }

    fn line(&self) -> String {
        let databases = if self.databases.is_empty() { "*".to_owned() } else { self.databases.join(",") };
        let Self { id, scope, created, hash, name, .. } = self;
        format!("{id} {scope} {databases} {created} {} {name}", hash.to_hex()).trim_end().to_owned()
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash_of(secret: &str) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key(CONTEXT, secret.as_bytes()))
}

/// The tokens of a file.
#[derive(Clone, Debug)]
pub struct TokenFile {
    path: PathBuf,
    tokens: BTreeMap<String, Token>,
}

impl TokenFile {
    /// Reads a token file.
    ///
    /// # Errors
    /// When it cannot be read or a line is no token.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TokenError> {
        let path = path.into();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(TokenError::File { path, source }),
        };
        let mut tokens = BTreeMap::new();
        for (place, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some(token) = Token::read(line) else {
                return Err(TokenError::Line { path, line: place + 1 });
            };
            tokens.insert(token.id.clone(), token);
        }
        Ok(Self { path, tokens })
    }

    /// As [`Self::open`]; a file that is not there yet has no tokens.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_or_new(path: impl Into<PathBuf>) -> Result<Self, TokenError> {
        match Self::open(path) {
            Err(TokenError::File { path, source }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(Self { path, tokens: BTreeMap::new() })
            }
            opened => opened,
        }
    }

    /// The tokens, by id.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values()
    }

    /// Adds a token and gives it, the only time that it is seen whole: the file keeps a hash.
    ///
    /// # Errors
    /// When a name cannot stand in the file, or it cannot be written.
    pub fn add(&mut self, scope: Scope, databases: &[String], name: &str) -> Result<String, TokenError> {
        for text in databases {
            if text.is_empty() || text == "*" || text.contains([' ', ',', '\n', '\r']) {
                return Err(TokenError::Name { what: "name of a database", text: text.clone() });
            }
        }
        if name.contains(['\n', '\r']) {
            return Err(TokenError::Name { what: "name of a token", text: name.to_owned() });
        }
        let mut random = [0; 36];
        let id = loop {
            getrandom::fill(&mut random).map_err(TokenError::Random)?;
            let id = hex(&random[..4]);
            if !self.tokens.contains_key(&id) {
                break id;
            }
        };
        let secret = hex(&random[4..]);
        let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let token = Token {
            id: id.clone(),
            scope,
            databases: databases.to_vec(),
            created: i64::try_from(created).unwrap_or(i64::MAX),
            name: name.trim().to_owned(),
            hash: hash_of(&secret),
        };
        self.tokens.insert(id.clone(), token);
        self.save()?;
        Ok(format!("anb_{id}_{secret}"))
    }

    /// Removes a token. A server that runs refuses it from then on.
    ///
    /// # Errors
    /// When there is none of this id, or the file cannot be written.
    pub fn revoke(&mut self, id: &str) -> Result<Token, TokenError> {
        let unknown = || TokenError::Unknown { id: id.to_owned(), path: self.path.clone() };
        let token = self.tokens.remove(id).ok_or_else(unknown)?;
        self.save()?;
        Ok(token)
    }

    /// Writes the file anew beside itself and puts it in place whole, readable by its owner only.
    fn save(&self) -> Result<(), TokenError> {
        let failed = |source| TokenError::File { path: self.path.clone(), source };
        let mut text = String::from(
            "# Tokens of an Anabranch server: id, scope, databases, made (ms), hash of the secret, name.\n",
        );
        for token in self.tokens.values() {
            text.push_str(&token.line());
            text.push('\n');
        }
        let mut beside = self.path.clone().into_os_string();
        beside.push(format!(".{}.new", std::process::id()));
        let beside = PathBuf::from(beside);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&beside, &self.path).map_err(failed)
    }

    /// The token that this text is, if it is one of the file.
    pub fn find(&self, text: &str) -> Option<&Token> {
        let (id, secret) = text.strip_prefix("anb_")?.split_once('_')?;
        let token = self.tokens.get(id)?;
        // Hashes compare in constant time.
        (hash_of(secret) == token.hash).then_some(token)
    }
}

/// The tokens of a file that changes while the server runs.
#[derive(Debug)]
pub(crate) struct LiveTokens {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    looked: Instant,
    stamp: Option<Stamp>,
    /// None while the file cannot be read: then nobody gets in.
    file: Option<TokenFile>,
}

/// Tells one version of the file from another.
type Stamp = (SystemTime, u64, u64);

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Some((metadata.modified().ok()?, metadata.len(), inode))
}

impl LiveTokens {
    pub(crate) fn open(path: &Path) -> Result<Self, TokenError> {
        let stamp = stamp(path);
        let file = TokenFile::open(path)?;
        let known = Mutex::new(Known { looked: Instant::now(), stamp, file: Some(file) });
        Ok(Self { path: path.to_owned(), known })
    }

    /// The token that this text is, by the file as it is now.
    pub(crate) fn find(&self, text: &str) -> Option<Token> {
        // What is known is replaced in one step: a panic elsewhere leaves it whole.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.looked.elapsed() >= LOOK_AGAIN {
            known.looked = Instant::now();
            let present = stamp(&self.path);
            if present != known.stamp || known.file.is_none() {
                known.stamp = present;
                known.file = TokenFile::open(&self.path)
                    .inspect_err(
                        |error| tracing::error!(%error, "nobody gets in until the token file is readable"),
                    )
                    .ok();
            }
        }
        known.file.as_ref()?.find(text).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_knows_a_token_again_and_holds_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let mut file = TokenFile::open_or_new(&path).unwrap();
        let text = file.add(Scope::Write, &["studio".to_owned()], "the build server").unwrap();
        let again = TokenFile::open(&path).unwrap();
        let token = again.find(&text).unwrap();
        assert_eq!((token.scope, token.name.as_str()), (Scope::Write, "the build server"));
        assert!(token.opens("studio") && !token.opens("other"));
        let secret = text.rsplit('_').next().unwrap();
        assert!(!fs::read_to_string(&path).unwrap().contains(secret));
        for wrong in ["", "anb_", &text[..text.len() - 1], &format!("{text}0"), secret] {
            assert!(again.find(wrong).is_none(), "{wrong}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_revoked_token_is_refused_while_the_file_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let mut file = TokenFile::open_or_new(&path).unwrap();
        let first = file.add(Scope::Read, &[], "").unwrap();
        let live = LiveTokens::open(&path).unwrap();
        assert!(live.find(&first).is_some());
        let second = file.add(Scope::Admin, &[], "").unwrap();
        file.revoke(&first[4..12]).unwrap();
        std::thread::sleep(LOOK_AGAIN);
        assert!(live.find(&first).is_none());
        assert_eq!(live.find(&second).unwrap().scope, Scope::Admin);
        fs::write(&path, "what is this\n").unwrap();
        std::thread::sleep(LOOK_AGAIN);
        assert!(live.find(&second).is_none(), "a file that cannot be read lets nobody in");
        assert!(matches!(TokenFile::open(&path), Err(TokenError::Line { line: 1, .. })));
    }
}
